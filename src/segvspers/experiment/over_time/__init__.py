"""Reply rates at one horizon although emails left at different times."""

from segvspers.experiment.over_time.compare import compare_over_time
from segvspers.experiment.over_time.comparison import OverTimeComparison

__all__ = ["OverTimeComparison", "compare_over_time"]
