"""Whether a later list is still like the one that segments were made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import few
from segvspers._display import html_finding, percent, plural
from segvspers.segments.codes.coding import UNKNOWN, ColumnCode, code_table
from segvspers.segments.features import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from segvspers.segments.segmentation import Segmentation

# Siddiqi (2006), Credit Risk Scorecards: below 0.1 no real change, above 0.25 a shift that calls for a new model.
SLIGHT, LARGE = 0.1, 0.25


@dataclass(frozen=True, slots=True, eq=False)
class SegmentDrift:
    """A later list against the list of the fit; shares are proportions, 0 to 1.

    Attributes
    ----------
    n_then, n_now
        Contacts of the list of the fit and of the later one.
    stability_index
        Population stability index of the segments' shares.
    segments
        One row a segment: ``segment_id, segment_name, share_then, share_now, change`` and the 95 % ends of the
        change.
    columns
        One row a column, most changed first: ``column, stability_index, missing_then, missing_now,
        never_seen`` (share of values with a level that the fit did not know).
    unusual_share
        Share of contacts who are like no segment; 1 % on the list of a fit, for most methods.
    membership_then, membership_now
        Mean membership.
    """

    n_then: int
    n_now: int
    stability_index: float
    segments: pd.DataFrame
    columns: pd.DataFrame
    unusual_share: float
    membership_then: float
    membership_now: float

    @property
    def verdict(self) -> str:
        """Return ``steady``, ``shifted`` or ``refit``."""
        worst = max(self.stability_index, float(self.columns["stability_index"].max()))
        return "steady" if worst < SLIGHT else "shifted" if worst < LARGE else "refit"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a segment."""
        return self.segments.copy()

    def summary(self) -> str:
        """Return what changed in two or three sentences."""
        moved = self.segments.loc[self.segments["change"].abs().idxmax()]
        size = f"{moved['segment_name']!r} went from {percent(moved['share_then'])} to {percent(moved['share_now'])}"
        head = {
            "steady": f"The {plural(self.n_now, 'contact')} of the later list look like those of the fit",
            "shifted": f"The {plural(self.n_now, 'contact')} of the later list differ somewhat from those of the fit",
            "refit": f"The {plural(self.n_now, 'contact')} of the later list differ from those of the fit; fit anew",
        }[self.verdict]
        index = f"population stability index {self.stability_index:.2f}"
        changed = self.columns.loc[self.columns["stability_index"] >= SLIGHT, "column"].tolist()
        told = f" Changed most: {few(changed)}." if changed else ""
        strangers = self.columns.loc[self.columns["never_seen"] > 0]
        new = "".join(
            f" {percent(row.never_seen)} of {row.column} are levels that the fit never saw."
            for row in strangers.head(3).itertuples()
        )
        return f"{head} ({index}); {size}.{told}{new}"

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the share of each segment then and now."""
        from segvspers.plots.segments import draw_drift

        return draw_drift(self, ax=ax)

    def _repr_html_(self) -> str:
        formats = {"share_then": "percent", "share_now": "percent", "change": "points"}
        ends = {"change_low": "points", "change_high": "points"}
        return html_finding("Drift of segments", self.summary(), self.segments, **formats, **ends)


def check_drift(found: Segmentation, later: Any, *, history: Any = None) -> SegmentDrift:
    """Compare a later list with the list that segments were made from.

    Parameters
    ----------
    found
        The segmentation.
    later
        The later list, with the columns of the fit.
    history
        Events of its contacts, when the segments use any.

    Returns
    -------
    SegmentDrift
        Sizes then and now, and how far each column moved.

    Raises
    ------
    DataError
        When `later` has none of the columns of the fit.

    Notes
    -----
    The population stability index is the sum of (now - then) log(now / then) over shares (Siddiqi 2006), half a
    contact added to each count. The interval of a change is that of the difference of two proportions
    (Newcombe 1998, method 10), each list taken as a sample.
    """
    table = found.with_features(as_table(later, "contacts"), history)
    place, membership = found.assigner.place(table)
    plans, codes = found.assigner.plans, code_table(found.assigner.plans, table)
    then, now = found.segments["n_contacts"].to_numpy(), np.bincount(place, minlength=found.n_segments)
    columns = pd.DataFrame([_column(found, plan, codes[:, i]) for i, plan in enumerate(plans)])
    known = found.segments["membership"].fillna(0)
    return SegmentDrift(
        n_then=found.n_contacts,
        n_now=len(table),
        stability_index=stability_index(then, now),
        segments=_sizes(found, then, now),
        columns=columns.sort_values("stability_index", ascending=False, kind="stable", ignore_index=True),
        unusual_share=float(found.assigner.unusual(table).mean()) if len(table) else float("nan"),
        membership_then=float((known * found.segments["share"]).sum()),
        membership_now=float(membership.mean()) if len(table) else float("nan"),
    )


def stability_index(then: np.ndarray, now: np.ndarray) -> float:
    """Return the population stability index of two rows of counts.

    Examples
    --------
    >>> round(stability_index(np.array([500, 500]), np.array([600, 400])), 3)
    0.04
    """
    a, b = ((counts + 0.5) / (counts.sum() + 0.5 * len(counts)) for counts in (then, now))
    return float(((b - a) * np.log(b / a)).sum())


def _column(found: Segmentation, plan: ColumnCode, codes: np.ndarray) -> dict[str, Any]:
    then = found.levels.loc[found.levels["column"] == plan.name, "n_contacts"].to_numpy()
    now = np.bincount(np.maximum(codes, -1) + 1, minlength=plan.n_levels + 1)
    n = max(1, len(codes))
    return {
        "column": plan.name,
        "stability_index": stability_index(then, now),
        "missing_then": then[0] / max(1, then.sum()),
        "missing_now": float((codes == -1).sum() / n),
        "never_seen": float((codes == UNKNOWN).sum() / n),
    }


def _sizes(found: Segmentation, then: np.ndarray, now: np.ndarray) -> pd.DataFrame:
    from statsmodels.stats.proportion import confint_proportions_2indep

    n_then, n_now = int(then.sum()), int(now.sum())
    ends = [confint_proportions_2indep(b, n_now, a, n_then, method="newcomb") for a, b in zip(then, now, strict=True)]
    frame = found.segments[["segment_id", "segment_name"]].assign(
        share_then=then / n_then, share_now=now / max(1, n_now)
    )
    low, high = np.array(ends, dtype=float).T
    return frame.assign(change=frame["share_now"] - frame["share_then"], change_low=low, change_high=high)
