"""Compare the revenue per assigned contact of two variants."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import as_rng, check_at_least, check_choice, check_fraction
from segvspers.engine import ROWS
from segvspers.errors import NotEstimableError
from segvspers.experiment.aggregate import as_cube
from segvspers.experiment.compare import crossing_note, few_note
from segvspers.experiment.cube import OutcomeCube
from segvspers.experiment.means import ArmMeans, MeanLifts, arm_means, compare_means, relative_lifts
from segvspers.experiment.outcomes import check_covariates, choose_arms
from segvspers.experiment.revenue_comparison import RevenueComparison
from segvspers.experiment.tails import COLUMNS, Units, tail_views

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RevenueComparison", "compare_revenue"]

METHODS = {"": "Welch's t", "cuped": "CUPED, one slope for both variants", "lin": "regression with interactions (Lin)"}
BY_CHANCE = 3.3


def compare_revenue(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    outcome: str = "revenue_usd",
    cluster: str | None = None,
    covariates: Sequence[str] = (),
    adjustment: str = "cuped",
    robust: bool = True,
    n_bootstrap: int = 1_000,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
    rng: int | np.random.Generator = 0,
) -> RevenueComparison:
    """Compare revenue per assigned contact of two variants.

    Parameters
    ----------
    outcomes
        One row an assigned contact, 0 for those who bought nothing; any table, a path, or what `aggregate_outcomes`
        summed.
    control, treatment, cluster, confidence, columns
        As in `compare_reply_rates`.
    outcome
        Column of amounts.
    covariates
        Columns of numbers known before the test, such as revenue of the year before; the lift is adjusted for them.
    adjustment
        ``"cuped"`` takes one slope for both variants, ``"lin"`` one for each.
    robust
        Whether to look at the lift winsorised, without the largest amounts, and by bootstrap; takes one more pass.
    n_bootstrap
        Draws of the bootstrap; 0 leaves it out.
    rng
        Seed of the bootstrap.

    Returns
    -------
    RevenueComparison
        Amounts per assigned contact.

    Raises
    ------
    DataError
        When a column or a variant is missing, or an amount is empty, text or infinite.
    ArgumentError
        When a covariate was measured after the draw.
    NotEstimableError
        When an arm has fewer than two units or no amount differs from another.

    Notes
    -----
    Welch's t by contact; with a cluster the delta method on clusters' sums, as for reply rates. The ratio's interval is
    on the log scale, moved to the lift's side of zero where it contradicts it. A covariate that the variants differ in
    by more than chance is noted: it may have been measured after the emails left.

    References
    ----------
    Welch, B. L. (1947). Biometrika 34, 28-35. Deng, A. et al. (2013), WSDM (CUPED). Lin, W. (2013). Annals of Applied
    Statistics 7, 295-318.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = sv.compare_revenue(outcomes, control="segment", cluster="company_id", covariates=["prior_revenue_usd"])
    >>> 0 < found.variance_kept <= 1
    True
    """
    check_fraction("confidence", confidence)
    check_choice("adjustment", adjustment, ["cuped", "lin"])
    check_at_least("n_bootstrap", n_bootstrap, 0)
    check_covariates(covariates)
    cube = as_cube(outcomes, amounts=[outcome], covariates=covariates, cluster=cluster, columns=columns)
    control, treatment = choose_arms(cube.variants, control=control, treatment=treatment)
    names = [outcome, *covariates]
    arms = [mean_of_arm(cube, name, names) for name in (control, treatment)]
    _check_spread(arms, outcome)
    shared, crossed = shared_means(cube, names, (control, treatment), arms)
    found = compare_means(arms[0], arms[1], adjustment=adjustment, shared=shared)
    plain = compare_means(_first(arms[0]), _first(arms[1]), shared=shared[:, :1, :1])
    relative, relative_low, relative_high = relative_lifts(arms[0], arms[1], found, confidence)
    low, high = found.interval(confidence)
    buyers = [float(cube.arm(name).total(f"{outcome} nonzero")[0]) for name in (control, treatment)]
    views = _views(cube, outcome, (control, treatment), plain, found, confidence, robust, n_bootstrap, as_rng(rng))
    clustered = cube.cluster is not None
    notes = [
        few_note(int(min(arms[0].units[0], arms[1].units[0]))) if clustered else "",
        crossing_note(crossed, cube.cluster),
        _apart(arms, covariates),
        _carried(views, float(low[0]), float(high[0])),
    ]
    return RevenueComparison(
        control=control,
        treatment=treatment,
        outcome=outcome,
        evidence=cube.evidence,
        method=METHODS[adjustment if covariates else ""] + (", delta method on clusters' sums" if clustered else ""),
        cluster=cube.cluster,
        n_control=round(arms[0].n[0]),
        n_treatment=round(arms[1].n[0]),
        n_clusters_control=int(arms[0].units[0]) if clustered else 0,
        n_clusters_treatment=int(arms[1].units[0]) if clustered else 0,
        mean_control=float(arms[0].mean[0, 0]),
        mean_treatment=float(arms[1].mean[0, 0]),
        total_control=float(arms[0].mean[0, 0] * arms[0].n[0]),
        total_treatment=float(arms[1].mean[0, 0] * arms[1].n[0]),
        buyers_control=round(buyers[0]),
        buyers_treatment=round(buyers[1]),
        covariates=tuple(covariates),
        variance_kept=float(found.variance_kept[0]),
        lift=float(found.lift[0]),
        lift_low=float(low[0]),
        lift_high=float(high[0]),
        relative_lift=float(relative[0]),
        relative_lift_low=float(relative_low[0]),
        relative_lift_high=float(relative_high[0]),
        p_value=float(found.p_values()[0]),
        confidence=confidence,
        parts=_parts(cube, outcome, (control, treatment), float(plain.quantile(confidence)[0])),
        views=views,
        note=" ".join(note for note in notes if note),
    )


def mean_of_arm(cube: OutcomeCube, variant: str, names: Sequence[str], *by: str) -> ArmMeans:
    """Return the means of one variant; the first name is an amount."""
    origin = [cube.origin.get(name, 0.0) for name in names]
    return arm_means(cube.arm(variant, *by), names, origin=origin, clustered=cube.cluster is not None)


def shared_means(
    cube: OutcomeCube, names: Sequence[str], variants: tuple[str, str], arms: Sequence[ArmMeans]
) -> tuple[np.ndarray, int]:
    """Return the covariance of both arms' means through clusters that stand in both, and their number."""
    k = len(names)
    if cube.cluster is None:
        return np.zeros((1, k, k)), 0
    both = cube.shared(*variants)
    sides = []
    for side, arm in zip(("control", "treatment"), arms, strict=True):
        sums = both[[f"{name}_{side}" for name in names]].to_numpy(dtype=float)
        rows = both[f"{ROWS}_{side}"].to_numpy(dtype=float)
        sides.append((sums - rows[:, None] * arm.above[0]) / arm.n[0])
    return (sides[0].T @ sides[1])[None], len(both)


def _first(arm: ArmMeans) -> ArmMeans:
    return ArmMeans(
        arm.n,
        arm.units,
        arm.origin[:1],
        arm.above[:, :1],
        arm.covariance[:, :1, :1],
        arm.spread[:, :1, :1],
        arm.freedom,
    )


def _check_spread(arms: Sequence[ArmMeans], outcome: str) -> None:
    if min(arm.units[0] for arm in arms) < 2:
        raise NotEstimableError("an arm has fewer than two units, so its spread can't be told.")
    if not sum(arm.spread[0, 0, 0] for arm in arms) > 0:
        raise NotEstimableError(f"{outcome!r} does not vary in either variant, so there is nothing to compare.")


def _views(
    cube: OutcomeCube,
    outcome: str,
    variants: tuple[str, str],
    plain: MeanLifts,
    adjusted: MeanLifts,
    confidence: float,
    robust: bool,
    n_bootstrap: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    import pandas as pd

    rows = [("as it is", *_row(plain, confidence), "")]
    if cube.covariates and len(adjusted.lift):
        rows.append(("adjusted", *_row(adjusted, confidence), ", ".join(cube.covariates)))
    found = pd.DataFrame(rows, columns=COLUMNS)
    if not robust:
        return found
    table = cube.distinct(outcome)
    units = []
    for name in variants:
        own = table[table["variant"].astype(str) == name]
        contacts = own[ROWS].to_numpy(dtype=float) if cube.cluster else np.ones(len(own))
        amount = own[outcome].to_numpy(dtype=float) + (contacts * cube.origin[outcome] if cube.cluster else 0.0)
        units.append(Units(contacts, amount, own["n"].to_numpy(dtype=float)))
    tamed = tail_views(units[0], units[1], confidence=confidence, n_bootstrap=n_bootstrap, rng=rng)
    return pd.concat([found, tamed], ignore_index=True)


def _row(lifts: MeanLifts, confidence: float) -> tuple[float, float, float, float]:
    low, high = lifts.interval(confidence)
    return float(lifts.lift[0]), float(low[0]), float(high[0]), float(lifts.p_values()[0])


def _parts(cube: OutcomeCube, outcome: str, variants: tuple[str, str], quantile: float) -> pd.DataFrame:
    """Split the lift into more contacts who buy and larger amounts, each at the mean of the other (Kitagawa 1955)."""
    import pandas as pd

    pair = [mean_of_arm(cube, name, [outcome, f"{outcome} nonzero"]) for name in variants]
    (mean_c, rate_c), (mean_t, rate_t) = (arm.mean[0] for arm in pair)
    if min(rate_c, rate_t) <= 0:
        lost = [math.nan] * 3
        values = [mean / rate if rate > 0 else math.nan for mean, rate in ((mean_c, rate_c), (mean_t, rate_t))]
        rows = [("contacts who buy", rate_c, rate_t, *lost), ("amount of one who buys", *values, *lost)]
    else:
        value_c, value_t = mean_c / rate_c, mean_t / rate_t
        middle, gap = (value_c + value_t) / 2, rate_t - rate_c
        by_rate = [
            np.array([gap / (2 * rate_c), -middle - gap * value_c / (2 * rate_c)]),
            np.array([gap / (2 * rate_t), middle - gap * value_t / (2 * rate_t)]),
        ]
        by_value = [np.array([-1.0, 0.0]) - by_rate[0], np.array([1.0, 0.0]) - by_rate[1]]
        lifts = [gap * middle, mean_t - mean_c - gap * middle]
        rows = []
        for part, one, two, lift, slopes in (
            ("contacts who buy", rate_c, rate_t, lifts[0], by_rate),
            ("amount of one who buys", value_c, value_t, lifts[1], by_value),
        ):
            variance = sum(slope @ arm.covariance[0] @ slope for slope, arm in zip(slopes, pair, strict=True))
            reach = quantile * math.sqrt(max(variance, 0.0))
            rows.append((part, one, two, lift, lift - reach, lift + reach))
    return pd.DataFrame(rows, columns=["part", "control", "treatment", "lift", "lift_low", "lift_high"])


def _apart(arms: Sequence[ArmMeans], covariates: Sequence[str]) -> str:
    """Return a warning about covariates that differ between the arms by more than chance."""
    gap = arms[1].above[0, 1:] - arms[0].above[0, 1:]
    variance = sum(np.diagonal(arm.covariance[0])[1:] for arm in arms)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.abs(gap) > BY_CHANCE * np.sqrt(variance)
    named = [name for name, odd in zip(covariates, far, strict=True) if odd]
    if not named:
        return ""
    return (
        f"The variants differ in {', '.join(named)} by more than chance: it may have been measured after the emails "
        "left, or the draw went wrong; don't adjust for it then."
    )


def _carried(views: pd.DataFrame, low: float, high: float) -> str:
    """Return a warning when the lift is told from zero only with, or only without, the large amounts."""
    if len(views) < 2:
        return ""
    tamed = views[views["view"].isin(["winsorised", "without the largest"])].dropna(subset=["lift_low"])
    told = low > 0 or high < 0
    other = tamed[((tamed["lift_low"] > 0) | (tamed["lift_high"] < 0)) != told]
    if not len(other):
        return ""
    names = " and ".join(other["view"])
    if told:
        return f"A few large amounts carry it: {names}, it can't be told from zero."
    return f"A few large amounts hide it: {names}, it is told from zero."
