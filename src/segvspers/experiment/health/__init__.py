"""Whether a test can be trusted, before its result is read."""

from segvspers.experiment.health.check import HealthReport, check_health

__all__ = ["HealthReport", "check_health"]
