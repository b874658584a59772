"""What policies cost: a price a template used, and a price an individual email."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from segvspers._checks import check_at_least
from segvspers.errors import ArgumentError
from segvspers.frontier.cells import RandomisedTest


@dataclass(frozen=True, slots=True)
class Prices:
    """Worth of one unit of the outcome and what emails cost, in dollars; `value_usd` is nan when it was not given."""

    value_usd: float
    template_usd: float
    email_usd: float
    n_contacts: int

    @property
    def known(self) -> bool:
        """Tell whether net values can be told."""
        return bool(np.isfinite(self.value_usd))

    @property
    def template_cost(self) -> float:
        """Cost of a template per contact of the list, in units of the outcome; 0 when its worth isn't known."""
        return self.template_usd / (self.n_contacts * self.value_usd) if self.known else 0.0

    @property
    def email_cost(self) -> float:
        """Cost of an individual email in units of the outcome; 0 when its worth isn't known."""
        return self.email_usd / self.value_usd if self.known else 0.0


def check_prices(
    reply_value_usd: float | None, template_usd: float, email_usd: float, *, n_contacts: int, kind: str
) -> Prices:
    """Return the prices, checked; an amount is worth itself when nothing is said."""
    check_at_least("cost_per_template_usd", template_usd, 0)
    check_at_least("cost_per_email_usd", email_usd, 0)
    check_at_least("n_contacts", n_contacts, 1)
    if reply_value_usd is None:
        if kind == "rate" and (template_usd or email_usd):
            raise ArgumentError(
                "costs are given, but not what a reply is worth; give reply_value_usd=, so that both can be held together."
            )
        return Prices(1.0 if kind == "amount" else float("nan"), template_usd, email_usd, n_contacts)
    if not (isinstance(reply_value_usd, (int, float)) and np.isfinite(reply_value_usd) and reply_value_usd > 0):
        raise ArgumentError(f"reply_value_usd={reply_value_usd!r} must be an amount above 0.")
    return Prices(float(reply_value_usd), template_usd, email_usd, n_contacts)


def policy_costs(test: RandomisedTest, choices: np.ndarray, counts: np.ndarray, prices: Any) -> np.ndarray:
    """Return the cost per contact of each policy, in dollars.

    Parameters
    ----------
    choices
        ``(n_policies, n_blocks, n_cells)``, places of arms.
    counts
        ``(n_blocks, n_cells)``: contacts; blocks without any count for nothing.
    """
    special = [place for place in (test.individual, test.holdout) if place >= 0]
    sizes = counts.sum(axis=1)
    found = np.zeros(len(choices))
    for place, choice in enumerate(choices):
        for block in np.flatnonzero(sizes):
            used = np.setdiff1d(choice[block][counts[block] > 0], special)
            own = counts[block][choice[block] == test.individual].sum() / sizes[block] if test.individual >= 0 else 0.0
            each = len(used) * prices.template_usd / prices.n_contacts + own * prices.email_usd
            found[place] += each * sizes[block] / sizes.sum()
    return found
