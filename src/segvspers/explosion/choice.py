"""One choice of the explorer: some attributes and a number of templates, and what comes of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from segvspers._display import count, money, percent, plural
from segvspers.errors import ArgumentError
from segvspers.explosion.cells import n_cells_of
from segvspers.explosion.cube import Cells
from segvspers.explosion.frames import coverage_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from segvspers.explosion.finding import Explosion


@dataclass(frozen=True, slots=True, eq=False)
class SegmentChoice:
    """What some attributes and a template budget come to; shares are proportions, 0 to 1.

    Attributes
    ----------
    attributes, n_templates, n_contacts, n_placed
        The choice, the list, and contacts whose every attribute is known.
    n_possible, n_occupied, n_single, n_at_minimum, minimum_size, n_testable, relative_lift
        Cells of the choice.
    n_own, share_own
        Largest cells that have a template each, and the share of the list in them; the others get one
        common email.
    templates_usd, emails_usd, n_crossing
        Cost of the templates and of one email each; templates that cost as much (S*).
    difference_left
        How far two contacts with the same template differ, over how far two of the list do.
    outcome, explained, explained_in_sample
        What the cells explain of the outcome on contacts not seen, and on the data they were read from.
    coverage, scores
        The coverage curve, and the scores of every segmentation.
    """

    attributes: tuple[str, ...]
    n_templates: int
    n_contacts: int
    n_placed: int
    n_possible: float
    n_occupied: int
    n_single: int
    n_at_minimum: int
    minimum_size: int
    n_testable: int
    relative_lift: float
    n_own: int
    share_own: float
    templates_usd: float
    emails_usd: float
    n_crossing: float
    difference_left: float
    outcome: str | None
    explained: float
    explained_in_sample: float
    coverage: pd.DataFrame = field(repr=False)
    scores: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers of the choice, one a row."""
        names = [name for name in self.__dataclass_fields__ if name not in {"attributes", "coverage", "scores"}]
        return pd.DataFrame({"figure": names, "value": [getattr(self, name) for name in names]})

    def summary(self) -> str:
        """Return the choice in two sentences."""
        crossed = " x ".join(self.attributes) or "No attribute"
        cells = f"{count(self.n_possible)} possible segments, {count(self.n_occupied)} occupied"
        cells = cells if self.attributes else "the list is one segment"
        told = f"; they explain {percent(self.explained, 2)} of {self.outcome} on contacts not seen"
        told = "" if self.outcome is None else told
        return f"{crossed}: {cells}, {count(self.n_testable)} testable{told}. {self._templates()}{self._differ()}."

    def _templates(self) -> str:
        emails = f"(one email each: {money(self.emails_usd)})"
        if not self.n_own:
            return f"Without a template of their own everybody gets one common email {emails}"
        verb = "reaches" if self.n_own == 1 else "reach"
        return (
            f"{plural(self.n_own, 'template')} for {money(self.templates_usd)} {verb} {percent(self.share_own, 0)} "
            f"of the list {emails}"
        )

    def _differ(self) -> str:
        if math.isnan(self.difference_left):
            return ""
        return f"; two people with the same template differ {percent(self.difference_left, 0)} as much as any two"

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw cells, coverage, cost and what is left inside, as panels of one picture."""
        from segvspers.plots.explosion import draw_choice

        return draw_choice(self, ax=ax)

    def _repr_html_(self) -> str:
        from segvspers.explosion.explore import static_html

        return static_html(self)


def choose(
    found: Explosion, attributes: Sequence[str], n_templates: int, *, cells: Cells | None = None
) -> SegmentChoice:
    """Return what a choice comes to, from the cells kept by an explosion; the list is not read again.

    Parameters
    ----------
    found
        The explosion.
    attributes
        Some of its attributes; none of them leaves the list as one segment.
    n_templates
        Templates that are written; those beyond the cells that hold somebody are not needed.
    cells
        The cells of `attributes`, when they are at hand.

    Raises
    ------
    ArgumentError
        When an attribute is none of the explosion's, or `n_templates` is negative.
    """
    unknown = [name for name in attributes if name not in found.by]
    if unknown:
        raise ArgumentError(f"attributes={unknown} are not known; choose among {list(found.by)}.")
    if n_templates < 0:
        raise ArgumentError(f"n_templates={n_templates} must be 0 or more.")
    listed = tuple(name for name in found.by if name in attributes)
    held = found.cube.cells(listed) if cells is None else cells
    counts, n_own = held.counts, min(int(n_templates), len(held.counts))
    told = found.cube.explained(listed)
    apart, between = found.cube.difference(held, n_own), found.difference_list
    levels = found.levels["attribute"].value_counts()
    scores = found.subsets[["n_occupied", "explained", "explained_in_sample"]] if found.outcome else pd.DataFrame()
    return SegmentChoice(
        attributes=listed,
        n_templates=int(n_templates),
        n_contacts=found.n_contacts,
        n_placed=int(counts.sum()),
        n_possible=n_cells_of([int(levels[name]) for name in listed]),
        n_occupied=len(counts),
        n_single=int((counts == 1).sum()),
        n_at_minimum=int((counts >= found.minimum_size).sum()),
        minimum_size=found.minimum_size,
        n_testable=int((counts >= found.contacts_per_test).sum()),
        relative_lift=found.relative_lift,
        n_own=n_own,
        share_own=float(counts[:n_own].sum() / max(1, found.n_contacts)),
        templates_usd=n_own * found.template_cost_usd,
        emails_usd=found.n_contacts * found.email_cost_usd,
        n_crossing=found.n_crossing,
        difference_left=apart / between if between > 0 else math.nan,
        outcome=found.outcome,
        explained=told.held_out,
        explained_in_sample=told.in_sample,
        coverage=coverage_frame(counts).assign(share=lambda f: f["share"] * counts.sum() / max(1, found.n_contacts)),
        scores=scores,
    )


def start_of(
    found: Explosion, attributes: Sequence[str] | None, n_templates: int | None
) -> tuple[tuple[str, ...], int]:
    """Return where the explorer starts: all attributes and as many templates as one email each would pay for."""
    chosen = found.by if attributes is None else tuple(attributes)
    if n_templates is None:
        n_templates = int(min(found.n_crossing, found.n_occupied)) if found.n_occupied else 0
    return chosen, n_templates


def most_templates(found: Explosion, n_templates: int) -> int:
    """Return the end of the budget's slider: past S*, past the start, and never past the cells by much."""
    crossing: Any = found.n_crossing if math.isfinite(found.n_crossing) else 0
    return int(max(10, n_templates, min(found.n_occupied, 3 * crossing)))
