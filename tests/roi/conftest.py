"""A comparison with the fields that the estimate reads, and inputs that are known exactly."""

from types import SimpleNamespace

import pytest

import segvspers as sv

KNOWN_COSTS = {
    "n_segments": 12, "n_steps": 1, "template_hours": 0.75, "writer_rate_usd": 50, "email_cost_usd": 0.02,
    "prompt_hours": 12, "review_share": 0.10, "review_minutes": 2, "setup_usd": 0, "reply_minutes": 0,
    "relative_unsubscribe": 1, "subscriber_value_usd": 0,
}  # fmt: skip
KNOWN_FUNNEL = {
    "positive_share": 0.3,
    "meeting_share": 0.5,
    "win_share": 0.2,
    "value_usd": 4000,
    "margin": 0.7,
}


@pytest.fixture
def comparison():
    def make(control=85, treatment=115, n=2500, *, evidence="randomised", n_treatment=None, **changes):
        m = n_treatment or n
        a, b = control / n, treatment / m
        half = 1.96 * (a * (1 - a) / n + b * (1 - b) / m) ** 0.5
        fields = {
            "control": "segment", "treatment": "individual", "n_control": n, "n_treatment": m,
            "replies_control": control, "replies_treatment": treatment, "rate_control": a, "rate_treatment": b,
            "lift": b - a, "lift_low": b - a - half, "lift_high": b - a + half, "confidence": 0.95,
            "cluster": None, "evidence": evidence,
        }  # fmt: skip
        return SimpleNamespace(**fields | changes)

    return make


@pytest.fixture
def known():
    return {"costs": sv.Costs(**KNOWN_COSTS), "funnel": sv.Funnel(**KNOWN_FUNNEL)}
