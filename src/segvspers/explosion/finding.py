"""What an explosion of segments is told by: one frozen object that holds every number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from segvspers._checks import check_choice
from segvspers._display import count, html_finding, percent, plural
from segvspers.explosion.cube import Cube

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VIEWS = (
    "growth",
    "coverage",
    "forecast",
    "test",
    "costs",
    "anonymity",
    "honest",
    "overlap",
    "differences",
    "pair",
)


@dataclass(frozen=True, slots=True, eq=False)
class Explosion:
    """Growth of segments as attributes are crossed; shares are proportions, 0 to 1.

    Attributes
    ----------
    by, n_contacts, n_placed
        The attributes, the contacts, and those of them who stand in a cell: every attribute is known.
    n_possible, n_occupied, n_empty, n_single, n_below_minimum, minimum_size, median_contacts
        Cells of the full cross, and contacts in the middle occupied cell.
    n_cells_50, n_cells_80, n_cells_95
        Largest cells that together hold that share of the contacts placed.
    n_testable, share_testable, contacts_per_test, base_rate, relative_lift
        Cells, and the share of contacts in them, large enough for a test of the stated lift.
    bits
        Mean of -log2 of the share of contacts in a contact's cell: what its segment tells of a contact, on
        the scale on which one person in the list is log2(n_contacts).
    unseen_share, unseen_share_low, unseen_share_high, chao1
        Share of future contacts who will stand in a cell not seen yet, with its 95 % interval; lower bound of
        the cells that exist.
    template_cost_usd, email_cost_usd, n_crossing
        Cost of a template and of an individual email; templates that cost as much as one email each (S*).
    difference_within, difference_list
        Share of the other columns in which two contacts of one cell, and of the whole list, differ.
    facts_shared_within, facts_shared_list
        Share of their facts that two contacts of one cell, and of the whole list, have in common.
    outcome, best_attributes, explained_best, explained_best_low, simplest_attributes
        The segmentation that explains most of the outcome on contacts it has not seen, if any does beyond
        chance; its share, and the lower bound that holds for all segmentations at once (95 %); the one of
        fewest cells whose share is within one standard error of the best.
    explained_full, explained_full_in_sample
        Share that the full cross explains on contacts not seen, and of the data it was read from.
    explained_by_contact, explained_left
        Share that a model of each contact explains, and how much of that the best segmentation leaves.
    largest_subset, notes
        Most attributes of a subset that was counted; what a reader should know of the columns.
    growth, subsets, cells, coverage, forecast, lifts, costs, anonymity, levels, overlap, differences, pair
        Tidy frames behind the pictures.
    cube
        The cells and the sample that the explorer reads.
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
    bits: float
    unseen_share: float
    unseen_share_low: float
    unseen_share_high: float
    chao1: float
    template_cost_usd: float
    email_cost_usd: float
    n_crossing: float
    difference_within: float
    difference_list: float
    facts_shared_within: float
    facts_shared_list: float
    outcome: str | None
    best_attributes: tuple[str, ...]
    explained_best: float
    explained_best_low: float
    simplest_attributes: tuple[str, ...]
    explained_full: float
    explained_full_in_sample: float
    explained_by_contact: float
    explained_left: float
    largest_subset: int
    notes: tuple[str, ...]
    growth: pd.DataFrame = field(repr=False)
    subsets: pd.DataFrame = field(repr=False)
    cells: pd.DataFrame = field(repr=False)
    coverage: pd.DataFrame = field(repr=False)
    forecast: pd.DataFrame = field(repr=False)
    lifts: pd.DataFrame = field(repr=False)
    costs: pd.DataFrame = field(repr=False)
    anonymity: pd.DataFrame = field(repr=False)
    levels: pd.DataFrame = field(repr=False)
    overlap: pd.DataFrame = field(repr=False)
    differences: pd.DataFrame = field(repr=False)
    pair: pd.DataFrame = field(repr=False)
    cube: Cube = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a step: the attributes added in turn, and the cells after each."""
        return self.growth.copy()

    def summary(self) -> str:
        """Return the story in two sentences."""
        first = (
            f"{_segments(self.n_possible)}; {count(self.n_occupied)} occupied; "
            f"{count(self.n_cells_50)} cover{'s' if self.n_cells_50 == 1 else ''} half the list of {plural(self.n_contacts, 'contact')}; "
            f"{count(self.n_testable)} could be tested for a lift of {percent(self.relative_lift, 0)}."
        )
        return f"{first} {self._trouble()}{self._explained()}."

    def _trouble(self) -> str:
        need = f"a test on a reply rate of {percent(self.base_rate)} needs {count(self.contacts_per_test)}"
        if not self.n_occupied:
            return "No contact has a level of every attribute, so nobody stands in a cell"
        if self.n_empty > 0.25 * self.n_possible:
            return (
                f"The list is small for this cross: {percent(self.n_empty / self.n_possible, 0)} of the cells "
                f"are empty and the middle occupied one holds {plural(round(self.median_contacts), 'contact')}, while {need}"
            )
        if self.n_testable < 0.5 * self.n_occupied:
            return (
                f"The list fills its cells but can't test them: the middle one holds "
                f"{plural(round(self.median_contacts), 'contact')}, while {need}"
            )
        return f"Most cells hold enough contacts to be tested: {need}"

    def _explained(self) -> str:
        if self.outcome is None:
            return ""
        if not self.best_attributes:
            return f"; no segmentation explains {self.outcome} beyond chance on contacts that it has not seen"
        told = (
            f"; on contacts not seen, {' x '.join(self.best_attributes)} explains most of {self.outcome} "
            f"({percent(self.explained_best, 2)} of its variance)"
        )
        if self.best_attributes == self.by or math.isnan(self.explained_full):
            return told
        return (
            f"{told}, the full cross {percent(max(0.0, self.explained_full), 2)}, though it seems to explain "
            f"{percent(self.explained_full_in_sample, 2)} of the data it was read from"
        )

    def plot(self, *, view: str = "growth", ax: Axes | None = None) -> Axes:
        """Draw one view; the first tells the story.

        Parameters
        ----------
        view
            ``growth`` of possible, occupied and testable cells; ``coverage`` of the largest cells;
            ``forecast`` for lists of other sizes; contacts per cell against what a ``test`` needs;
            ``costs`` of templates and individual emails; ``anonymity``: share of contacts in small cells;
            ``honest``: what every segmentation explains; ``overlap`` of levels; ``differences`` left within
            cells, by column; ``pair``: two contacts of one cell side by side.
        ax
            Where to draw; a new figure when left out.
        """
        check_choice("view", view, VIEWS)
        from segvspers.plots import explosion as drawing

        return getattr(drawing, f"draw_{view}")(self, ax=ax)

    def explore(self, *, attributes: Sequence[str] | None = None, n_templates: int | None = None) -> Any:
        """Return the interactive explorer: tick attributes, drag the number of templates.

        Parameters
        ----------
        attributes, n_templates
            Where it starts: all attributes, and as many templates as one email each would pay for.

        Returns
        -------
        ipywidgets.VBox or SegmentChoice
            The choice that it would start with, where ipywidgets is not installed.
        """
        from segvspers.explosion.explore import explore

        return explore(self, attributes=attributes, n_templates=n_templates)

    def _repr_html_(self) -> str:
        shown = self.growth[self.growth["order"] == "given"]
        shown = shown[
            ["added", "n_possible", "n_occupied", "n_single", "n_at_minimum", "n_testable", "median_contacts"]
        ]
        shown = shown.assign(added=shown["added"].where(shown["added"] != "", "(the list)"))
        wording = dict.fromkeys(shown.columns[1:], "count")
        told = " ".join([self.summary(), *(f"Note: {note}." for note in self.notes)])
        return html_finding("Segment explosion", told, shown, **wording)


def _segments(n: float) -> str:
    return f"{count(n)} possible segment{'' if n == 1 else 's'}"
