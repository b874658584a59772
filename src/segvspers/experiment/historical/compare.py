"""Compare variants whose contacts were chosen, not drawn: overlap, balance, and how much could be hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_fraction, require_columns
from segvspers._display import count, percent
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.experiment.historical.comparison import HistoricalComparison
from segvspers.experiment.historical.weighted import Weighted
from segvspers.experiment.outcomes import as_rows, check_covariates, pick_arms
from segvspers.experiment.propensity import cross_fitted, design, folds_of, mean_differences

OVERLAP = (0.05, 0.95)
UNBALANCED = 0.1
LEAST_SHARE, LEAST_ARM = 0.2, 30


def compare_historical(
    outcomes: Any,
    *,
    control: str,
    covariates: Sequence[str],
    treatment: str | None = None,
    outcome: str = "replied",
    cluster: str | None = None,
    strata: str | None = None,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
    rng: int | np.random.Generator | None = 0,
) -> HistoricalComparison:
    """Compare two variants that were given out by choice, among contacts alike in what was recorded before.

    Parameters
    ----------
    outcomes
        One row a contact with `variant`, the outcome and the covariates; or what `read_outcomes` reads. Rows
        marked ``randomised`` in a column `evidence` are refused: they need no adjustment.
    control, treatment, outcome, cluster, confidence, columns
        As in `compare_reply_rates`.
    covariates
        Columns known before the send that may have led to the choice. What is not among them is not adjusted for.
    strata
        Column for the Mantel-Haenszel odds ratio; fifths of the propensity when left out.
    rng
        Seed of the folds.

    Returns
    -------
    HistoricalComparison
        With evidence ``observational``, whatever the table says.

    Raises
    ------
    ArgumentError
        When a covariate was measured after the send.
    DataError
        When columns are missing, rows are randomised, or the outcome is no yes or no.
    NotEstimableError
        When the variant follows from the covariates, so that no contact had a chance of the other.

    Notes
    -----
    Propensities and reply chances are logistic models fitted on the folds that a contact's unit is not in.
    Contacts with a propensity outside 0.05 to 0.95 are left out (Crump et al. 2009), and the lift is that of
    the rest. The headline is the augmented inverse-propensity estimate, right when either model is; its variance
    is that of its influence, summed by unit. It is no substitute for a test: 25 field tests show how far such
    adjustments can be off (Lewis and Rao 2015).

    References
    ----------
    Robins, Rotnitzky and Zhao (1994), JASA 89, 846. Chernozhukov et al. (2018), Econometrics Journal 21, C1.
    VanderWeele and Ding (2017), Annals of Internal Medicine 167, 268. Mantel and Haenszel (1959).

    Examples
    --------
    >>> import segvspers as sv
    >>> past = sv.read_outcomes("data/sample/outcomes.csv").drop(columns="segment_id")
    >>> found = compare_historical(past, control="segment", covariates=["industry", "prior_opens"])
    >>> found.evidence
    'observational'
    """
    check_fraction("confidence", confidence)
    frame = _frame(outcomes, [outcome, *covariates, *([cluster] if cluster else []), *([strata] if strata else [])],
                   covariates, columns)  # fmt: skip
    control, treatment = pick_arms(frame, control=control, treatment=treatment)
    frame = frame[frame["variant"].astype(str).isin([control, treatment])].reset_index(drop=True)
    treated = (frame["variant"].astype(str) == treatment).to_numpy()
    replied = _yes_or_no(frame, outcome)
    unit = np.arange(len(frame)).astype(str) if cluster is None else _units(frame, cluster)
    features = design(frame, tuple(covariates))
    folds = folds_of(unit, as_rng(rng))
    x = features.to_numpy(dtype=float)
    propensity = cross_fitted(x, treated.astype(int), folds)
    kept = (propensity > OVERLAP[0]) & (propensity < OVERLAP[1])
    _check_overlap(kept, treated, propensity)
    parts = Weighted.of(x[kept], treated[kept], replied[kept], unit[kept], folds[kept], propensity[kept])
    rows = parts.estimates(frame.loc[kept, strata] if strata else None, confidence)
    best = rows.iloc[-1]
    ratio, low, high = parts.ratio(confidence)
    before = mean_differences(features, treated, np.ones(len(frame)))
    after = mean_differences(features[kept], treated[kept], parts.weights)
    balance = pd.DataFrame({"covariate": features.columns, "before": before, "after": after})
    worst = (float(np.abs(before).max()), float(np.abs(after).max()))
    return HistoricalComparison(
        control=control,
        treatment=treatment,
        outcome=outcome,
        evidence="observational",
        cluster=cluster,
        method="augmented inverse-propensity weighting, cross-fitted logistic models",
        n_control=int((~treated[kept]).sum()),
        n_treatment=int(treated[kept].sum()),
        replies_control=int(replied[kept & ~treated].sum()),
        replies_treatment=int(replied[kept & treated].sum()),
        n_left_out=int((~kept).sum()),
        rate_control=parts.means[0],
        rate_treatment=parts.means[1],
        lift=float(best["lift"]),
        lift_low=float(best["lift_low"]),
        lift_high=float(best["lift_high"]),
        p_value=float(best["p_value"]),
        confidence=confidence,
        relative_lift=ratio - 1,
        relative_lift_low=low - 1,
        relative_lift_high=high - 1,
        naive_lift=float(rows["lift"].iloc[0]),
        e_value=e_value(ratio),
        e_value_limit=e_value(_limit(low, high)),
        worst_before=worst[0],
        worst_after=worst[1],
        effective_share=parts.effective_share,
        estimates=rows,
        balance=balance.sort_values("before", key=np.abs, ascending=False, ignore_index=True),
        overlap=_overlap(propensity, treated, (control, treatment)),
        note=_note(int((~kept).sum()), len(frame), worst[1]),
    )


def e_value(ratio: float) -> float:
    """Return the least risk ratio by which something unseen must go with both to explain a risk ratio away.

    References
    ----------
    VanderWeele and Ding (2017), Annals of Internal Medicine 167, 268, table 1.

    Examples
    --------
    >>> round(e_value(10.73), 2), round(e_value(0.5), 2), e_value(1.0)
    (20.95, 3.41, 1.0)
    """
    if not np.isfinite(ratio) or ratio <= 0:
        return float("nan")
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))


def _limit(low: float, high: float) -> float:
    if not (np.isfinite(low) and np.isfinite(high)):
        return float("nan")
    return low if low > 1 else high if high < 1 else 1.0


def _frame(
    outcomes: Any, needed: list[str], covariates: Sequence[str], columns: Mapping[str, str] | None
) -> pd.DataFrame:
    if isinstance(covariates, str) or not covariates:
        raise ArgumentError("covariates= must list the columns that led to the choice of variant, at least one.")
    check_covariates(covariates)
    frame = as_rows(outcomes, columns)
    require_columns(frame, ["variant", *dict.fromkeys(needed)], table="outcomes")
    if "evidence" in frame.columns and frame["evidence"].isin(["randomised", "simulated"]).any():
        raise DataError(
            "outcomes hold rows whose variant was drawn by chance; compare those with compare_reply_rates and hand over "
            "the others alone."
        )
    if "contact_id" in frame.columns and frame["contact_id"].duplicated().any():
        n = int(frame["contact_id"].duplicated().sum())
        raise DataError(f"outcomes hold {n:,} rows of contacts who stand there already; keep one row a contact.")
    return frame


def _yes_or_no(frame: pd.DataFrame, outcome: str) -> np.ndarray:
    values = pd.to_numeric(frame[outcome].astype("object"), errors="coerce").to_numpy(dtype=float)
    bad = ~np.isin(values, (0.0, 1.0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0]) + 1
        raise DataError(
            f"{outcome!r} is neither yes nor no in {int(bad.sum()):,} rows (first: row {row}); mend or remove them."
        )
    return values


def _units(frame: pd.DataFrame, cluster: str) -> np.ndarray:
    own = pd.Series([f"row {row}" for row in range(len(frame))], index=frame.index)
    return frame[cluster].astype("object").where(frame[cluster].notna(), own).astype(str).to_numpy()


def _check_overlap(kept: np.ndarray, treated: np.ndarray, propensity: np.ndarray) -> None:
    least = min(int((kept & treated).sum()), int((kept & ~treated).sum()))
    if kept.mean() < LEAST_SHARE or least < LEAST_ARM:
        raise NotEstimableError(
            f"the variant follows from the covariates: only {percent(float(kept.mean()), 0)} of contacts had a real chance of "
            f"either (median propensity {np.median(propensity[treated]):.2f} against {np.median(propensity[~treated]):.2f}); "
            "no adjustment can make up for that. Randomise a part of the next send."
        )


def _overlap(propensity: np.ndarray, treated: np.ndarray, names: tuple[str, str]) -> pd.DataFrame:
    edges = np.linspace(0, 1, 21)
    rows = []
    for arm, name in zip((False, True), names, strict=True):
        heights = np.histogram(propensity[treated == arm], bins=edges)[0]
        rows.append(pd.DataFrame({"variant": name, "low": edges[:-1], "high": edges[1:], "n_contacts": heights}))
    return pd.concat(rows, ignore_index=True)


def _note(left_out: int, n: int, worst: float) -> str:
    said = []
    if left_out:
        said.append(f"{count(left_out)} of {count(n)} contacts were left out: their like got one variant only.")
    if worst > UNBALANCED:
        said.append(f"After weighting a covariate still differs by {worst:.2f} standard deviations: read with care.")
    return " ".join(said)
