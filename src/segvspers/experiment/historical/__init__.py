"""Past sends whose variant nobody drew by chance: how alike the contacts were, and what is left of the lift."""

from segvspers.experiment.historical.compare import compare_historical, e_value
from segvspers.experiment.historical.comparison import HistoricalComparison

__all__ = ["HistoricalComparison", "compare_historical", "e_value"]
