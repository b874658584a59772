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
from segvspers.frontier.cells import RandomisedTest
from segvspers.frontier.choosing import SMALLEST_LEAF
from segvspers.frontier.costs import check_prices
from segvspers.frontier.finding import Frontier
from segvspers.frontier.policies import Menu, choose_before_blocks
from segvspers.frontier.ranking import rank_learned
from segvspers.frontier.read import read_test
from segvspers.frontier.scores import learn
from segvspers.frontier.value import draw_values

MOST_TEMPLATES = 12


def draw_frontier(
    outcomes: Any,
    *,
    features: Sequence[str] | str,
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
    cost_per_template_usd: float = 0.0,
    cost_per_email_usd: float = 0.0,
    n_contacts: int | None = None,
    max_templates: int | None = None,
    smallest_leaf: int = SMALLEST_LEAF,
    n_bands: int = 5,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
    rng: int | np.random.Generator | None = 0,
) -> Frontier:
    """Draw what contacts bring from one blast through k templates to one email per person.

    Parameters
    ----------
    outcomes
        A randomised test of two variants or more: one row an assigned contact (and step), with `variant`, the outcome and
        the features; or what `read_outcomes` reads.
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
        What one reply is worth, dollars; an amount is worth itself. Without it there are no net values.
    cost_per_template_usd, cost_per_email_usd
        Cost of one template and of one individual email, dollars.
    n_contacts
        Contacts of the list that templates are shared by; those of the test when left out.
    max_templates
        Largest k; all templates, at most 12, when left out.
    smallest_leaf
        Contacts that a leaf of a tree holds at least.
    confidence, columns
        Level of intervals and bands; ``{our name: their name}``.
    rng
        Seed of blocks and multipliers.

    Returns
    -------
    Frontier
        Values, differences from the best blast, bands, the k that pays, the law and the verdict.

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
    265-294. Simester, Timoshenko and Zoumpoulis (2020), Management Science 66, 2495-2522.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = sv.draw_frontier(outcomes, features=["industry", "engagement_level"], cluster="company_id")
    >>> found.policies["policy"].tolist()
    ['templates', 'hybrid', 'individual']
    """
    check_fraction("confidence", confidence)
    random = as_rng(rng)
    frame = as_rows(outcomes, columns)
    test = read_test(
        frame, features=features, contacts=contacts, outcome=outcome, kind=kind, segments=segments, templates=templates,
        individual=individual, holdout=holdout, cluster=cluster, propensities=propensities, within=within,
        n_bands=n_bands, rng=random,
    )  # fmt: skip
    prices = check_prices(
        reply_value_usd, cost_per_template_usd, cost_per_email_usd, kind=test.kind,
        n_contacts=test.n_contacts if n_contacts is None else n_contacts,
    )  # fmt: skip
    menu = Menu.of(
        test, most=_most(test, max_templates), template_cost=prices.template_cost, email_cost=prices.email_cost,
        smallest_leaf=smallest_leaf,
    )  # fmt: skip
    learned = learn(test)
    evidence = evidence_of(frame, frame.attrs)
    blasts = choose_before_blocks(learned, Menu(("templates",), (1,)))[0, :, 0]
    own = test.arms[test.individual] if test.individual >= 0 else ""
    ranking = rank_learned(
        learned, blasts, confidence=confidence, evidence=evidence, control="the best blast", treatment=own,
        by="the foretold gain", outcome=outcome,
    )  # fmt: skip
    return draw_values(
        learned, menu, prices, confidence=confidence, rng=random, evidence=evidence, outcome=outcome, cluster=cluster,
        ranking=ranking, notes=_notes(test),
    )  # fmt: skip


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
    if test.individual < 0:
        notes.append(
            "No variant held individual emails, and what they would bring can't be told from templates: give them a variant of "
            "their own in the next test (individual= names it)."
        )
    return tuple(notes)
