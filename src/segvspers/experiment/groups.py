"""The table of a comparison by group: counts, means and the lift of each group with its error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers.errors import NotEstimableError
from segvspers.experiment.cube import OutcomeCube
from segvspers.experiment.many import compare_arms
from segvspers.experiment.means import arm_means, compare_means

if TYPE_CHECKING:
    import pandas as pd

    from segvspers.engine import Moments

SMALLEST = 10
FEWEST_REPLIES = 5
NO_GROUP = "(none)"


def compare_groups(
    cube: OutcomeCube,
    group: str,
    variants: tuple[str, str],
    confidence: float,
    *,
    outcome: str,
    kind: str,
    covariates: Sequence[str],
    adjustment: str,
) -> pd.DataFrame:
    """Return one row a group: counts, means, lift with its error; `why` tells a group that is too small."""
    import pandas as pd

    arms = [cube.arm(name, group) for name in variants]
    names = [_named(arm.keys[group]) for arm in arms]
    both = sorted(set(names[0]) & set(names[1]))
    pair = [
        arm.take(np.array([own.index(one) for one in both], dtype=int)) for arm, own in zip(arms, names, strict=True)
    ]
    if not both:
        raise NotEstimableError(f"no group of {group!r} has contacts in both {variants[0]!r} and {variants[1]!r}.")
    if kind == "rate":  # noqa: SIM108
        found = _rates(cube, outcome, pair, confidence)
    else:
        found = _amounts(cube, [outcome, *covariates], pair, confidence, adjustment)
    why = [_too_small(units, some, kind) for units, some in zip(found["units"], found["some"], strict=True)]
    table = pd.DataFrame({"group": both, **found, "why": why})
    lacking = [
        (name, f"no contact in {variant}")
        for variant, own, other in zip(variants, names, names[::-1], strict=True)
        for name in other
        if name not in own
    ]
    return pd.concat([table, pd.DataFrame(lacking, columns=["group", "why"])], ignore_index=True) if lacking else table


def _named(levels: pd.Series) -> list[str]:
    missing = levels.isna().tolist()
    return [NO_GROUP if gone else str(name) for name, gone in zip(levels.tolist(), missing, strict=True)]


def _rates(cube: OutcomeCube, outcome: str, pair: list[Moments], confidence: float) -> dict[str, Any]:
    control, treatment = (cube.arms_of(arm, outcome) for arm in pair)
    found = compare_arms(control, treatment, confidence=confidence, clustered=cube.cluster is not None)
    return {
        "n_control": control.contacts.astype(int),
        "n_treatment": treatment.contacts.astype(int),
        "rate_control": control.rate,
        "rate_treatment": treatment.rate,
        "lift": found.lift,
        "se": np.sqrt(found.variance),
        "lift_low": found.low,
        "lift_high": found.high,
        "p_value": found.p_values(),
        "units": np.minimum(control.companies, treatment.companies),
        "some": np.minimum(control.replies, treatment.replies),
        "spread": found.effect,
        "units_control": control.companies,
        "units_treatment": treatment.companies,
    }


def _amounts(
    cube: OutcomeCube, names: list[str], pair: list[Moments], confidence: float, adjustment: str
) -> dict[str, Any]:
    origin = [cube.origin[name] for name in names]
    control, treatment = (arm_means(arm, names, origin=origin, clustered=cube.cluster is not None) for arm in pair)
    found = compare_means(control, treatment, adjustment=adjustment)
    low, high = found.interval(confidence)
    own = [arm.n * arm.covariance[:, 0, 0] for arm in (control, treatment)]
    return {
        "n_control": np.rint(control.n).astype(int),
        "n_treatment": np.rint(treatment.n).astype(int),
        "rate_control": control.mean[:, 0],
        "rate_treatment": treatment.mean[:, 0],
        "lift": found.lift,
        "se": found.se,
        "lift_low": low,
        "lift_high": high,
        "p_value": found.p_values(),
        "units": np.minimum(control.units, treatment.units),
        "some": np.minimum(*(arm.total(f"{names[0]} nonzero") for arm in pair)),
        "spread": (own[0] + own[1]) * found.variance_kept,
        "units_control": control.units,
        "units_treatment": treatment.units,
    }


def _too_small(units: float, some: float, kind: str) -> str:
    if units < SMALLEST:
        return f"fewer than {SMALLEST} units in a variant"
    if some < FEWEST_REPLIES:
        return f"fewer than {FEWEST_REPLIES} {'replies' if kind == 'rate' else 'buyers'} in a variant"
    return ""
