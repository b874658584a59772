"""What policies seem to be worth when they are valued on what chose them: the reading that flatters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segvspers.frontier.cells import RandomisedTest
from segvspers.frontier.choosing import choose_templates

if TYPE_CHECKING:
    from segvspers.frontier.policies import Menu


def raw_means(test: RandomisedTest, n: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of segments under templates as they stand, and where there are contacts at all."""
    shape = (int(test.segment_of_cell.max()) + 1, len(test.templates))
    contacts, sums = np.zeros(shape), np.zeros(shape)
    np.add.at(contacts, test.segment_of_cell, n[:, test.templates])
    np.add.at(sums, test.segment_of_cell, y[:, test.templates])
    return sums / np.maximum(contacts, 1.0), np.greater(contacts, 0)


def naive_values(test: RandomisedTest, menu: Menu, n: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what policies seem to be worth when raw means choose them and the same raw means value them.

    It flatters: the best of many noisy means is too large. nan where there is no such reading.
    """
    raw, seen = raw_means(test, n, y)
    contacts = np.bincount(test.segment_of_cell, weights=n.sum(axis=1))
    total = y.sum(axis=0) / np.maximum(n.sum(axis=0), 1.0)
    filled = np.where(seen, raw, raw.min() if test.kind == "amount" else 0.0)
    worth: np.ndarray = filled * contacts[:, None]
    first = int(np.argmax(total[test.templates]))
    order = _from(first, worth, menu.policy.count("templates"))
    found = np.full(len(menu.policy), np.nan)
    for k, place in enumerate(menu.places("templates"), start=1):
        found[place] = worth[:, order[:k]].max(axis=1).sum() / contacts.sum() if k > 1 else total[test.templates].max()
    for name, value in (
        ("raw cells", worth.max(axis=1).sum() / contacts.sum()),
        ("individual", total[test.individual]),
        ("no email", total[test.holdout]),
    ):
        for place in menu.places(name):
            found[place] = value
    return found


def _from(first: int, worth: np.ndarray, most: int) -> list[int]:
    """Return a greedy order that starts with a given column."""
    rest = [place for place in range(worth.shape[1]) if place != first]
    gains = np.maximum(worth[:, rest] - worth[:, [first]], 0.0)
    return [first] if not rest else [first, *(rest[place] for place in choose_templates(gains, most - 1))][:most]
