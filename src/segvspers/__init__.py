"""Tell whether an email written for one person beats one written for a segment, for whom, and at what price.

The names below are loaded when first used, so that the import itself is quick and has no side effect.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "segvspers.assumptions": ["beta", "lognormal", "normal", "read_priors", "triangular", "uniform"],
    "segvspers.contacts": ["read_contacts"],
    "segvspers.emails": [
        "Campaign",
        "Email",
        "OfflineWriter",
        "OpenAIBatchWriter",
        "OpenAIWriter",
        "RunStore",
        "TokenPrices",
        "approve_emails",
        "audit_emails",
        "build_prompt",
        "check_approval",
        "estimate_cost",
        "export_emails",
        "find_near_duplicates",
        "get_email",
        "check_merge_fields",
        "lint_emails",
        "preview",
        "read_brief",
        "read_campaign",
        "read_emails",
        "read_templates",
        "route_contacts",
        "stream_briefs",
        "withdraw_approval",
        "write_emails",
        "write_templates",
    ],
    "segvspers.errors": [
        "ArgumentError",
        "BudgetError",
        "DataError",
        "GuessWarning",
        "MissingFileError",
        "MissingPackageError",
        "NotEstimableError",
        "RejectWarning",
        "SegvspersError",
        "WriterError",
    ],
    "segvspers.experiment": [
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
    ],
    "segvspers.explosion": ["explode_segments"],
    "segvspers.facts": ["Sensitive", "derive_facts"],
    "segvspers.frontier.policy": ["recommend_variant"],
    "segvspers.frontier": ["Tastes", "draw_frontier", "evaluate_ranking", "simulate_template_test"],
    "segvspers.history": ["read_history"],
    "segvspers.replies": ["read_replies"],
    "segvspers.report": ["build_report"],
    "segvspers.roi": ["Costs", "Funnel", "edit_costs", "estimate_roi", "observe_values"],
    "segvspers.segments": ["fit_segments", "read_segmentation", "segment_by", "segment_rfm"],
    "segvspers.segments.clusterer": ["LatentClassClusterer"],
    "segvspers.sufficiency": ["describe_contacts"],
    "segvspers.tables": ["ReadReport", "read_report"],
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Load the room of a public name when the name is first used."""
    if name == "datasets":
        return import_module("segvspers.datasets")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'segvspers' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "datasets", "__version__"]
