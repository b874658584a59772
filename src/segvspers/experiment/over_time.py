"""Reply rates at one horizon although emails left at different times: Kaplan-Meier curves of both variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import check_at_least, check_fraction
from segvspers._display import html_finding, interval, percent, points
from segvspers.errors import ArgumentError, NotEstimableError
from segvspers.experiment.timed import Timed, read_timed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = (1, 3, 7, 14)
FEW_AT_RISK = 10


@dataclass(frozen=True, slots=True, eq=False)
class OverTimeComparison:
    """Replies by the same time after each email; rates and lifts are proportions, 0 to 1.

    Attributes
    ----------
    control, treatment, evidence, cluster, method
        The variants, how the outcomes came about, the unit drawn, and the method by name.
    horizon_days, as_of
        Time after the email at which both are read, and the day on which the data end.
    n_control, n_treatment, replies_control, replies_treatment
        Contacts, and those whose reply was seen within the horizon.
    rate_control, rate_treatment, lift, lift_low, lift_high, p_value, confidence
        Kaplan-Meier reply rates at the horizon, their difference with its interval.
    matured_control, matured_treatment
        Share of contacts watched for the whole horizon.
    naive_rate_control, naive_rate_treatment, naive_lift
        Replies so far over contacts, which compares unripe with ripe contacts when sends were staggered.
    median_delay_control, median_delay_treatment
        Days by which half of the replies within the horizon had come.
    curves, delays
        Frames: the curves with their intervals and contacts at risk; share of replies in by 1, 3, 7, 14 days.
    note
        What the reader should know.
    """

    control: str
    treatment: str
    evidence: str
    cluster: str | None
    method: str
    horizon_days: float
    as_of: str
    n_control: int
    n_treatment: int
    replies_control: int
    replies_treatment: int
    rate_control: float
    rate_treatment: float
    lift: float
    lift_low: float
    lift_high: float
    p_value: float
    confidence: float
    matured_control: float
    matured_treatment: float
    naive_rate_control: float
    naive_rate_treatment: float
    naive_lift: float
    median_delay_control: float
    median_delay_treatment: float
    curves: pd.DataFrame
    delays: pd.DataFrame
    note: str

    def to_frame(self) -> pd.DataFrame:
        """Return the curves: one row a variant and day with a reply."""
        return self.curves.copy()

    def summary(self) -> str:
        """Return the finding in plain sentences."""
        span = interval(points(self.lift_low), points(self.lift_high))
        text = (
            f"By day {self.horizon_days:.3g} after the email {percent(self.rate_treatment, 2)} had replied to "
            f"{self.treatment} and {percent(self.rate_control, 2)} to {self.control}: a lift of {points(self.lift)} ({span})."
        )
        ripe = min(self.matured_control, self.matured_treatment)
        if ripe < 1:
            text += f" {percent(self.matured_control, 0)} and {percent(self.matured_treatment, 0)} of contacts were watched that long"
            text += f" ({self.control}, {self.treatment}); counting replies so far would say {points(self.naive_lift)}."
        return " ".join(part for part in (text, self.note) if part)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw both curves with their intervals up to the horizon."""
        from segvspers.plots.over_time import draw_curves

        return draw_curves(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Replies over time", self.summary(), self.delays)


def compare_over_time(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    cluster: str | None = None,
    horizon_days: float | None = None,
    as_of: str | pd.Timestamp | None = None,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> OverTimeComparison:
    """Compare replies by the same time after each email, however staggered the sends were.

    Parameters
    ----------
    outcomes
        One row an assigned contact (and step) with `variant, replied, replied_at` and `sent_at` or
        `assigned_at`; or what `read_outcomes` reads.
    control, treatment
        Names of the variants; the treatment may be left out when there are two.
    cluster
        Column of the unit that was drawn.
    horizon_days
        Time after the email at which both are read; the longest up to 21 days for which at least ten contacts
        of each variant were watched, when left out.
    as_of
        When the data end; the last time in the table when left out, which is noted.
    confidence
        Level of the intervals.
    columns
        ``{our name: their name}``.

    Returns
    -------
    OverTimeComparison
        Rates at the horizon, their difference, the curves and the delays.

    Raises
    ------
    DataError
        When times are missing or contradict each other.
    NotEstimableError
        When nobody replied, or a variant was not watched as long as the horizon.

    Notes
    -----
    Contacts who were not watched for the whole horizon count for as long as they were (Kaplan and Meier 1958),
    which assumes that how long a contact was watched has nothing to do with whether it replies. The variance
    sums the influence of the contacts of each unit, so that colleagues who answer alike are no independent
    evidence; without clusters it agrees with Greenwood's formula. Intervals of the curves are log(-log).

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. JASA 53, 457.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = compare_over_time(outcomes, control="segment", cluster="company_id", horizon_days=7)
    >>> found.horizon_days, found.matured_control > 0.9
    (7.0, True)
    """
    check_fraction("confidence", confidence)
    timed = read_timed(outcomes, control=control, treatment=treatment, cluster=cluster, as_of=as_of, columns=columns)
    if not timed.replied.any():
        raise NotEstimableError("nobody replied to either variant, so there is no curve; wait or check 'replied'.")
    horizon = _horizon(timed, horizon_days)
    arms = [_Arm.of(timed, arm, horizon) for arm in (False, True)]
    low, high, p_value = _difference(arms, clustered=cluster is not None, confidence=confidence)
    a, b = arms
    return OverTimeComparison(
        control=timed.control,
        treatment=timed.treatment,
        evidence=timed.evidence,
        cluster=cluster,
        method=f"Kaplan-Meier at {horizon:.3g} days, variance by {'unit' if cluster else 'contact'}",
        horizon_days=horizon,
        as_of=f"{timed.as_of:%Y-%m-%d}",
        n_control=a.n,
        n_treatment=b.n,
        replies_control=a.replies,
        replies_treatment=b.replies,
        rate_control=a.rate,
        rate_treatment=b.rate,
        lift=b.rate - a.rate,
        lift_low=low,
        lift_high=high,
        p_value=p_value,
        confidence=confidence,
        matured_control=a.matured,
        matured_treatment=b.matured,
        naive_rate_control=a.naive,
        naive_rate_treatment=b.naive,
        naive_lift=b.naive - a.naive,
        median_delay_control=a.delay(0.5),
        median_delay_treatment=b.delay(0.5),
        curves=pd.concat([arm.curve(name, confidence) for arm, name in zip(arms, (timed.control, timed.treatment), strict=True)],
                         ignore_index=True),
        delays=_delays(arms, (timed.control, timed.treatment), horizon),
        note=_note(timed, arms),
    )  # fmt: skip


def _horizon(timed: Timed, given: float | None) -> float:
    longest = min(np.sort(timed.watched[timed.treated == arm])[-FEW_AT_RISK:][0] for arm in (False, True))
    if given is None:
        return float(max(min(21.0, np.floor(longest)), min(longest, 1.0)))
    check_at_least("horizon_days", given, 0)
    if given <= 0:
        raise ArgumentError(f"horizon_days={given!r} must be above 0.")
    if given > longest + 1e-9:
        raise NotEstimableError(
            f"horizon_days={given:g}, but fewer than {FEW_AT_RISK} contacts of one variant were watched longer than "
            f"{longest:.3g} days; lower it or wait."
        )
    return float(given)


@dataclass(frozen=True, slots=True, eq=False)
class _Arm:
    """Curve of one variant, and what each unit adds to its error at the horizon."""

    n: int
    replies: int
    rate: float
    naive: float
    matured: float
    variance: float
    n_units: int
    days: np.ndarray
    kept: np.ndarray
    errors: np.ndarray
    at_risk: np.ndarray

    @classmethod
    def of(cls, timed: Timed, arm: bool, horizon: float) -> _Arm:
        from statsmodels.duration.survfunc import SurvfuncRight

        own = timed.treated == arm
        waited, replied, unit = timed.waited[own], timed.replied[own], timed.unit[own]
        end = np.minimum(waited, horizon)
        happened = replied & (waited <= horizon)
        if happened.any():
            curve = SurvfuncRight(end, happened.astype(float))
            keep = np.asarray(curve.n_events) > 0
            days, kept = np.asarray(curve.surv_times)[keep], np.asarray(curve.surv_prob)[keep]
            errors, at_risk = np.asarray(curve.surv_prob_se)[keep], np.asarray(curve.n_risk)[keep]
            events = np.asarray(curve.n_events)[keep]
        else:
            days = kept = errors = at_risk = events = np.empty(0)
        last = float(kept[-1]) if len(kept) else 1.0
        influence = _influence(end, happened, days, at_risk, events, last)
        codes = pd.factorize(unit)[0]
        sums = np.bincount(codes, weights=influence)
        units = len(sums)
        return cls(
            n=int(own.sum()),
            replies=int(happened.sum()),
            rate=1 - last,
            naive=float(replied.mean()),
            matured=float(np.mean(timed.watched[own] >= horizon - 1e-9)),
            variance=float(np.sum(sums**2)) * units / max(units - 1, 1),
            n_units=units,
            days=days,
            kept=kept,
            errors=errors,
            at_risk=at_risk,
        )

    def delay(self, share: float) -> float:
        """Return the days by which this share of the replies within the horizon had come."""
        if not len(self.days) or self.rate <= 0:
            return float("nan")
        return float(self.days[np.searchsorted((1 - self.kept) / self.rate, share - 1e-12)])

    def arrived(self, day: float) -> float:
        """Return the share of the replies within the horizon that had come by a day."""
        place = int(np.searchsorted(self.days, day, side="right"))
        return float((1 - self.kept[place - 1]) / self.rate) if place and self.rate > 0 else 0.0

    def curve(self, name: str, confidence: float) -> pd.DataFrame:
        from scipy.stats import norm

        z = norm.ppf(0.5 + confidence / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = z * self.errors / np.abs(self.kept * np.log(self.kept))
            low, high = 1 - self.kept ** np.exp(-spread), 1 - self.kept ** np.exp(spread)
        return pd.DataFrame(
            {
                "variant": name,
                "day": self.days,
                "reply_rate": 1 - self.kept,
                "rate_low": low,
                "rate_high": high,
                "n_at_risk": self.at_risk.astype(int),
            }
        )


def _influence(
    end: np.ndarray, happened: np.ndarray, days: np.ndarray, at_risk: np.ndarray, events: np.ndarray, last: float
) -> np.ndarray:
    """Return what each contact adds to the error of the share without reply at the horizon."""
    if not len(days):
        return np.zeros(len(end))
    hazard = np.r_[0.0, np.cumsum(events / at_risk**2)]
    seen = np.searchsorted(days, end, side="right")
    place = np.searchsorted(days, end)
    own = np.where(happened, 1 / at_risk[np.minimum(place, len(days) - 1)], 0.0)
    return -last * (own - hazard[seen])


def _difference(arms: list[_Arm], *, clustered: bool, confidence: float) -> tuple[float, float, float]:
    from scipy.stats import norm, t

    lift = arms[1].rate - arms[0].rate
    variance = arms[0].variance + arms[1].variance
    if variance <= 0:
        return float("nan"), float("nan"), float("nan")
    law: Any = norm
    if clustered:
        below = sum(arm.variance**2 / (arm.n_units - 1) for arm in arms if arm.n_units > 1)
        law = t(variance**2 / below) if below > 0 else norm
    half = law.ppf(0.5 + confidence / 2) * variance**0.5
    return float(max(lift - half, -1)), float(min(lift + half, 1)), float(2 * law.sf(abs(lift) / variance**0.5))


def _delays(arms: list[_Arm], names: tuple[str, str], horizon: float) -> pd.DataFrame:
    marks = [mark for mark in MARKS if mark <= horizon]
    rows = [
        {
            "variant": name,
            "median_delay_days": arm.delay(0.5),
            **{f"by_day_{mark}": arm.arrived(mark) for mark in marks},
        }
        for arm, name in zip(arms, names, strict=True)
    ]
    return pd.DataFrame(rows)


def _note(timed: Timed, arms: list[_Arm]) -> str:
    said = []
    if not timed.as_of_known:
        said.append(
            f"The data were taken to end with the last time in them, {timed.as_of:%Y-%m-%d}; give as_of= to be exact."
        )
    if timed.cluster is not None and min(arm.n_units for arm in arms) < 20:
        said.append("Fewer than 20 units in an arm: the interval is rough.")
    return " ".join(said)
