"""A segmentation: who belongs together, why, and where new contacts go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import check_choice
from segvspers._display import html_finding, percent, plural
from segvspers._spark import is_spark
from segvspers.errors import NotEstimableError
from segvspers.segments.features import as_table, history_features
from segvspers.segments.methods.assigning import Assigner
from segvspers.segments.strangers import check_columns, count_values, warn_of_strangers
from segvspers.segments.telling.mapping import PlaneMap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from segvspers.segments.telling.drift import SegmentDrift
    from segvspers.segments.telling.tree import SegmentTree

VIEWS = ("sizes", "profiles", "counts", "map", "stability", "replies")
SURE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """Segments of a list of contacts; shares are proportions, 0 to 1.

    Attributes
    ----------
    method, n_segments, n_contacts, columns
        How it was made, and of what.
    segments
        One row a segment, largest first: ``segment_id, segment_name, n_contacts, share, membership`` (mean),
        ``n_between`` (membership below 0.6); with history ``n_emailed, n_replied, reply_rate_raw, reply_rate``
        (shrunken) and its ends; with refits ``stability`` (mean bootstrap Jaccard) and its ends.
    profiles
        One row a segment, column and level: its share there and in the list, with the lift and its interval;
        the 200 largest segments.
    typical
        One row a segment and one for the list: medians and commonest levels.
    counts
        One row a number of segments tried, with its scores; may be empty.
    notes
        What the reader should know: how the number was chosen, columns left out.
    plane
        Contacts on two axes.
    levels
        One row a column and code: how many contacts of the fit had it; later lists are held against it.
    cells
        Rules only: one row a cell, with the segment it belongs to.
    """

    method: str
    n_segments: int
    n_contacts: int
    columns: tuple[str, ...]
    segments: pd.DataFrame
    profiles: pd.DataFrame
    typical: pd.DataFrame
    counts: pd.DataFrame
    notes: tuple[str, ...]
    plane: PlaneMap
    levels: pd.DataFrame
    cells: pd.DataFrame
    assigner: Assigner
    known: pd.DataFrame

    def assign(
        self, contacts: Any, *, history: Any = None, as_of: str | pd.Timestamp | None = None, detail: bool = False
    ) -> pd.DataFrame:
        """Return a copy of `contacts` with ``segment_id``, ``segment_name`` and ``membership``.

        Parameters
        ----------
        contacts
            The list of the fit, or another one with its columns; columns and values that are missing say nothing. A
            PySpark frame is assigned where it lies, and a PySpark frame is returned.
        history
            Events of contacts that the fit did not know; without it, contacts of the fit keep what they did then.
        as_of
            Use history before this day only.
        detail
            Add ``next_segment_id`` and ``next_membership`` (the second best), ``between_segments`` (membership
            below 0.6) and ``unusual`` (like no segment: below all but 1 % of the list of the fit).

        Raises
        ------
        DataError
            When `contacts` has none of the columns of the fit.
        """
        if is_spark(contacts) or is_spark(history):
            from segvspers.segments.on_spark import assign_on_spark

            return assign_on_spark(self, contacts, history=history, as_of=as_of, detail=detail)
        given = as_table(contacts, "contacts")
        made = self.placed(self.with_features(given, history, as_of=as_of), detail=detail)
        return given.assign(**{name: made[name] for name in made.columns})

    def placed(self, table: pd.DataFrame, *, detail: bool = False) -> pd.DataFrame:
        """Return the columns that `assign` adds, of a table that has the columns of history already."""
        place, membership = self.assigner.place(table)
        ids, names = (self.segments[name].take(place).set_axis(table.index) for name in ("segment_id", "segment_name"))
        named = pd.DataFrame({"segment_id": ids, "segment_name": names, "membership": membership}, index=table.index)
        if not detail:
            return named
        shares = self.assigner.probabilities(table)
        shares[np.arange(len(place)), place] = -1.0
        second, alone = shares.argmax(axis=1), self.n_segments == 1
        return named.assign(
            next_segment_id=None if alone else self.segments["segment_id"].take(second).set_axis(named.index),
            next_membership=0.0 if alone else shares.max(axis=1),
            between_segments=membership < SURE,
            unusual=self.assigner.unusual(table),
        )

    def probabilities(
        self, contacts: Any, *, history: Any = None, as_of: str | pd.Timestamp | None = None
    ) -> pd.DataFrame:
        """Return how surely each contact belongs to each segment: one column a segment, rows add up to 1."""
        table = self.with_features(as_table(contacts, "contacts"), history, as_of=as_of)
        return pd.DataFrame(self.assigner.probabilities(table), index=table.index, columns=self.segments["segment_id"])

    def with_features(
        self, table: pd.DataFrame, history: Any = None, *, as_of: str | pd.Timestamp | None = None
    ) -> pd.DataFrame:
        """Return the table with the columns of history that the segments use, checked.

        Raises
        ------
        DataError
            When the table has none of the columns of the fit.
        """
        did = self.known if history is None else history_features(as_table(history, "history"), as_of=as_of)
        joined = self.joined(table, did)
        check_columns(self.columns, list(joined.columns))
        warn_of_strangers(count_values(self.assigner.plans, joined), stacklevel=4)
        return joined

    def joined(self, table: pd.DataFrame, did: pd.DataFrame) -> pd.DataFrame:
        """Return the table with the columns of what contacts did that the segments use and it lacks."""
        wanted = [name for name in did.columns if name in self.columns and name not in table.columns]
        if not wanted or "contact_id" not in table.columns:
            return table
        return table.assign(**{name: table["contact_id"].map(did[name]) for name in wanted})

    def fit_tree(self, contacts: Any, *, history: Any = None, n_leaves: int = 8, rng: int = 0) -> SegmentTree:
        """Describe the segments by a short decision tree, with how often it agrees; see `fit_tree`."""
        from segvspers.segments.telling.tree import fit_tree

        return fit_tree(self, contacts, history=history, n_leaves=n_leaves, rng=rng)

    def check_drift(self, later: Any, *, history: Any = None) -> SegmentDrift:
        """Compare a later list with the list of the fit: sizes, columns, values never seen; see `check_drift`."""
        from segvspers.segments.telling.drift import check_drift

        return check_drift(self, later, history=history)

    def merge_to(self, n_templates: int, *, how: str = "auto", smallest: int | None = None) -> Segmentation:
        """Group the cells of rules for a budget of templates; see `merge_cells`."""
        from segvspers.segments.crossing.merging import merge_cells

        return merge_cells(self, n_templates, how=how, smallest=smallest)

    def to_sql(self, *, table: str = "contacts", key: str = "contact_id", dialect: str = "duckdb") -> str:
        """Return one SELECT of the key and ``segment_id``, for ``duckdb``, ``postgres``, ``bigquery`` or ``spark``; see `write_sql`."""
        from segvspers.segments.export.sql import write_sql

        return write_sql(self, table=table, key=key, dialect=dialect)

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the segmentation as JSON, and write it to `path` when one is given; no contact is in it."""
        from segvspers.segments.export.saving import dump_segmentation

        return dump_segmentation(self, path)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a segment, largest first."""
        return self.segments.copy()

    def summary(self) -> str:
        """Return the segmentation in a few sentences."""
        filled = self.segments[self.segments["n_contacts"] > 0]
        filled = self.segments if filled.empty else filled
        top, least = filled.loc[filled["n_contacts"].idxmax()], filled.loc[filled["n_contacts"].idxmin()]
        if self.n_segments == 1:
            head = f"1 segment of {plural(self.n_contacts, 'contact')}."
        else:
            head = (
                f"{plural(self.n_segments, 'segment')} of {plural(self.n_contacts, 'contact')}; the largest, "
                f"{top['segment_name']!r}, holds {percent(top['share'], 0)}, the smallest, "
                f"{least['segment_name']!r}, {percent(least['share'], 0)}."
            )
        return " ".join([head, *self.notes]).strip()

    def plot(self, *, view: str = "sizes", ax: Axes | None = None) -> Axes:
        """Draw one view.

        ``sizes``, ``profiles`` (a heat map of lifts), ``counts`` (scores by number of segments), ``map``,
        ``stability`` (bootstrap Jaccard) or ``replies`` (shrunken rates).

        Raises
        ------
        NotEstimableError
            When what the view shows was not worked out; the message says how to.
        """
        check_choice("view", view, VIEWS)
        needs = {
            "counts": ("n_segments" in self.counts.columns, "fit with n_segments='auto'"),
            "stability": ("stability" in self.segments.columns, "fit with n_resamples=20"),
            "replies": ("reply_rate" in self.segments.columns, "fit with the history of the contacts"),
        }
        there, mend = needs.get(view, (True, ""))
        if not there:
            raise NotEstimableError(f"view={view!r} has nothing to show; {mend}.")
        from segvspers.plots import segments as drawing

        return getattr(drawing, f"draw_{view}")(self, ax=ax)

    def _repr_html_(self) -> str:
        rates = [name for name in ("reply_rate", "stability") if name in self.segments.columns]
        shown = self.segments[["segment_id", "segment_name", "n_contacts", "share", *rates]]
        formats = {"reply_rate": "percent"} if "reply_rate" in rates else {}
        return html_finding("Segmentation", self.summary(), shown, n_contacts="count", share="percent", **formats)
