"""A randomised test as cells: what is alike in all features, counted and summed by block, cell and arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segvspers._levels import Attribute
from segvspers.errors import NotEstimableError

N_BLOCKS, N_WARM = 10, 2
MOST_SUMS = 30_000_000


@dataclass(frozen=True, slots=True, eq=False)
class RandomisedTest:
    """Contacts of a randomised test, coded; arrays have one entry a contact unless said otherwise.

    Attributes
    ----------
    arms
        Names of the variants; `arm` holds places in it.
    templates
        Places of the arms that are templates, which any contact could get.
    individual, holdout
        Place of the arm of individual emails and of the arm without an email; -1 where there is none.
    attributes
        The features as levels; a missing value is a level of its own (`level_names`).
    cell_levels
        ``(n_cells, n_features)``: the level of each occupied cell in each feature.
    segment_of_cell
        ``(n_cells,)``: the segment of each cell. Segments are what a template may be chosen by; they are the
        cells themselves unless fewer features were named for them.
    cell, arm, outcome, propensity, block, unit
        Cell; variant got; its outcome (0 or 1, or an amount); chance with which that variant was drawn for
        this contact; block from 0 up; and the unit that was drawn (a company), or the contact itself.
    kind
        ``"rate"`` or ``"amount"``.
    clustered
        Whether units hold more than one contact.
    assumed
        What was assumed of the propensities, in words; empty when they were given.
    """

    arms: tuple[str, ...]
    templates: np.ndarray
    individual: int
    holdout: int
    attributes: tuple[Attribute, ...]
    cell_levels: np.ndarray
    segment_of_cell: np.ndarray
    cell: np.ndarray
    arm: np.ndarray
    outcome: np.ndarray
    propensity: np.ndarray
    block: np.ndarray
    unit: np.ndarray
    kind: str
    clustered: bool
    assumed: str = ""

    @property
    def n_contacts(self) -> int:
        """Count the contacts."""
        return len(self.arm)

    @property
    def n_cells(self) -> int:
        """Count the occupied cells."""
        return len(self.cell_levels)

    @property
    def n_blocks(self) -> int:
        """Count the blocks."""
        return int(self.block.max()) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums of a test, each ``(n_blocks, n_cells, n_arms)``; `plus` adds blocks up.

    Attributes
    ----------
    n, y, y2
        Contacts, sum of outcomes, sum of their squares.
    w, wy, w2, w2y, w2y2
        The same weighted by 1/propensity (w) and its square (w2).
    """

    n: np.ndarray
    y: np.ndarray
    y2: np.ndarray
    w: np.ndarray
    wy: np.ndarray
    w2: np.ndarray
    w2y: np.ndarray
    w2y2: np.ndarray

    def before(self, block: int) -> Sums:
        """Return the sums of all blocks before `block`, ``(n_cells, n_arms)`` each."""
        return Sums(*(getattr(self, name)[:block].sum(axis=0) for name in self.__slots__))

    def total(self) -> Sums:
        """Return the sums of all blocks."""
        return self.before(len(self.n))


def sum_cells(test: RandomisedTest) -> Sums:
    """Return counts and sums of a test by block, cell and arm.

    Examples
    --------
    >>> from segvspers.frontier.read import read_test
    >>> import pandas as pd
    >>> seen = pd.DataFrame({"variant": ["a", "b"] * 200, "replied": [k % 8 < 3 for k in range(400)],
    ...                      "plan": ["free", "free", "paid", "paid"] * 100})
    >>> sums = sum_cells(read_test(seen, features=["plan"]))
    >>> sums.total().n.astype(int).tolist()
    [[100, 100], [100, 100]]
    """
    shape = (test.n_blocks, test.n_cells, len(test.arms))
    if np.prod(shape) > MOST_SUMS:
        raise NotEstimableError(
            f"{test.n_cells:,} cells x {len(test.arms)} variants are too many to learn from; name fewer features, or cut "
            "numbers into fewer bands with n_bands=."
        )
    place = (test.block.astype(np.int64) * shape[1] + test.cell) * shape[2] + test.arm
    y = test.outcome
    n, first = _sum(place, None, shape), _sum(place, y, shape)
    second = first if test.kind == "rate" else _sum(place, y**2, shape)
    constant = _constant(test)
    if constant is not None:
        w, w2 = 1 / constant, 1 / constant**2
        return Sums(n, first, second, n * w, first * w, n * w2, first * w2, second * w2)
    w = 1 / test.propensity
    weighted = (w, w * y, w**2, w**2 * y, w**2 * y**2)
    return Sums(n, first, second, *(_sum(place, part, shape) for part in weighted))


def _sum(place: np.ndarray, weights: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    return np.bincount(place, weights=weights, minlength=int(np.prod(shape))).astype(float).reshape(shape)


def _constant(test: RandomisedTest) -> np.ndarray | None:
    """Return the one propensity of each arm, or nothing when it differs between contacts."""
    first = np.ones(len(test.arms))
    first[test.arm[::-1]] = test.propensity[::-1]
    return first if np.array_equal(first[test.arm], test.propensity) else None


def pack_cells(attributes: Sequence[Attribute]) -> tuple[np.ndarray, np.ndarray]:
    """Return the cell of each contact, and the level of each occupied cell in each attribute.

    A missing value is a level of its own, the last one.
    """
    from segvspers.errors import raise_all

    sizes = [attribute.n_levels + attribute.has_missing for attribute in attributes]
    if np.prod([float(size) for size in sizes]) > 2**62:
        raise_all("features", ["they have too many levels to be crossed; name fewer of them"])
    key = np.zeros(len(attributes[0].codes), dtype=np.int64)
    for attribute, size in zip(attributes, sizes, strict=True):
        codes = np.where(attribute.codes < 0, attribute.n_levels, attribute.codes)
        key = key * size + codes
    found, cell = np.unique(key, return_inverse=True)
    levels = np.empty((len(found), len(sizes)), dtype=np.int32)
    for place in range(len(sizes) - 1, -1, -1):
        levels[:, place] = found % sizes[place]
        found = found // sizes[place]
    return cell.astype(np.int32), levels


def level_names(attribute: Attribute) -> list[str]:
    """Return the names of the levels of an attribute, ``(missing)`` last where a value is missing."""
    return [*attribute.levels, *(["(missing)"] if attribute.has_missing else [])]


def draw_blocks(unit: np.ndarray, rng: np.random.Generator, n_blocks: int = N_BLOCKS) -> np.ndarray:
    """Return the block of each contact; contacts of one unit share it, and blocks hold equally many units."""
    n_units = int(unit.max()) + 1
    return rng.permutation(np.arange(n_units) % n_blocks)[unit].astype(np.int8)
