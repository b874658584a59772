"""Experiments on email: plan, assign, simulate, check and compare."""

from segvspers.experiment.aggregate import aggregate_outcomes
from segvspers.experiment.assign import assign_variants
from segvspers.experiment.by_segment import SegmentComparison, compare_by_segment
from segvspers.experiment.compare import ReplyRateComparison, compare_reply_rates
from segvspers.experiment.cube import OutcomeCube
from segvspers.experiment.deviations import compare_plan
from segvspers.experiment.dose import DoseResponse, estimate_dose_response
from segvspers.experiment.health import HealthReport, check_health
from segvspers.experiment.historical import HistoricalComparison, compare_historical
from segvspers.experiment.monitor import Monitoring, monitor_reply_rates
from segvspers.experiment.outcomes import read_outcomes
from segvspers.experiment.over_time import OverTimeComparison, compare_over_time
from segvspers.experiment.plan import TestPlan, plan_test, read_plan
from segvspers.experiment.revenue import RevenueComparison, compare_revenue
from segvspers.experiment.simulate import reveal_truth, simulate_outcomes
from segvspers.experiment.simulate_tests import SimulatedTests, simulate_tests
from segvspers.experiment.world import World

__all__ = [
    "DoseResponse",
    "HealthReport",
    "HistoricalComparison",
    "Monitoring",
    "OutcomeCube",
    "OverTimeComparison",
    "ReplyRateComparison",
    "RevenueComparison",
    "SegmentComparison",
    "SimulatedTests",
    "TestPlan",
    "World",
    "aggregate_outcomes",
    "assign_variants",
    "check_health",
    "compare_by_segment",
    "compare_historical",
    "compare_over_time",
    "compare_plan",
    "compare_reply_rates",
    "compare_revenue",
    "estimate_dose_response",
    "monitor_reply_rates",
    "plan_test",
    "read_outcomes",
    "read_plan",
    "reveal_truth",
    "simulate_outcomes",
    "simulate_tests",
]
