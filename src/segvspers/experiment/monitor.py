"""Watch a test while it runs without fooling oneself: what may be declared at each look, and what peeking would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import check_at_least, check_fraction
from segvspers._display import html_finding, interval, plural, points
from segvspers.errors import NotEstimableError
from segvspers.experiment.anytime import (
    LOG_ODDS,
    exact_sequence,
    lift_of_odds,
    log_likelihoods,
    normal_e_value,
    sequence_half_width,
)
from segvspers.experiment.timed import Timed, read_timed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW_REPLIES = 50
FEW_UNITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Monitoring:
    """A test as it was seen look by look; rates and lifts are proportions, 0 to 1.

    Attributes
    ----------
    control, treatment, evidence, cluster, method
        The variants, how the outcomes came about, the unit drawn, and the method by name.
    window_days, n_looks
        Time that each contact is given before it counts, and how often the data were looked at.
    n_control, n_treatment, replies_control, replies_treatment, lift, lift_low, lift_high
        Ripe contacts at the last look, and the difference with its always-valid interval.
    e_value, p_always, confidence
        Evidence against no difference at the last look; the p-value valid at any time, the least so far.
    advice, stopped_day
        ``stop`` when a look allowed it, and the first that did; else ``go on`` and nan.
    peeked_day, n_peeked
        First look at which the ordinary interval left zero out, and how many did: what peeking would declare.
    looks
        Frame of all looks: `day, n_control, n_treatment, replies_control, replies_treatment, lift, lift_low,
        lift_high, fixed_low, fixed_high, e_value, p_always`.
    """

    control: str
    treatment: str
    evidence: str
    cluster: str | None
    method: str
    window_days: float
    n_looks: int
    n_control: int
    n_treatment: int
    replies_control: int
    replies_treatment: int
    lift: float
    lift_low: float
    lift_high: float
    e_value: float
    p_always: float
    confidence: float
    advice: str
    stopped_day: float
    peeked_day: float
    n_peeked: int
    looks: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a look."""
        return self.looks.copy()

    def summary(self) -> str:
        """Return what may be declared, and what peeking would have."""
        span = interval(points(self.lift_low), points(self.lift_high))
        if self.advice == "stop":
            better = self.treatment if self._at(self.stopped_day) > 0 else self.control
            text = f"The test may stop: on day {self.stopped_day:.3g} the always-valid interval left zero out in favour of {better}."
        else:
            text = f"Go on: after {plural(self.n_looks, 'look')} the always-valid interval still holds zero."
        text += f" Lift now {points(self.lift)} ({span}), always-valid p {self.p_always:.3g}."
        if self.n_peeked and self.peeked_day == self.peeked_day:
            text += (
                f" Ordinary intervals would have declared a difference at {plural(self.n_peeked, 'look')}, first on day "
                f"{self.peeked_day:.3g}"
            )
            text += ", too early." if self.advice != "stop" or self.peeked_day < self.stopped_day else "."
        return text

    def _at(self, day: float) -> float:
        return float(self.looks.loc[self.looks["day"] == day, "lift"].iloc[0])

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the lift at each look with the interval that may be watched and the one that may not."""
        from segvspers.plots.over_time import draw_monitor

        return draw_monitor(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("The test while it runs", self.summary(), self.looks.tail(10))


def monitor_reply_rates(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    cluster: str | None = None,
    window_days: float = 7.0,
    every_days: float = 1.0,
    n_planned: int | None = None,
    as_of: str | pd.Timestamp | None = None,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> Monitoring:
    """Tell at every look whether a running test may stop.

    Parameters
    ----------
    outcomes
        One row an assigned contact (and step) with `variant, replied, replied_at` and `sent_at` or
        `assigned_at`; or what `read_outcomes` reads.
    control, treatment, cluster, confidence, columns
        As in `compare_reply_rates`.
    window_days
        A contact counts once it was watched that long, with the replies of that time: else a look would
        compare ripe contacts with fresh ones.
    every_days
        Time between looks.
    n_planned
        Units of the draw at which the interval should be narrowest; those in the table when left out. State
        it before the test.
    as_of
        When the data end; the last time in the table when left out.

    Returns
    -------
    Monitoring
        Every look, what it allows, and what ordinary intervals would have declared.

    Raises
    ------
    DataError
        When times are missing or contradict each other.
    NotEstimableError
        When no contact was watched for the window.

    Notes
    -----
    From 50 replies on: the asymptotic confidence sequence of the difference, with the variance of the units drawn;
    it holds at all looks together. Below 50 replies and without clusters: the exact sequence of the odds ratio
    given each look's replies, told as a difference at the reply rate seen. The error allowed is then shared
    by both, half each. With clusters nothing is told below 50 replies or 20 units in an arm.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024). Time-uniform central limit theory and asymptotic
    confidence sequences. Annals of Statistics 52, 2613. Robbins (1970). Statistical methods related to the law
    of the iterated logarithm. Annals of Mathematical Statistics 41, 1397.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> watched = monitor_reply_rates(outcomes, control="segment", cluster="company_id")
    >>> watched.advice
    'go on'
    """
    check_fraction("confidence", confidence)
    check_at_least("window_days", window_days, 0)
    check_at_least("every_days", every_days, 1e-6)
    timed = read_timed(outcomes, control=control, treatment=treatment, cluster=cluster, as_of=as_of, columns=columns)
    ripe = timed.watched >= window_days - 1e-9
    if not (ripe & timed.treated).any() or not (ripe & ~timed.treated).any():
        raise NotEstimableError(
            f"no contact of one variant was watched for window_days={window_days:g} yet; wait or shorten the window."
        )
    if n_planned is not None:
        check_at_least("n_planned", n_planned, 2)
    planned = float(n_planned or sum(timed.n_units))
    looks = _looks(timed, ripe, window_days, every_days, planned, alpha=1 - confidence)
    last = looks.iloc[-1]
    outside = looks[(looks["lift_low"] > 0) | (looks["lift_high"] < 0)]
    peeked = looks[(looks["fixed_low"] > 0) | (looks["fixed_high"] < 0)]
    return Monitoring(
        control=timed.control,
        treatment=timed.treatment,
        evidence=timed.evidence,
        cluster=cluster,
        method="asymptotic confidence sequence"
        if last["phase"] == "asymptotic"
        else "exact sequence of the odds ratio",
        window_days=float(window_days),
        n_looks=len(looks),
        n_control=int(last["n_control"]),
        n_treatment=int(last["n_treatment"]),
        replies_control=int(last["replies_control"]),
        replies_treatment=int(last["replies_treatment"]),
        lift=float(last["lift"]),
        lift_low=float(last["lift_low"]),
        lift_high=float(last["lift_high"]),
        e_value=float(last["e_value"]),
        p_always=float(last["p_always"]),
        confidence=confidence,
        advice="stop" if len(outside) else "go on",
        stopped_day=float(outside["day"].iloc[0]) if len(outside) else float("nan"),
        peeked_day=float(peeked["day"].iloc[0]) if len(peeked) else float("nan"),
        n_peeked=len(peeked),
        looks=looks,
    )


def _looks(
    timed: Timed, ripe: np.ndarray, window: float, every: float, planned: float, *, alpha: float
) -> pd.DataFrame:
    look = np.ceil((timed.start[ripe] + window) / every - 1e-9).astype(int)
    treated, unit = timed.treated[ripe], timed.unit[ripe]
    reply = (timed.replied & (timed.waited <= window))[ripe].astype(float)
    codes = pd.factorize(pd.Series(unit).astype(str) + np.where(treated, "\x01", "\x00"))[0]
    arm_of_unit = np.zeros(codes.max() + 1, dtype=bool)
    arm_of_unit[codes] = treated
    clustered = timed.cluster is not None
    order = np.argsort(look, kind="stable")
    days, starts = np.unique(look[order], return_index=True)
    contacts, replies = np.zeros((2, len(arm_of_unit)))
    log_likelihood = np.zeros(len(LOG_ODDS))
    allowed = alpha if clustered else alpha / 2
    rows, best = [], 1.0
    for day, part in zip(days, np.split(order, starts[1:]), strict=True):
        contacts += np.bincount(codes[part], minlength=len(contacts))
        replies += np.bincount(codes[part], weights=reply[part], minlength=len(replies))
        arms = [_sums(contacts[arm_of_unit == arm], replies[arm_of_unit == arm]) for arm in (False, True)]
        if not clustered:
            new = [int(np.sum(treated[part] == arm)) for arm in (True, False)]
            hits = [int(reply[part][treated[part] == arm].sum()) for arm in (True, False)]
            log_likelihood += log_likelihoods(new[0], new[1], sum(hits), hits[0])
        row = _look(arms, log_likelihood, planned, alpha=alpha, allowed=allowed, clustered=clustered)
        best = min(best, 1 / row["e_value"] if row["e_value"] > 0 else 1.0)
        rows.append({"day": day * every} | row | {"p_always": best})
    return pd.DataFrame(rows)


@dataclass(frozen=True, slots=True)
class _Sums:
    n: int
    replies: int
    n_units: int
    rate: float
    variance: float


def _sums(contacts: np.ndarray, replies: np.ndarray) -> _Sums:
    here = contacts > 0
    contacts, replies = contacts[here], replies[here]
    n, units = contacts.sum(), len(contacts)
    rate = float(replies.sum() / n) if n else float("nan")
    spread = float(np.sum((replies - rate * contacts) ** 2))
    variance = spread * units / (units - 1) / n**2 if units > 1 else float("nan")
    return _Sums(int(n), int(replies.sum()), units, rate, variance)


def _look(
    arms: list[_Sums],
    log_likelihood: np.ndarray,
    planned: float,
    *,
    alpha: float,
    allowed: float,
    clustered: bool,
) -> dict[str, Any]:
    from scipy.stats import norm

    a, b = arms
    lift, variance, n_units = b.rate - a.rate, a.variance + b.variance, a.n_units + b.n_units
    total = a.replies + b.replies
    nan = float("nan")
    found = {
        "n_control": a.n, "n_treatment": b.n, "replies_control": a.replies, "replies_treatment": b.replies,
        "lift": lift, "lift_low": nan, "lift_high": nan, "fixed_low": nan, "fixed_high": nan, "e_value": 1.0, "phase": "none",
    }  # fmt: skip
    told = variance > 0 and min(a.replies, b.replies) > 0
    if told:
        half = float(norm.ppf(1 - alpha / 2)) * variance**0.5
        found |= {"fixed_low": lift - half, "fixed_high": lift + half}
    if total >= FEW_REPLIES and told and (not clustered or min(a.n_units, b.n_units) >= FEW_UNITS):
        half = float(sequence_half_width(variance, n_units, alpha=allowed, n_tuned=planned))
        e_value = float(normal_e_value(lift / variance**0.5, n_units, alpha=allowed, n_tuned=planned))
        ends = {"lift_low": max(lift - half, -1.0), "lift_high": min(lift + half, 1.0)}
        return found | ends | {"e_value": e_value * allowed / alpha, "phase": "asymptotic"}
    if not clustered and total and a.n and b.n:
        e_value, low, high = exact_sequence(log_likelihood, alpha=allowed)
        ends = {name: lift_of_odds(end, b.n, a.n, total) for name, end in (("lift_low", low), ("lift_high", high))}
        return found | ends | {"e_value": e_value * allowed / alpha, "phase": "exact"}
    return found
