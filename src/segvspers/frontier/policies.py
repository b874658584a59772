"""Who gets what: one blast, k templates, k leaves of a tree, the best template a person, individual where it pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segvspers.frontier.cells import RandomisedTest
from segvspers.frontier.choosing import SMALLEST_LEAF, Segments, choose_templates, grow_tree, see_segments
from segvspers.frontier.naive import raw_means
from segvspers.frontier.scores import Learned


@dataclass(frozen=True, slots=True, eq=False)
class Policies:
    """Policies of one test before one block.

    Attributes
    ----------
    choice
        ``(n_policies, n_cells)``: the place of the arm that each cell gets.
    order
        Templates (places of arms) in the order in which they were chosen.
    n_leaves
        Leaves of the largest tree.
    """

    choice: np.ndarray
    order: list[int]
    n_leaves: int


@dataclass(frozen=True, slots=True)
class Menu:
    """Which policies are valued: names and k, one entry a row of `Policies.choice`.

    Attributes
    ----------
    policy
        ``"templates"`` (k = 1 is the best blast), ``"tree"``, ``"raw cells"``, ``"pick"``, ``"hybrid"``,
        ``"individual"``, ``"no email"``.
    k
        Templates or leaves; 0 for the others.
    template_cost, email_cost
        What a template costs per contact of the list, and what an individual email costs, in units of the outcome.
    smallest_leaf
        Contacts that a leaf holds at least.
    """

    policy: tuple[str, ...]
    k: tuple[int, ...]
    template_cost: float = 0.0
    email_cost: float = 0.0
    smallest_leaf: int = SMALLEST_LEAF

    @classmethod
    def of(
        cls,
        test: RandomisedTest,
        *,
        most: int,
        template_cost: float = 0.0,
        email_cost: float = 0.0,
        smallest_leaf: int = SMALLEST_LEAF,
    ) -> Menu:
        """Return what can be valued in a test, with up to `most` templates."""
        names = [("templates", k) for k in range(1, most + 1)]
        names += [("tree", k) for k in range(2, most + 1)]
        if len(test.templates) > 1:
            names += [("raw cells", 0), ("pick", 0)]
        if test.individual >= 0:
            names += [("hybrid", 0), ("individual", 0)]
        if test.holdout >= 0:
            names.append(("no email", 0))
        policy, number = tuple(name for name, _ in names), tuple(k for _, k in names)
        return cls(policy, number, template_cost, email_cost, smallest_leaf)

    def places(self, policy: str) -> list[int]:
        """Return the rows of a policy."""
        return [place for place, name in enumerate(self.policy) if name == policy]


def choose_policies(test: RandomisedTest, menu: Menu, n: np.ndarray, y: np.ndarray, means: np.ndarray) -> Policies:
    """Return all policies of the menu for what is known so far.

    Parameters
    ----------
    test, menu
        The test, and what to choose.
    n, y
        Contacts and sums of outcomes known, ``(n_cells, n_arms)``; `y` is used by ``raw cells`` only.
    means
        Expected outcomes learned from them, ``(n_cells, n_arms)``.
    """
    segments = see_segments(test, n.sum(axis=1), means)
    most = menu.policy.count("templates")
    order = choose_templates(segments.worth, most)
    rows: dict[str, list[np.ndarray]] = {"templates": [
        _best_of(segments, test, order[:k]) for k in range(1, most + 1)
    ]}  # fmt: skip
    grown = grow_tree(segments, most, smallest=menu.smallest_leaf) if most > 1 else []
    last = [grown[-1]] * (most - len(grown)) if grown else []
    rows["tree"] = [test.templates[arms][segments.of_cell] for arms in (*grown, *last)][1:]
    pick = test.templates[means[:, test.templates].argmax(axis=1)]
    if test.individual >= 0:
        rows["hybrid"] = [_hybrid(test, menu, rows["templates"], n.sum(axis=1), means)]
        rows["individual"] = [np.full(test.n_cells, test.individual)]
    rows["raw cells"], rows["pick"] = [_raw_best(test, n, y, rows["templates"][0])], [pick]
    rows["no email"] = [np.full(test.n_cells, test.holdout)]
    given = {name: iter(listed) for name, listed in rows.items()}
    return Policies(
        np.stack([next(given[name]) for name in menu.policy]), [int(test.templates[k]) for k in order], len(grown)
    )


def _hybrid(
    test: RandomisedTest, menu: Menu, templates: list[np.ndarray], contacts: np.ndarray, means: np.ndarray
) -> np.ndarray:
    """Return an individual email where it is expected to pay, else the templates; their number is chosen to pay too."""
    cells, own = np.arange(test.n_cells), means[:, test.individual] - menu.email_cost
    best, found = -np.inf, templates[0]
    for choice in templates:
        expected = means[cells, choice]
        used = np.where(own > expected, test.individual, choice)
        n_used = len(np.unique(used[used != test.individual]))
        net = contacts @ np.maximum(own, expected) / contacts.sum() - n_used * menu.template_cost
        if net > best + 1e-12:
            best, found = net, used
    return found


def choose_before_blocks(learned: Learned, menu: Menu) -> np.ndarray:
    """Return the policies that were chosen before each scored block, ``(n_policies, n_blocks, n_cells)``."""
    test = learned.test
    found = np.zeros((len(menu.policy), test.n_blocks, test.n_cells), dtype=np.int32)
    for block in learned.scored:
        known = learned.sums.before(block)
        found[:, block] = choose_policies(test, menu, known.n, known.y, learned.means[block]).choice
    return found


def choose_finally(learned: Learned, menu: Menu) -> Policies:
    """Return the policies that the whole test teaches: what to use, not what to value."""
    known = learned.sums.total()
    return choose_policies(learned.test, menu, known.n, known.y, learned.final)


def _best_of(segments: Segments, test: RandomisedTest, chosen: list[int]) -> np.ndarray:
    listed = np.array(chosen)
    return test.templates[listed[segments.worth[:, listed].argmax(axis=1)]][segments.of_cell]


def _raw_best(test: RandomisedTest, n: np.ndarray, y: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Return the template with the best raw mean of each segment; the best blast where nothing was seen."""
    raw, seen = raw_means(test, n, y)
    best = test.templates[np.where(seen, raw, -np.inf).argmax(axis=1)][test.segment_of_cell]
    known = seen.sum(axis=1) > 0
    return np.where(known[test.segment_of_cell], best, otherwise)
