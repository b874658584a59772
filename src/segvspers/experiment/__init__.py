"""Plan, draw, simulate, check and compare tests of one email against another."""

from segvspers.experiment.assign import assign_variants
from segvspers.experiment.by_segment import SegmentComparison, compare_by_segment
from segvspers.experiment.compare import ReplyRateComparison, compare_reply_rates
from segvspers.experiment.health import Health, check_health
from segvspers.experiment.outcomes import read_outcomes
from segvspers.experiment.revenue import RevenueComparison, compare_revenue
from segvspers.experiment.simulate import reveal_truth, simulate_outcomes
from segvspers.experiment.simulate_tests import simulate_tests
from segvspers.experiment.world import World

__all__ = [
    "Health",
    "ReplyRateComparison",
    "RevenueComparison",
    "SegmentComparison",
    "World",
    "assign_variants",
    "check_health",
    "compare_by_segment",
    "compare_reply_rates",
    "compare_revenue",
    "read_outcomes",
    "reveal_truth",
    "simulate_outcomes",
    "simulate_tests",
]
