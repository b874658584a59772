"""Compare variants whose contacts were chosen, not drawn: weighting, doubly robust lift, and how much could be hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_fraction, require_columns
from segvspers._display import count, html_finding, interval, percent, points
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.experiment.health.check import AFTER
from segvspers.experiment.outcomes import as_rows, pick_arms
from segvspers.experiment.propensity import cross_fitted, design, folds_of, mean_differences

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OVERLAP = (0.05, 0.95)
UNBALANCED = 0.1
LEAST_SHARE, LEAST_ARM = 0.2, 30


@dataclass(frozen=True, slots=True, eq=False)
class HistoricalComparison:
    """Reply rates of sends that nobody drew by chance; rates and lifts are proportions, 0 to 1.

    Attributes
    ----------
    control, treatment, outcome, evidence, cluster, method
        The variants, the column compared, always ``observational``, the unit of the errors, and the method.
    n_control, n_treatment, replies_control, replies_treatment
        Contacts within the overlap and their replies.
    n_left_out
        Contacts left out, whose like got one variant only.
    rate_control, rate_treatment, lift, lift_low, lift_high, p_value, confidence
        Rates had all contacts of the overlap got one variant or the other, doubly robust; their difference.
    relative_lift, relative_lift_low, relative_lift_high
        Ratio of both rates minus one.
    naive_lift
        The difference as it stands in the table.
    e_value, e_value_limit
        How strongly something unseen must go with both the variant and the reply, as a risk ratio, to explain
        the ratio away, and to move its interval to no difference (1 when it is there already).
    worst_before, worst_after, effective_share
        Largest standardised difference of a covariate before and after weighting; effective over actual size.
    estimates, balance, overlap
        Frames: naive, stratified, weighted and doubly robust lifts; each covariate's differences; the spread of
        the propensities.
    note
        What the reader should know.
    """

    control: str
    treatment: str
    outcome: str
    evidence: str
    cluster: str | None
    method: str
    n_control: int
    n_treatment: int
    replies_control: int
    replies_treatment: int
    n_left_out: int
    rate_control: float
    rate_treatment: float
    lift: float
    lift_low: float
    lift_high: float
    p_value: float
    confidence: float
    relative_lift: float
    relative_lift_low: float
    relative_lift_high: float
    naive_lift: float
    e_value: float
    e_value_limit: float
    worst_before: float
    worst_after: float
    effective_share: float
    estimates: pd.DataFrame
    balance: pd.DataFrame
    overlap: pd.DataFrame
    note: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row a way of estimating the lift."""
        return self.estimates.copy()

    def summary(self) -> str:
        """Return the finding in plain sentences, what it is worth first."""
        span = interval(points(self.lift_low), points(self.lift_high))
        told = self.lift_low > 0 or self.lift_high < 0
        text = (
            f"Observational, not randomised: among contacts alike in what was recorded, {self.treatment} goes with a lift "
            f"of {points(self.lift)} ({span}) over {self.control}; the table as it stands says {points(self.naive_lift)}."
        )
        if told:
            text += (
                f" Something unseen that goes with both variant and reply by a risk ratio of {self.e_value_limit:.2f} "
                "would move the interval to no difference."
            )
        else:
            text += " The difference can't be told from zero."
        return " ".join(part for part in (text, self.note) if part)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the balance of each covariate before and after weighting (a Love plot)."""
        from segvspers.plots.historical import draw_balance

        return draw_balance(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Past sends, not randomised", self.summary(), self.estimates)


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
    parts = _Parts.of(x[kept], treated[kept], replied[kept], unit[kept], folds[kept], propensity[kept])
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
    late = [name for name in covariates if name in AFTER]
    if late:
        raise ArgumentError(f"covariates {late} are measured after the send; only what was known before may be used.")
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


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Weights, influence of each contact on both means, and the units that they belong to."""

    treated: np.ndarray
    replied: np.ndarray
    unit: np.ndarray
    propensity: np.ndarray
    weights: np.ndarray
    scores: np.ndarray
    means: tuple[float, float]

    @classmethod
    def of(
        cls,
        x: np.ndarray,
        treated: np.ndarray,
        replied: np.ndarray,
        unit: np.ndarray,
        folds: np.ndarray,
        propensity: np.ndarray,
    ) -> _Parts:
        chances = [cross_fitted(x, replied.astype(int), folds, among=treated == arm) for arm in (False, True)]
        given = [1 - propensity, propensity]
        scores = np.column_stack(
            [
                chance + (treated == arm) * (replied - chance) / share
                for arm, chance, share in zip((False, True), chances, given, strict=True)
            ]
        )
        means = scores.mean(axis=0)
        weights = np.where(treated, 1 / propensity, 1 / (1 - propensity))
        return cls(treated, replied, unit, propensity, weights, scores, (float(means[0]), float(means[1])))

    @property
    def effective_share(self) -> float:
        """Effective over actual sample size of the weights, the smaller of both arms (Kish)."""
        shares = []
        for arm in (False, True):
            own = self.weights[self.treated == arm]
            shares.append(own.sum() ** 2 / np.sum(own**2) / len(own))
        return float(min(shares))

    def error(self, influence: np.ndarray) -> float:
        """Return the standard error of a mean from the influence of each contact, summed by unit."""
        codes = pd.factorize(self.unit)[0]
        sums = np.bincount(codes, weights=influence - influence.mean())
        units = len(sums)
        return float(np.sqrt(np.sum(sums**2) * units / max(units - 1, 1)) / len(influence))

    def ratio(self, confidence: float) -> tuple[float, float, float]:
        """Return the ratio of both means with its interval by the delta method on the log scale."""
        from scipy.stats import norm

        a, b = self.means
        if a <= 0 or b <= 0:
            return float("nan"), float("nan"), float("nan")
        spread = norm.ppf(0.5 + confidence / 2) * self.error(self.scores[:, 1] / b - self.scores[:, 0] / a)
        return b / a, float(b / a * np.exp(-spread)), float(b / a * np.exp(spread))

    def estimates(self, strata: pd.Series | None, confidence: float) -> pd.DataFrame:
        """Return the lift as it stands, by strata, weighted, and doubly robust."""
        t, y, w = self.treated, self.replied, self.weights
        rates = [float(y[t == arm].mean()) for arm in (False, True)]
        naive = np.where(t, (y - rates[1]) / t.mean(), -(y - rates[0]) / (1 - t.mean()))
        hajek = [float(np.average(y[t == arm], weights=w[t == arm])) for arm in (False, True)]
        total = [w[t == arm].sum() / len(y) for arm in (False, True)]
        weighted = np.where(t, w * (y - hajek[1]) / total[1], -w * (y - hajek[0]) / total[0])
        robust = self.scores[:, 1] - self.scores[:, 0]
        rows = [
            self._row("as it stands", rates[1] - rates[0], naive, confidence),
            self._stratified(strata, confidence),
            self._row("inverse-propensity weighted", hajek[1] - hajek[0], weighted, confidence),
            self._row("doubly robust", float(robust.mean()), robust, confidence),
        ]
        return pd.DataFrame(rows)

    def _row(self, method: str, lift: float, influence: np.ndarray, confidence: float) -> dict[str, Any]:
        from scipy.stats import norm

        error = self.error(influence)
        half = norm.ppf(0.5 + confidence / 2) * error
        p_value = float(2 * norm.sf(abs(lift) / error)) if error > 0 else float("nan")
        return {"method": method, "lift": lift, "lift_low": lift - half, "lift_high": lift + half, "p_value": p_value,
                "odds_ratio": float("nan"), "odds_ratio_low": float("nan"), "odds_ratio_high": float("nan")}  # fmt: skip

    def _stratified(self, strata: pd.Series | None, confidence: float) -> dict[str, Any]:
        """Return the lift and odds ratio of Mantel and Haenszel over strata."""
        from statsmodels.stats.contingency_tables import StratifiedTable

        fifths = np.searchsorted(np.quantile(self.propensity, [0.2, 0.4, 0.6, 0.8]), self.propensity)
        codes = pd.factorize(strata.astype("object"))[0] if strata is not None else fifths
        name = "Mantel-Haenszel over strata" if strata is not None else "Mantel-Haenszel over fifths of the propensity"
        counts = np.zeros((codes.max() + 2, 2, 2))
        np.add.at(counts, (codes + 1, 1 - self.treated.astype(int), 1 - self.replied.astype(int)), 1)
        counts = counts[(counts.sum(axis=2) > 0).all(axis=1)]
        table = StratifiedTable([part for part in counts if part.sum()])
        low, high = table.oddsratio_pooled_confint(alpha=1 - confidence)
        n1, n0 = counts[:, 0].sum(axis=1), counts[:, 1].sum(axis=1)
        shares = n1 * n0 / (n1 + n0)
        lifts = counts[:, 0, 0] / n1 - counts[:, 1, 0] / n0
        lift = float(np.average(lifts, weights=shares))
        return {"method": name, "lift": lift, **_pooled_interval(counts, shares, lift, confidence),
                "odds_ratio": float(table.oddsratio_pooled), "odds_ratio_low": float(low), "odds_ratio_high": float(high)}  # fmt: skip


def _pooled_interval(counts: np.ndarray, shares: np.ndarray, lift: float, confidence: float) -> dict[str, float]:
    from scipy.stats import norm

    n1, n0 = counts[:, 0].sum(axis=1), counts[:, 1].sum(axis=1)
    p1, p0 = counts[:, 0, 0] / n1, counts[:, 1, 0] / n0
    variance = np.sum(shares**2 * (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)) / shares.sum() ** 2
    error = float(np.sqrt(variance))
    half = float(norm.ppf(0.5 + confidence / 2)) * error
    p_value = float(2 * norm.sf(abs(lift) / error)) if error > 0 else float("nan")
    return {"lift_low": lift - half, "lift_high": lift + half, "p_value": p_value}


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
