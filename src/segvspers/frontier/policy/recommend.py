"""`recommend_variant`: from a randomised test, or from stated assumptions, to one variant a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_choice, check_fraction, require_columns
from segvspers.errors import ArgumentError
from segvspers.experiment.outcomes import as_rows, check_covariates, evidence_of
from segvspers.experiment.world import World
from segvspers.frontier.policy.assemble import assemble
from segvspers.frontier.policy.assumed import recommend_by_world
from segvspers.frontier.policy.choosing import RULES, choose_before_blocks, learn_gains
from segvspers.frontier.policy.coding import cell_codes, coded_rows, join_features, plan_features
from segvspers.frontier.policy.finding import Recommendation
from segvspers.frontier.policy.groups import Grid
from segvspers.frontier.policy.settings import check_levels, default_place, read_costs, read_rule
from segvspers.frontier.policy.value import value_hybrid
from segvspers.frontier.read import read_test
from segvspers.frontier.scores import learn


def recommend_variant(
    contacts: pd.DataFrame,
    outcomes: Any = None,
    *,
    features: Sequence[str] | str | None = None,
    default: str = "segment",
    outcome: str = "replied",
    kind: str | None = None,
    rule: str = "evident",
    reply_value_usd: float | None = None,
    cost_per_email_usd: float | Mapping[str, float] = 0.0,
    individual: str | None = None,
    holdout: str | None = None,
    cluster: str | None = None,
    propensities: Mapping[str, float] | str | None = None,
    within: str | None = None,
    n_bands: int = 5,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
    world: World | None = None,
    facts: pd.DataFrame | None = None,
    rng: int | np.random.Generator | None = 0,
) -> Recommendation:
    """Recommend one variant for each contact by what a randomised test tells of contacts like it.

    Parameters
    ----------
    contacts
        The list, one row a contact, with the features; `consent` and `suppressed` hold contacts back where they stand.
    outcomes
        A randomised test, as for `draw_frontier`; features that it lacks are taken from `contacts` by `contact_id`.
    features
        Columns known before the draw that groups are told by. Numbers of many values are cut into `n_bands`.
    default
        The variant of everybody for whom the test does not carry another one.
    outcome, kind, individual, holdout, cluster, propensities, within, columns
        As in `draw_frontier`. The holdout is no candidate.
    rule
        ``"evident"``: nobody leaves the default unless the interval of another variant's net gain lies above zero, for all on average
        or for some group; then each group goes by its own expected net gain where it is evident that groups differ, and by
        what is sure for all where it is not. ``"sure"``: another variant only in groups whose own interval lies above zero.
        ``"expected"``: wherever the expected net gain is above zero, evidence or not.
    reply_value_usd, cost_per_email_usd
        Worth of one reply, dollars (an amount is worth itself); cost of an email by variant, or of an individual one. Without a
        worth gains are told in replies, and no costs can be held against them.
    confidence
        Level of intervals, and of the rules that go by them.
    world, facts
        In place of `outcomes`, where nobody was tested yet: an assumed world, and what is known of contacts (or a column
        `bits_known` of the list). Everything is then marked as simulated.
    rng
        Seed of the blocks.

    Returns
    -------
    Recommendation
        `to_frame()` is the table, `to_sql()` the rules, `route_contacts(..., recommended=)` and `estimate_roi` take it.

    Raises
    ------
    DataError
        When columns, variants or values are missing.
    ArgumentError
        When a feature was measured after the draw, or arguments contradict each other.
    NotEstimableError
        When the variant follows from the features, or too little was seen.

    Notes
    -----
    The gain of each cell of the features is drawn to what its levels share and to the common gain, as far as the test
    says that groups are alike (see `segvspers.frontier.policy.gains`), so the largest of many noisy gains is not taken at its
    face. Contacts in a cell that the test did not see get the default. The value of the whole is honest: ten random blocks, each
    valued by the rule learned on those before it, as in `draw_frontier`; early blocks are learned from few contacts, so
    it is a little low. Differences are paired: contacts whom two policies treat alike add nothing to their error.

    References
    ----------
    Fay and Herriot (1979), Journal of the American Statistical Association 74, 269-277. Luedtke and van der Laan (2016), Annals
    of Statistics 44, 713-742. Simester, Timoshenko and Zoumpoulis (2020), Management Science 66, 2495-2522. Hitsch, Misra and
    Zhang (2024), Quantitative Marketing and Economics 22, 115-168.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = sv.recommend_variant(
    ...     contacts, outcomes, features=["engagement_level", "purchase_status"], cluster="company_id",
    ...     reply_value_usd=40, cost_per_email_usd=0.05)
    >>> found.to_frame().columns.tolist()[:3], len(found.to_frame())
    (['contact_id', 'variant', 'candidate'], 5000)
    """
    check_choice("rule", rule, RULES)
    check_fraction("confidence", confidence)
    if outcomes is None:
        if world is None:
            raise ArgumentError(
                "there is nothing to go by: give the outcomes= of a randomised test with features=, or world=World() to reckon with "
                "assumptions, which are marked as simulated."
            )
        return recommend_by_world(
            contacts, world, facts=facts, rule=rule, reply_value_usd=reply_value_usd, cost_per_email_usd=cost_per_email_usd,
            confidence=confidence,
        )  # fmt: skip
    if world is not None:
        raise ArgumentError(
            "outcomes= and world= were both given; a test needs no assumed world, so leave one of them out."
        )
    if not features:
        raise ArgumentError("features= is empty; name columns known before the draw that groups are told by.")
    names = [features] if isinstance(features, str) else list(features)
    check_covariates(names)
    require_columns(contacts, ["contact_id", *names], table="contacts")
    frame = join_features(as_rows(outcomes, columns), contacts, names)
    require_columns(frame, ["variant", outcome, *names], table="outcomes")
    plans = plan_features(frame, names, n_bands)
    check_levels(frame, plans)
    test = read_test(
        coded_rows(frame, plans), features=names, outcome=outcome, kind=kind, individual=individual, holdout=holdout,
        cluster=cluster, propensities=propensities, within=within, rng=as_rng(rng),
    )  # fmt: skip
    costs = read_costs(test, cost_per_email_usd, reply_value_usd)
    learned = learn(test)
    how = read_rule(learned, default, rule, costs, reply_value_usd, confidence)
    hybrid = choose_before_blocks(learned, how)
    known = test.kind == "amount" or reply_value_usd is not None
    policies, n_scored = value_hybrid(learned, how, hybrid, costs, confidence=confidence, known=known)
    gains = learn_gains(test, how, learned.sums.total(), learned.final)
    told = {
        "default": default, "individual": test.arms[test.individual] if test.individual >= 0 else "",
        "features": tuple(names), "outcome": outcome, "kind": test.kind, "cluster": cluster, "rule": rule,
        "confidence": confidence, "evidence": evidence_of(frame, frame.attrs), "n_test": test.n_contacts, "n_scored": n_scored,
        "reply_value_usd": how.worth if known else float("nan"),
        "cost_per_email_usd": {test.arms[place]: cost for place, cost in costs.items()},
        "variants": tuple(test.arms[place] for place in (default_place(test, default), *how.arms)),
    }  # fmt: skip
    n_test = np.bincount(test.cell, minlength=test.n_cells)
    grid = Grid(test.arms, plans, cell_codes(test.cell_levels, plans), n_test, n_test)
    return assemble(contacts, grid, how, gains, policies, told, [test.assumed] if test.assumed else [])
