"""What was asked for, checked: the default, the rule, and what emails cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from segvspers._checks import check_at_least
from segvspers._display import plural
from segvspers.errors import ArgumentError, DataError
from segvspers.frontier.cells import RandomisedTest
from segvspers.frontier.policy.choosing import Rule
from segvspers.frontier.policy.value import design_effect
from segvspers.frontier.scores import Learned
from segvspers.segments.codes.coding import ColumnCode


def default_place(test: RandomisedTest, default: str) -> int:
    """Return the place of the default among the variants of a test."""
    if default not in test.arms:
        raise ArgumentError(f"default={default!r} is no variant of the test; it has {list(test.arms)}.")
    return test.arms.index(default)


def read_rule(
    learned: Learned, default: str, rule: str, costs: Mapping[int, float], worth: float | None, confidence: float
) -> Rule:
    """Return the rule that was asked for, with the worth, the costs and the errors that it goes by."""
    from scipy.stats import norm

    test = learned.test
    base = default_place(test, default)
    arms = tuple(place for place in range(len(test.arms)) if place not in (base, test.holdout))
    if not arms:
        raise DataError(f"outcomes hold no variant beside the default {default!r} that could take its place.")
    return Rule(
        rule, base, arms, 1.0 if worth is None else float(worth), tuple(costs[place] - costs[base] for place in arms),
        float(norm.ppf(0.5 + confidence / 2)), tuple(design_effect(learned, place, base) for place in arms),
    )  # fmt: skip


def read_costs(test: RandomisedTest, given: float | Mapping[str, float], worth: float | None) -> dict[int, float]:
    """Return the cost of an email of each variant; a number alone is that of an individual email."""
    if isinstance(given, Mapping):
        unknown = sorted(set(given) - set(test.arms))
        if unknown:
            raise ArgumentError(
                f"cost_per_email_usd= names {unknown}, which are no variants of the test; it has {list(test.arms)}."
            )
        costs = {place: float(given.get(name, 0.0)) for place, name in enumerate(test.arms)}
    else:
        costs = {place: float(given) if place == test.individual else 0.0 for place in range(len(test.arms))}
        if given and test.individual < 0:
            raise ArgumentError(
                "cost_per_email_usd= is one number, which is that of an individual email, and no variant is named as such; give "
                "individual=, or the cost of each variant by name."
            )
    for cost in costs.values():
        check_at_least("cost_per_email_usd", cost, 0)
    if worth is None and test.kind == "rate" and any(costs.values()):
        raise ArgumentError(
            "costs are given, but not what a reply is worth; give reply_value_usd=, so that both can be held together."
        )
    if worth is not None:
        check_at_least("reply_value_usd", worth, 1e-12)
    return costs


def check_levels(frame: pd.DataFrame, plans: Sequence[ColumnCode]) -> None:
    """Raise when a feature holds nothing, or nearly another level for each contact."""
    empty = [plan.name for plan in plans if not frame[plan.name].notna().any()]
    if empty:
        raise DataError(
            f"outcomes hold no value of {empty}; leave {'it' if len(empty) == 1 else 'them'} out of features=."
        )
    many = [
        f"{plan.name!r} ({plural(plan.n_levels, 'level')})"
        for plan in plans
        if plan.n_levels > max(50, len(frame) / 50)
    ]
    if many:
        raise DataError(
            f"{', '.join(many)} split the test too finely to learn from; group the levels first, or leave them out."
        )
