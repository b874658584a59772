"""Reply rate against bits of personalization: as it stands, adjusted within a variant, and by the draw alone."""

from segvspers.experiment.dose.estimate import estimate_dose_response
from segvspers.experiment.dose.finding import DoseResponse

__all__ = ["DoseResponse", "estimate_dose_response"]
