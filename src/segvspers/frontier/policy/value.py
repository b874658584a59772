"""What the policy is worth: valued on blocks that came after it was learned, against each variant for everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from segvspers.frontier.bands import contrast_band
from segvspers.frontier.policy.choosing import Rule
from segvspers.frontier.scores import Learned, value_policies


def design_effect(learned: Learned, arm: int, default: int) -> float:
    """Return by how much drawing units instead of contacts widens the variance of a gain, at least 1."""
    test = learned.test
    if not test.clustered:
        return 1.0
    shape = (test.n_blocks, test.n_cells)
    choices = np.stack([np.full(shape, place, dtype=np.int32) for place in (arm, default)])
    apart = replace(learned, test=replace(test, clustered=False))
    wide, narrow = (
        np.array([1.0, -1.0]) @ value_policies(one, choices).covariance @ np.array([1.0, -1.0])
        for one in (learned, apart)
    )
    return max(float(wide / narrow), 1.0) if narrow > 0 else 1.0


def value_hybrid(
    learned: Learned, rule: Rule, hybrid: np.ndarray, costs: dict[int, float], *, confidence: float, known: bool
) -> tuple[pd.DataFrame, int]:
    """Return one row a policy: the hybrid first, then each variant for everybody; and how many contacts were scored.

    Parameters
    ----------
    hybrid
        ``(n_blocks, n_cells)``: what was chosen before each block.
    costs
        Cost of an email of each variant, dollars.
    known
        Whether the worth of the outcome is known, so that net values can be told.

    Notes
    -----
    ``lift`` is the hybrid less the policy of the row, on the same contacts: those on whom both agree add nothing.
    """
    test = learned.test
    places = [rule.default, *rule.arms]
    pure = [np.full_like(hybrid, place) for place in places]
    choices = np.stack([hybrid, *pure])
    moments = value_policies(learned, choices)
    counts = learned.sums.n.sum(axis=2)
    counts[: learned.scored.start] = 0
    price = np.zeros(len(test.arms))
    for place, cost in costs.items():
        price[place] = cost
    shares = [np.bincount(one.ravel(), weights=counts.ravel(), minlength=len(price)) / counts.sum() for one in choices]
    spent = np.array([share @ price for share in shares])
    everything = np.eye(len(choices))
    how: dict[str, Any] = {"confidence": confidence, "rng": np.random.default_rng(0)}
    values = contrast_band(moments.mean, moments.covariance, everything, **how)
    lifts = contrast_band(moments.mean, moments.covariance, everything[0] - everything, **how)
    worth, saved = (rule.worth if known else np.nan), spent[0] - spent
    rows = pd.DataFrame(
        {
            "policy": ["hybrid", *(f"{test.arms[place]} for everybody" for place in places)],
            "share_default": [share[rule.default] for share in shares],
            "value": values.estimate, "value_low": values.low, "value_high": values.high,
            "lift": lifts.estimate, "lift_low": lifts.low, "lift_high": lifts.high, "lift_se": lifts.se,
            "cost_usd": spent, "net_usd": worth * values.estimate - spent,
            "net_low_usd": worth * values.low - spent, "net_high_usd": worth * values.high - spent,
            "net_lift_usd": worth * lifts.estimate - saved, "net_lift_low_usd": worth * lifts.low - saved,
            "net_lift_high_usd": worth * lifts.high - saved,
        }
    )  # fmt: skip
    return rows, moments.n
