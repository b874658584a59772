"""Costs, funnel, net value, break-even and the decision."""

from segvspers.roi.costs import Costs
from segvspers.roi.editor import edit_costs
from segvspers.roi.estimate import estimate_roi
from segvspers.roi.finding import RoiEstimate
from segvspers.roi.funnel import Funnel
from segvspers.roi.observed import ObservedValues, observe_values

__all__ = ["Costs", "Funnel", "ObservedValues", "RoiEstimate", "edit_costs", "estimate_roi", "observe_values"]
