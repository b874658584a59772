"""`draw_frontier`: of a randomised test, or of a world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_fraction
from segvspers._display import count, percent
from segvspers.errors import ArgumentError
from segvspers.experiment.outcomes import as_rows, evidence_of
from segvspers.experiment.world import World
from segvspers.frontier.cells import RandomisedTest
from segvspers.frontier.choosing import SMALLEST_LEAF
from segvspers.frontier.costs import Prices, check_prices
from segvspers.frontier.finding import Frontier
from segvspers.frontier.policies import Menu, choose_before_blocks
from segvspers.frontier.ranking import rank_learned
from segvspers.frontier.read import read_test
from segvspers.frontier.scores import learn
from segvspers.frontier.simulated import draw_world
from segvspers.frontier.simulated_finding import SimulatedFrontier
from segvspers.frontier.tastes import Tastes
from segvspers.frontier.value import draw_values

MOST_TEMPLATES = 12


def draw_frontier(
    outcomes: Any,
    *,
    features: Sequence[str] | str = (),
    contacts: pd.DataFrame | None = None,
    outcome: str = "replied",
    kind: str | None = None,
    segments: Sequence[str] | str | None = None,
    templates: Sequence[str] | None = None,
    individual: str | None = None,
    holdout: str | None = None,
    cluster: str | None = None,
    propensities: Mapping[str, float] | str | None = None,
    within: str | None = None,
    reply_value_usd: float | None = None,
    cost_per_template_usd: float | None = None,
    cost_per_email_usd: float | None = None,
    n_contacts: int | None = None,
    max_templates: int | None = None,
    smallest_leaf: int = SMALLEST_LEAF,
    n_bands: int = 5,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
    tastes: Tastes | Mapping[str, Tastes] | None = None,
    rng: int | np.random.Generator | None = 0,
) -> Frontier | SimulatedFrontier:
    """Draw what contacts bring from one blast through k templates to one email per person.

    Parameters
    ----------
    outcomes
        A randomised test of two variants or more: one row an assigned contact (and step), with `variant`, the outcome and
        the features; or what `read_outcomes` reads. A `World`: nothing is estimated, and the true frontier of that world is
        drawn from `tastes`, the prices, `n_contacts` and `max_templates`.
    features
        Columns known before the draw that templates may be chosen by. Numbers of many values are cut into `n_bands`.
    contacts
        Where features stand that `outcomes` lacks, joined by `contact_id`.
    outcome, kind
        Column valued, and whether it is a ``"rate"`` (yes or no) or an ``"amount"``; left out, a name that ends in
        ``_usd`` is an amount.
    segments
        The features that segments are told by; all when left out. The best template per person uses all features.
    templates, individual, holdout
        The variants that any contact could get; the one in which each contact got an email of its own; the one without an
        email. Left out: all others, ``individual``, ``holdout``.
    cluster
        Column of the units that were drawn, such as ``company_id``.
    propensities, within
        The chances of the draw, ``{variant: chance}`` or a column with the chance of the variant that a contact got; or the
        column of the strata that were drawn in. Left out, shares stand in for them and `notes` says so.
    reply_value_usd
        What one reply is worth, dollars; an amount is worth itself. Without it there are no net values; in a world it is
        what the world's deals bring.
    cost_per_template_usd, cost_per_email_usd
        Cost of one template and of one individual email, dollars. Left out: none; in a world 37.50 and 0.17, what the
        defaults of `Costs` come to.
    n_contacts
        Contacts of the list that templates are shared by; those of the test (in a world 10,000) when left out.
    max_templates
        Largest k; all templates, at most 12 (in a world 64), when left out.
    smallest_leaf
        Contacts that a leaf of a tree holds at least.
    confidence, columns
        Level of intervals and bands; ``{our name: their name}``.
    tastes
        In a world: how contacts differ in what they answer to, `Tastes` or ``{type of campaign: Tastes}``; seven types,
        assumed, when left out.
    rng
        Seed of blocks and multipliers.

    Returns
    -------
    Frontier or SimulatedFrontier
        Values, differences from the best blast, bands, the k that pays, the law and the verdict; of a world its truth by
        type of campaign.

    Raises
    ------
    DataError
        When there is one variant, or columns or values are missing.
    ArgumentError
        When a feature was measured after the draw, or arguments contradict each other.
    NotEstimableError
        When the variant follows from the features, or too little was seen.

    Notes
    -----
    Contacts (companies, with `cluster`) fall into ten random blocks. Before each block from the third on, expected
    replies by cell and variant are learned from the blocks before it, all policies are chosen by them, and the block's
    doubly robust scores value them; errors are those of the pooled scores. The best single blast is chosen anew
    before each block too, so no choice is valued on what made it. Policies learned on a tenth to nine tenths of the data are
    worth a little less than those of the whole test. An individual email is valued by its own randomised variant only.

    References
    ----------
    Luedtke and van der Laan (2016), Annals of Statistics 44, 713-742. Wager (2024), arXiv 2405.05534. Zhou, Athey and
    Wager (2023), Operations Research 71, 148-183. Nemhauser, Wolsey and Fisher (1978), Mathematical Programming 14,
    265-294. Simester, Timoshenko and Zoumpoulis (2020), Management Science 66, 3412-3424.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = sv.draw_frontier(outcomes, features=["industry", "engagement_level"], cluster="company_id")
    >>> found.policies["policy"].tolist()
    ['templates', 'hybrid', 'individual']

    >>> truth = sv.draw_frontier(sv.World(log_effect=0.15), tastes=sv.Tastes(n_dimensions=2), max_templates=8)
    >>> truth.verdicts["verdict"].tolist()
    ['hybrid']
    """
    check_fraction("confidence", confidence)
    if isinstance(outcomes, World):
        if len(features):
            raise ArgumentError(
                "a World has no columns, so features= says nothing; say with tastes= what segments see."
            )
        return draw_world(
            outcomes, tastes=tastes, reply_value_usd=reply_value_usd, cost_per_template_usd=cost_per_template_usd,
            cost_per_email_usd=cost_per_email_usd, n_contacts=n_contacts, max_templates=max_templates,
        )  # fmt: skip
    if tastes is not None:
        raise ArgumentError("tastes= belongs to a World; those of a real test are what is estimated.")
    random = as_rng(rng)
    frame = as_rows(outcomes, columns)
    test = read_test(
        frame, features=features, contacts=contacts, outcome=outcome, kind=kind, segments=segments, templates=templates,
        individual=individual, holdout=holdout, cluster=cluster, propensities=propensities, within=within,
        n_bands=n_bands, rng=random,
    )  # fmt: skip
    prices = check_prices(
        reply_value_usd, cost_per_template_usd or 0.0, cost_per_email_usd or 0.0, kind=test.kind,
        n_contacts=test.n_contacts if n_contacts is None else n_contacts,
    )  # fmt: skip
    menu = Menu.of(
        test, most=_most(test, max_templates), template_cost=prices.template_cost, email_cost=prices.email_cost,
        smallest_leaf=smallest_leaf,
    )  # fmt: skip
    evidence = evidence_of(frame, frame.attrs)
    return _draw_test(test, menu, prices, confidence, random, evidence=evidence, outcome=outcome, cluster=cluster)


def _draw_test(
    test: RandomisedTest, menu: Menu, prices: Prices, confidence: float, rng: np.random.Generator, **told: Any
) -> Frontier:
    learned = learn(test)
    blasts = choose_before_blocks(learned, Menu(("templates",), (1,)))[0, :, 0]
    own = test.arms[test.individual] if test.individual >= 0 else ""
    ranking = rank_learned(
        learned, blasts, confidence=confidence, evidence=told["evidence"], control="the best blast", treatment=own,
        by="the foretold gain", outcome=told["outcome"],
    )  # fmt: skip
    return draw_values(
        learned, menu, prices, confidence=confidence, rng=rng, ranking=ranking, notes=_notes(test), **told
    )


def _most(test: RandomisedTest, asked: int | None) -> int:
    there = len(test.templates)
    if asked is None:
        return min(there, MOST_TEMPLATES)
    if isinstance(asked, bool) or not isinstance(asked, (int, np.integer)) or not 1 <= asked <= there:
        raise ArgumentError(
            f"max_templates={asked!r} must be a whole number from 1 to the {there} templates of the test."
        )
    return int(asked)


def _notes(test: RandomisedTest) -> tuple[str, ...]:
    notes = [test.assumed] if test.assumed else []
    notes += [attribute.note + "." for attribute in test.attributes if attribute.note]
    counts = np.bincount(test.cell, minlength=test.n_cells)
    least = len(test.arms)
    small = counts < least
    if small.any():
        notes.append(
            f"{count(small.sum())} of {count(len(counts))} cells hold fewer contacts than there are variants "
            f"({percent(counts[small].sum() / len(test.cell))} of contacts); they borrow from cells that are like them."
        )
    if test.individual >= 0 and len(test.templates) > 1:
        notes.append(
            "Templates are valued as chosen from 20 to 90 % of the contacts, and from all of them they would be chosen a "
            "little better; individual email learns nothing here, so near a tie this favours it."
        )
    if test.individual < 0:
        notes.append(
            "No variant held individual emails, and what they would bring can't be told from templates: give them a variant of "
            "their own in the next test (individual= names it)."
        )
    return tuple(notes)
