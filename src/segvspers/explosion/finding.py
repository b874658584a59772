"""What an explosion of segments is told by: one frozen object that holds every number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from segvspers._checks import check_choice
from segvspers._display import count, html_finding, percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VIEWS = ("growth", "coverage", "forecast", "test", "costs", "anonymity", "honest", "pair")


@dataclass(frozen=True, slots=True, eq=False)
class Explosion:
    """Growth of segments as attributes are crossed; shares are proportions, 0 to 1.

    Attributes
    ----------
    by, n_contacts, n_placed
        The attributes, the contacts, and those of them whose every attribute is known.
    n_possible, n_occupied, n_empty, n_single, n_below_minimum, minimum_size, median_contacts
        Cells of the full cross, and contacts in the middle occupied cell.
    n_cells_50, n_cells_80, n_cells_95
        Largest cells that together hold that share of the contacts placed.
    n_testable, share_testable, contacts_per_test, base_rate, relative_lift
        Cells, and the share of contacts in them, large enough for a test of the stated lift.
    unseen_share, chao1
        Share of future contacts who will stand in a cell not seen yet; lower bound of the cells that exist.
    template_cost_usd, email_cost_usd, n_crossing
        Cost of a template and of an individual email; templates that cost as much as one email each (S*).
    difference_within, difference_list
        Share of the other columns in which two contacts of one cell, and of the whole list, differ.
    outcome, best_attributes, explained_best, explained_full, explained_full_in_sample, explained_by_contact
        The segmentation that explains most of the outcome on contacts it has not seen, the full cross, and
        a model of each contact, which shows what is left inside the cells.
    growth, subsets, cells, coverage, curves, forecast, anonymity, levels, pair
        Tidy frames behind the pictures.
    """

    by: tuple[str, ...]
    n_contacts: int
    n_placed: int
    n_possible: float
    n_occupied: int
    n_empty: float
    n_single: int
    n_below_minimum: int
    minimum_size: int
    median_contacts: float
    n_cells_50: int
    n_cells_80: int
    n_cells_95: int
    n_testable: int
    share_testable: float
    contacts_per_test: float
    base_rate: float
    relative_lift: float
    unseen_share: float
    chao1: float
    template_cost_usd: float
    email_cost_usd: float
    n_crossing: float
    difference_within: float
    difference_list: float
    outcome: str | None
    best_attributes: tuple[str, ...]
    explained_best: float
    explained_full: float
    explained_full_in_sample: float
    explained_by_contact: float
    largest_subset: int
    notes: tuple[str, ...]
    growth: pd.DataFrame
    subsets: pd.DataFrame
    cells: pd.DataFrame
    coverage: pd.DataFrame
    curves: pd.DataFrame
    forecast: pd.DataFrame
    anonymity: pd.DataFrame
    levels: pd.DataFrame
    pair: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a step: the attributes added in turn, and the cells after each."""
        return self.growth.copy()

    def summary(self) -> str:
        """Return the story in two sentences, and a third on the outcome when there is one."""
        first = (
            f"{count(self.n_possible)} possible segments; {count(self.n_occupied)} occupied; "
            f"{count(self.n_cells_50)} cover half the list of {plural(self.n_contacts, 'contact')}; "
            f"{count(self.n_testable)} could be tested for a lift of {percent(self.relative_lift, 0)} "
            f"on a reply rate of {percent(self.base_rate)}."
        )
        return " ".join(part for part in (first, self._trouble(), self._explained()) if part)

    def _trouble(self) -> str:
        need = f"a test needs {count(self.contacts_per_test)} contacts"
        if self.n_empty > 0.25 * self.n_possible:
            return (
                f"The list is small for this cross: {percent(self.n_empty / self.n_possible, 0)} of the "
                f"cells are empty and the middle occupied cell holds {count(self.median_contacts)}, while {need}."
            )
        if self.n_testable < 0.5 * self.n_occupied:
            return (
                f"The list fills its cells but can't test them: the middle one holds "
                f"{count(self.median_contacts)} contacts, while {need}."
            )
        return f"Most cells hold enough contacts to be tested: {need}."

    def _explained(self) -> str:
        if self.outcome is None:
            return ""
        if not self.best_attributes:
            return f"No segmentation explains {self.outcome} on contacts that it has not seen."
        return (
            f"On contacts not seen, {' x '.join(self.best_attributes)} explains most of {self.outcome} "
            f"({percent(self.explained_best, 2)} of its variance), the full cross "
            f"{percent(self.explained_full, 2)}, though it seems to explain "
            f"{percent(self.explained_full_in_sample, 2)} of the data it was read from."
        )

    def plot(self, *, view: str = "growth", ax: Axes | None = None) -> Axes:
        """Draw one view; the first tells the story.

        Parameters
        ----------
        view
            ``growth`` of possible, occupied and testable cells; ``coverage`` of the largest cells;
            ``forecast`` for lists of other sizes; contacts per cell against what a ``test`` needs;
            ``costs`` of templates and individual emails; ``anonymity``: share of contacts in small cells;
            ``honest``: what every segmentation explains; ``pair``: two contacts of one cell side by side.
        ax
            Where to draw; a new figure when left out.
        """
        check_choice("view", view, VIEWS)
        from segvspers.plots import explosion as drawing

        return getattr(drawing, f"draw_{view}")(self, ax=ax)

    def explore(self) -> object:
        """Return the interactive explorer, or its static form where widgets are missing."""
        from segvspers.explosion.explore import explore

        return explore(self)

    def _repr_html_(self) -> str:
        shown = self.growth[
            ["added", "n_possible", "n_occupied", "n_single", "n_at_minimum", "n_testable", "median_contacts"]
        ]
        wording = dict.fromkeys(shown.columns[1:], "count")
        return html_finding("Segment explosion", self.summary(), shown, **wording)
