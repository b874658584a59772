"""Whether variants were drawn by chance, and whether features were known before: what the table itself can tell."""

from __future__ import annotations

import numpy as np

from segvspers._checks import few
from segvspers.errors import NotEstimableError, raise_all
from segvspers.frontier.cells import RandomisedTest

PREDICTABLE, SURE = 0.60, 5.0
TELLING = 0.97
PRIOR = 20.0
LONELY = 1e-9


def check_draw(test: RandomisedTest, *, given: bool) -> None:
    """Raise when the variant follows from the features.

    Half of the contacts teach the share of each variant by level and by cell; on the other half an area under the
    ROC curve above 0.60, five standard errors above 0.5, means that the variant can be foretold. A cell where a variant
    is missing that chance would have brought means that there is no overlap. With propensities that differ
    between contacts (`given`) only the second is looked at.
    """
    counts = np.zeros((2, test.n_cells, len(test.arms)))
    np.add.at(counts, (test.block % 2, test.cell, test.arm), 1)
    size = float(np.mean(np.bincount(test.unit) ** 2) / np.mean(np.bincount(test.unit)))
    problems = _lonely(counts.sum(axis=0), size)
    if not given:
        problems += _foretold(test, counts, size)
    raise_all("this test", problems[:1], error=NotEstimableError)


def _lonely(counts: np.ndarray, size: float) -> list[str]:
    shares = counts.sum(axis=0) / counts.sum()
    contacts = counts.sum(axis=1)
    chance = (1 - shares)[None, :] ** (contacts[:, None] / size)
    lonely = (counts == 0) & (chance * counts.size < LONELY)
    n = int(lonely.any(axis=1).sum())
    if not n:
        return []
    said = (
        f"{n:,} of {len(counts):,} cells of the features ({contacts[lonely.any(axis=1)].sum():,.0f} contacts) lack a variant that "
        "chance would have brought there: the variant follows a rule, and nothing tells what another one would have "
        "brought them. Use a test that was drawn by chance, or leave those contacts out"
    )
    return [said]


def _foretold(test: RandomisedTest, counts: np.ndarray, size: float) -> list[str]:
    known, held = counts
    shares = (known.sum(axis=0) + 1.0) / (known.sum() + len(test.arms))
    by_cell = (known + PRIOR * shares) / (known.sum(axis=1, keepdims=True) + PRIOR) / shares
    by_feature = [_ratio(test.cell_levels[:, place], known, shares) for place in range(test.cell_levels.shape[1])]
    worst = (0.0, "")
    for arm, name in enumerate(test.arms):
        n1, n0 = held[:, arm].sum(), held.sum() - held[:, arm].sum()
        error = np.sqrt(size * (n1 + n0 + 1) / (12 * n1 * n0))
        looks = [by_cell[:, arm], np.prod([ratio[:, arm] for ratio in by_feature], axis=0)]
        for look in looks:
            area = ranking_area(look, held[:, arm], held.sum(axis=1) - held[:, arm])
            if area > max(PREDICTABLE, 0.5 + SURE * error, worst[0]):
                worst = (area, name)
    if not worst[1]:
        return []
    area, name = worst
    alone = [ranking_area(ratio[:, test.arms.index(name)], held[:, test.arms.index(name)],
                          held.sum(axis=1) - held[:, test.arms.index(name)]) for ratio in by_feature]  # fmt: skip
    feature = test.attributes[int(np.argmax(alone))].name
    said = (
        f"variant {name!r} can be foretold from the features, {feature!r} first (area under the ROC curve {area:.2f}; a draw "
        "gives 0.50). Either a rule chose who got it, or the feature was measured after the send. Leave a feature "
        "measured after out; for a draw with chances that differ give propensities= or within=; for sends "
        "that nobody drew use compare_historical"
    )
    return [said]


def _ratio(level: np.ndarray, known: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return how much more often each arm stands at the level of a cell than in all, ``(n_cells, n_arms)``."""
    counts = np.zeros((int(level.max()) + 1, known.shape[1]))
    np.add.at(counts, level, known)
    own = (counts + PRIOR * shares) / (counts.sum(axis=1, keepdims=True) + PRIOR)
    return (own / shares)[level]


def ranking_area(score: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> float:
    """Return the area under the ROC curve of a score of cells that hold so many positives and negatives.

    Examples
    --------
    >>> float(ranking_area(np.array([1.0, 2.0]), np.array([0, 5]), np.array([5, 0])))
    1.0
    """
    place = np.unique(score, return_inverse=True)[1]
    up, down = np.bincount(place, weights=positive), np.bincount(place, weights=negative)
    if not up.sum() or not down.sum():
        return 0.5
    below = np.cumsum(down) - down
    return float((up * (below + down / 2)).sum() / (up.sum() * down.sum()))


def check_leak(test: RandomisedTest) -> None:
    """Raise when one feature tells the answer nearly for sure, as only something measured after the send can."""
    if test.kind != "rate" or test.outcome.sum() < 20:
        return
    telling = []
    for place, attribute in enumerate(test.attributes):
        level = test.cell_levels[test.cell, place]
        n, y = np.bincount(level).astype(float), np.bincount(level, weights=test.outcome)
        if ranking_area(y / np.maximum(n, 1), y, n - y) > TELLING:
            telling.append(attribute.name)
    if telling:
        raise NotEstimableError(
            f"this test: {few(telling)} tells nearly for sure who answered, as only something measured after the send can; leave "
            "it out of features="
        )
