"""A segmentation: who belongs together, why, and where new contacts go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from segvspers._checks import check_choice
from segvspers._display import html_finding, percent, plural
from segvspers.errors import DataError
from segvspers.segments.assigners import Assigner
from segvspers.segments.features import history_features

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VIEWS = ("sizes", "profiles", "counts", "map", "stability")


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """Segments of a list of contacts; shares are proportions, 0 to 1.

    Attributes
    ----------
    method, n_segments, n_contacts, columns
        How it was made, and of what.
    segments
        One row a segment, largest first: ``segment_id, segment_name, n_contacts, share, membership``.
    profiles
        One row a segment, column and level: its share there and in the list, with the lift.
    counts
        One row a number of segments tried: ``n_segments, bic, icl, held_out_log_likelihood``; may be empty.
    notes
        What the reader should know: columns left out, numbers of segments that are as good.
    """

    method: str
    n_segments: int
    n_contacts: int
    columns: tuple[str, ...]
    segments: pd.DataFrame
    profiles: pd.DataFrame
    counts: pd.DataFrame
    notes: tuple[str, ...]
    assigner: Assigner
    known: pd.DataFrame

    def assign(self, contacts: pd.DataFrame, *, history: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return a copy of `contacts` with ``segment_id``, ``segment_name`` and ``membership``.

        Parameters
        ----------
        contacts
            The list of the fit, or another one with its columns; columns that are missing say nothing.
        history
            Events of contacts that the fit did not know; contacts of the fit keep what they did then.

        Raises
        ------
        DataError
            When `contacts` has none of the columns of the fit.
        """
        table = self._with_features(contacts, history)
        if not any(name in table.columns for name in self.columns):
            raise DataError(
                f"contacts has none of the columns {list(self.columns)} that the segments were made from; "
                f"it has {list(map(str, contacts.columns))[:40]}."
            )
        place, membership = self.assigner.place(table)
        named = contacts.copy()
        named["segment_id"] = self.segments["segment_id"].to_numpy()[place]
        named["segment_name"] = self.segments["segment_name"].to_numpy()[place]
        named["membership"] = membership
        return named

    def _with_features(self, contacts: pd.DataFrame, history: pd.DataFrame | None) -> pd.DataFrame:
        did = self.known if history is None else history_features(history)
        wanted = [name for name in did.columns if name in self.columns and name not in contacts.columns]
        if not wanted or "contact_id" not in contacts.columns:
            return contacts
        return contacts.assign(**{name: contacts["contact_id"].map(did[name]) for name in wanted})

    def to_frame(self) -> pd.DataFrame:
        """Return one row a segment, largest first."""
        return self.segments.copy()

    def summary(self) -> str:
        """Return the segmentation in two sentences."""
        top, least = self.segments.iloc[0], self.segments.iloc[-1]
        return (
            f"{plural(self.n_segments, 'segment')} of {plural(self.n_contacts, 'contact')}; the largest, "
            f"{top['segment_name']!r}, holds {percent(top['share'], 0)}, the smallest, "
            f"{least['segment_name']!r}, {percent(least['share'], 0)}. {' '.join(self.notes)}"
        ).strip()

    def plot(self, *, view: str = "sizes", ax: Axes | None = None) -> Axes:
        """Draw one view: ``sizes``, ``profiles``, ``counts`` (quality by number), ``map`` or ``stability``."""
        check_choice("view", view, VIEWS)
        from segvspers.plots import segments as drawing

        return getattr(drawing, f"draw_{view}")(self, ax=ax)

    def _repr_html_(self) -> str:
        shown = self.segments[["segment_id", "segment_name", "n_contacts", "share"]]
        return html_finding("Segmentation", self.summary(), shown, n_contacts="count", share="percent")
