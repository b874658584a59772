"""Chance that gives the same on every machine: the uniform stream of `random.Random` and inverse functions."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeVar

Item = TypeVar("Item")
NORMAL = NormalDist()


class Chance:
    """Draws of one stream; a stream belongs to one name, so that one contact's draws never move another's."""

    def __init__(self, seed: int, name: str) -> None:
        self._uniform = random.Random(f"{seed}:{name}").random  # noqa: S311  a sample, not a secret

    def share(self) -> float:
        """Draw between 0 and 1, ends left out."""
        return min(max(self._uniform(), 1e-12), 1 - 1e-12)

    def happens(self, probability: float) -> bool:
        """Tell whether an event of this probability happens."""
        return self._uniform() < probability

    def pick(self, items: Sequence[Item], weights: Sequence[float] | None = None) -> Item:
        """Draw one item."""
        if weights is None:
            return items[int(self._uniform() * len(items))]
        point = self._uniform() * math.fsum(weights)
        for item, weight in zip(items, weights, strict=True):
            point -= weight
            if point < 0:
                return item
        return items[-1]

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + int(self._uniform() * (high - low + 1))

    def normal(self, mean: float = 0.0, sd: float = 1.0) -> float:
        """Draw from a normal distribution."""
        return mean + sd * NORMAL.inv_cdf(self.share())

    def count(self, mean: float) -> int:
        """Draw from a Poisson distribution, by inversion."""
        point, number, term = self.share(), 0, math.exp(-mean)
        total = term
        while point > total and number < 60:
            number += 1
            term *= mean / number
            total += term
        return number
