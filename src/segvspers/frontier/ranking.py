"""How well a score ranks contacts by what the treatment brings them: Qini, AUUC and rank-weighted effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import check_choice, check_fraction
from segvspers._display import html_finding, interval
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.experiment.outcomes import AFTER, as_rows, evidence_of, pick_arms
from segvspers.frontier.read import read_outcome, read_rows, read_units
from segvspers.frontier.scores import Learned, score_contacts
from segvspers.frontier.uplift_areas import influence_error, qini_area, targeting_area, targeting_curve, uplift_area

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_GROUPS = 100
SHARES = np.linspace(0.05, 1.0, 20)
LEAST = 100


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """How well contacts are ranked by their gain from the treatment.

    Attributes
    ----------
    evidence, control, treatment, by, outcome
        How the test came about, its variants, the score that ranks (highest first), the column valued.
    n_contacts, n_units, confidence
        Contacts ranked, units of the errors, level of the intervals.
    qini, qini_low, qini_high, auuc, auuc_low, auuc_high
        Areas under the Qini and uplift curves over random targeting, as shares of a perfect ranking's; nan for amounts.
    autoc, autoc_low, autoc_high, p_value
        Area under the targeting curve (RATE): 0 when the ranking tells nothing; and its two-sided p-value.
    lift
        Gain per contact when everybody gets the treatment.
    curve
        One row a share of contacts: ``share``, ``toc`` with its ends (gain of the top share less that of all) and
        ``lift`` with its ends (gain of the top share).
    """

    evidence: str
    control: str
    treatment: str
    by: str
    outcome: str
    n_contacts: int
    n_units: int
    confidence: float
    qini: float
    qini_low: float
    qini_high: float
    auuc: float
    auuc_low: float
    auuc_high: float
    autoc: float
    autoc_low: float
    autoc_high: float
    p_value: float
    lift: float
    curve: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a share of contacts."""
        return self.curve.copy()

    def summary(self) -> str:
        """Return the finding in plain sentences."""
        area = f"AUTOC {self.autoc:.4f} ({interval(f'{self.autoc_low:.4f}', f'{self.autoc_high:.4f}')})"
        if self.autoc_low > 0:
            told = f"Ranking contacts by {self.by} finds who gains from {self.treatment} better than chance"
        elif self.autoc_high < 0:
            told = f"Ranking contacts by {self.by} goes the wrong way round: those put first gain least from {self.treatment}"
        else:
            told = (
                f"Ranking contacts by {self.by} can't be told from a random ranking of who gains from {self.treatment}"
            )
        told = f"{told}: {area}."
        if np.isfinite(self.qini):
            told += f" Qini {self.qini:.3f} ({interval(f'{self.qini_low:.3f}', f'{self.qini_high:.3f}')})."
        return f"SIMULATED. {told}" if self.evidence == "simulated" else told

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the gain of the top share of contacts against that share."""
        from segvspers.plots.frontier import draw_ranking

        return draw_ranking(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Ranking of contacts by their gain", self.summary(), self.curve)


def evaluate_ranking(
    outcomes: Any,
    *,
    by: str,
    control: str,
    treatment: str | None = None,
    outcome: str = "replied",
    kind: str | None = None,
    cluster: str | None = None,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> Ranking:
    """Tell how well a column ranks contacts by what the treatment brings them, in a randomised test.

    Parameters
    ----------
    outcomes
        One row an assigned contact with `variant`, the outcome and the score; or what `read_outcomes` reads.
    by
        Column of the score, made without these outcomes; the highest is mailed first.
    control, treatment, outcome, cluster, confidence, columns
        As in `compare_reply_rates`.
    kind
        ``"rate"`` or ``"amount"``; left out, a name that ends in ``_usd`` is an amount.

    Returns
    -------
    Ranking
        Areas with intervals, and the targeting curve.

    Raises
    ------
    DataError
        When a column is missing or a value is no number.
    ArgumentError
        When the score was measured after the draw.
    NotEstimableError
        When a variant has fewer than 100 contacts, or the score is the same for everybody.

    Notes
    -----
    Contacts of one score are in random order. Both variants are taken as drawn with their shares. Areas are smooth
    functions of sums by rank, so errors follow from each unit's influence on the sums (infinitesimal jackknife, 100
    rank groups); the areas themselves use every distinct score.

    References
    ----------
    Radcliffe (2007), Direct Marketing Analytics Journal 1, 14-21. Yadlowsky, Fleming, Shah, Brunskill and Wager (2021),
    arXiv 2111.07966.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = sv.evaluate_ranking(outcomes, by="prior_opens", control="segment", cluster="company_id")
    >>> -1 < found.qini < 1
    True
    """
    check_fraction("confidence", confidence)
    kind = kind or ("amount" if outcome.endswith("_usd") else "rate")
    check_choice("kind", kind, ("rate", "amount"))
    if by in (*AFTER, "variant", outcome):
        raise ArgumentError(f"by={by!r} is the draw or comes after it; rank by a score made before.")
    given = as_rows(outcomes, columns)
    evidence = evidence_of(given, given.attrs)
    frame = read_rows(given, None, [by], outcome, [cluster] if cluster else [], None)
    control, treatment = pick_arms(frame, control=control, treatment=treatment)
    frame = frame[frame["variant"].astype(str).isin([control, treatment])].reset_index(drop=True)
    treated = frame["variant"].astype(str).eq(treatment).to_numpy()
    y, score = read_outcome(frame, outcome, kind), _number(frame, by)
    if min(treated.sum(), (~treated).sum()) < LEAST or np.ptp(score) == 0:
        raise NotEstimableError(
            f"{control!r} has {int((~treated).sum()):,} contacts and {treatment!r} {int(treated.sum()):,} (at least {LEAST} each), and "
            f"{by!r} takes {len(np.unique(score)):,} values (at least 2): nothing can be ranked."
        )
    unit = read_units(frame, cluster)[0]
    means, share = (y[~treated].mean(), y[treated].mean()), treated.mean()
    gain = np.where(treated, (y - means[1]) / share, -(y - means[0]) / (1 - share)) + means[1] - means[0]
    return rank(score, gain, treated.astype(int), y, unit, kind=kind, confidence=confidence, by=by, control=control,
                treatment=treatment, outcome=outcome, evidence=evidence)  # fmt: skip


def rank_learned(learned: Learned, blasts: np.ndarray, *, confidence: float, **told: str) -> Ranking | None:
    """Return how the gain from an individual email, foretold on earlier blocks, ranks the contacts of each block.

    `blasts` is the best single blast before each block, ``(n_blocks,)``.
    """
    test = learned.test
    if test.individual < 0:
        return None
    seen = test.block >= learned.scored.start
    blast = blasts[test.block]
    rows = np.arange(test.n_contacts)
    scores = score_contacts(learned)
    gain = scores[rows, test.individual] - scores[rows, blast]
    means = learned.means[test.block, test.cell]
    foretold = means[rows, test.individual] - means[rows, blast]
    rank_in_block = np.full(test.n_contacts, np.nan)
    for block in learned.scored:
        here = test.block == block
        rank_in_block[here] = pd.Series(foretold[here]).rank(pct=True).to_numpy()
    arm = np.where(test.arm == test.individual, 1, np.where(test.arm == blast, 0, -1))
    if np.ptp(rank_in_block[seen]) == 0:
        return None
    return rank(rank_in_block[seen], gain[seen], arm[seen], test.outcome[seen], test.unit[seen], kind=test.kind,
                confidence=confidence, **told)  # fmt: skip


def rank(
    score: np.ndarray,
    gain: np.ndarray,
    arm: np.ndarray,
    y: np.ndarray,
    unit: np.ndarray,
    *,
    kind: str,
    confidence: float,
    **told: Any,
) -> Ranking:
    """Return the areas for a score; `arm` is 1 treated, 0 control, -1 neither, and `gain` each contact's score of gain."""
    from scipy.stats import norm

    exact = np.unique(-score, return_inverse=True)[1]
    coarse = _coarse(exact)
    width = float(norm.ppf(0.5 + confidence / 2))
    shares = np.column_stack([arm == 1, (arm == 1) * y, arm == 0, (arm == 0) * y]).astype(float)
    robust = np.column_stack([np.ones(len(y)), gain])
    areas: dict[str, Any] = dict.fromkeys(("qini", "qini_low", "qini_high", "auuc", "auuc_low", "auuc_high"), np.nan)
    if kind == "rate":
        for name, measure in (("qini", qini_area), ("auuc", uplift_area)):
            value = measure(_by_group(shares, exact))
            error = influence_error(measure, _by_group(shares, coarse), shares, coarse, unit)[0]  # type: ignore[arg-type]
            areas |= {name: float(value), f"{name}_low": float(value - width * error)}
            areas[f"{name}_high"] = float(value + width * error)
    autoc = targeting_area(_by_group(robust, exact))
    rough = _by_group(robust, coarse)
    error = float(influence_error(targeting_area, rough, robust, coarse, unit)[0])  # type: ignore[arg-type]
    return Ranking(
        n_contacts=len(y), n_units=len(np.unique(unit)), confidence=confidence, autoc=autoc,
        autoc_low=autoc - width * error, autoc_high=autoc + width * error,
        p_value=float(2 * norm.sf(abs(autoc) / error)) if error > 0 else float("nan"), lift=float(gain.mean()),
        curve=_curve(robust, exact, coarse, unit, width), **areas, **told,
    )  # fmt: skip


def _curve(robust: np.ndarray, exact: np.ndarray, coarse: np.ndarray, unit: np.ndarray, width: float) -> pd.DataFrame:
    sums, rough = _by_group(robust, exact), _by_group(robust, coarse)

    def both(one: np.ndarray) -> np.ndarray:
        toc = targeting_curve(one, SHARES)
        return np.r_[toc, toc + one[:, 1].sum() / one[:, 0].sum()]

    value, error = both(sums), influence_error(both, rough, robust, coarse, unit)
    n = len(SHARES)
    columns: dict[str, np.ndarray] = {"share": SHARES}
    for name, part in (("toc", slice(0, n)), ("lift", slice(n, 2 * n))):
        columns |= {name: value[part], f"{name}_low": value[part] - width * error[part],
                    f"{name}_high": value[part] + width * error[part]}  # fmt: skip
    return pd.DataFrame(columns)


def _coarse(exact: np.ndarray) -> np.ndarray:
    """Return at most 100 groups of neighbouring ranks, about equally large, from best to worst."""
    counts = np.bincount(exact)
    middle = (np.cumsum(counts) - counts / 2) / counts.sum()
    return np.unique((middle * N_GROUPS).astype(int), return_inverse=True)[1][exact]


def _by_group(parts: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.column_stack([np.bincount(group, weights=one) for one in parts.T])


def _number(frame: pd.DataFrame, name: str) -> np.ndarray:
    values = pd.to_numeric(frame[name].astype("object"), errors="coerce").to_numpy(dtype=float)
    bad = ~np.isfinite(values)
    if bad.any():
        raise DataError(
            f"{name!r} is empty or no number in {int(bad.sum()):,} rows (first: row {int(np.flatnonzero(bad)[0]) + 1})."
        )
    return values
