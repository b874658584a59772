"""The rule: who gets another variant than the default, given gains and what variants cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segvspers.frontier.cells import RandomisedTest, Sums
from segvspers.frontier.policy.gains import Gains, fit_gains, see_gains
from segvspers.frontier.scores import Learned

LEAST_AMOUNTS = 30
RULES = ("evident", "sure", "expected")


@dataclass(frozen=True, slots=True)
class Rule:
    """How to choose.

    Attributes
    ----------
    name
        ``"evident"``: nobody leaves the default unless another variant surely gains, for all on average or in some group; then
        groups go by their own expected net gain where it is evident that they differ, and else by what is sure for all.
        ``"sure"``: only groups whose own interval lies above zero. ``"expected"``: by the expected net gain alone.
    default, arms
        Places of the default and of the variants that could take its place.
    worth, extra
        Worth of one unit of the outcome, and what an email of each of `arms` costs more than the default's.
    z
        Reach of an interval in standard deviations.
    inflation
        Design effect of units that were drawn together, one for each of `arms`.
    """

    name: str
    default: int
    arms: tuple[int, ...]
    worth: float
    extra: tuple[float, ...]
    z: float
    inflation: tuple[float, ...]

    def nets(self, gains: Sequence[Gains]) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the net gains, ``(n_arms, n_cells)`` each."""
        mean = np.stack([self.worth * one.mean - cost for one, cost in zip(gains, self.extra, strict=True)])
        return mean, self.worth * np.stack([one.sd for one in gains])

    def judged(self, gains: Sequence[Gains]) -> tuple[np.ndarray, np.ndarray]:
        """Return what the choice goes by: `nets`, and where groups are not told apart, those of one relative gain."""
        pairs = [(one.mean, one.sd) if one.told_apart else (one.mean_alike, one.sd_alike) for one in gains]
        mean = np.stack([self.worth * one[0] - cost for one, cost in zip(pairs, self.extra, strict=True)])
        return mean, self.worth * np.stack([one[1] for one in pairs])

    def choose(self, gains: Sequence[Gains], n: np.ndarray) -> np.ndarray:
        """Return the place of the variant that each cell gets, for `n` contacts seen in each; the default where there are none."""
        mean, sd = self.judged(gains)
        mean, sd = (np.vstack([np.zeros(mean.shape[1]), one]) for one in (mean, sd))  # the default first
        base = self.for_all(gains, n) if self.name == "evident" else 0
        apart = all(one.told_apart for one in gains)
        surely = base > 0 or bool((mean[1:] - self.z * sd[1:] > 0).any())
        reach = 0.0 if self.name == "expected" or (self.name == "evident" and apart and surely) else self.z
        lead = mean - mean[base]
        wide = np.sqrt(sd**2 + sd[base] ** 2)  # errors taken as independent, which errs on the careful side
        passes = lead - reach * wide > 0
        passes[base] = False
        best = np.where(passes.any(axis=0), np.where(passes, lead, -np.inf).argmax(axis=0), base)
        return np.where(n > 0, np.array([self.default, *self.arms])[best], self.default).astype(np.int32)

    def for_all(self, gains: Sequence[Gains], n: np.ndarray) -> int:
        """Return which variant is surely best for all contacts on average: 0 is the default, k the k-th of `arms`."""
        averages = [one.average(n[None, :].astype(float)) for one in gains]
        mean = np.array([self.worth * one[0][0] - cost for one, cost in zip(averages, self.extra, strict=True)])
        low = mean - self.z * self.worth * np.array([one[1][0] for one in averages])
        return int(np.where(low > 0, mean, -np.inf).argmax()) + 1 if (low > 0).any() else 0


def learn_gains(test: RandomisedTest, rule: Rule, known: Sums, means: np.ndarray) -> list[Gains]:
    """Return the gains of each of the rule's variants for what is known so far."""
    found = []
    for arm, inflation in zip(rule.arms, rule.inflation, strict=True):
        seen, variance, cells = see_gains(test, known, means, arm=arm, default=rule.default, inflation=inflation)
        middle = (means[:, arm] + means[:, rule.default]) / 2
        if middle.min() <= 0:  # amounts may lie around zero, and then nothing is in proportion to them
            middle = np.full(test.n_cells, max(float(np.abs(test.outcome).mean()), 1e-12))
        found.append(fit_gains(test.cell_levels, seen, variance, cells, middle, rest=_near_normal(test, known)))
    return found


def _near_normal(test: RandomisedTest, known: Sums) -> bool:
    """Tell whether means of cells are near normal: one large purchase among thirty contacts is no sign of a difference."""
    if test.kind == "rate":
        return True
    worth = known.y.sum() ** 2 / max(float(known.y2.sum()), 1e-300)  # amounts of one size that would tell as much
    return bool(worth / test.n_cells > LEAST_AMOUNTS)


def choose_before_blocks(learned: Learned, rule: Rule) -> np.ndarray:
    """Return what the rule gives each cell before each scored block, ``(n_blocks, n_cells)``."""
    test = learned.test
    found = np.full((test.n_blocks, test.n_cells), rule.default, dtype=np.int32)
    for block in learned.scored:
        known = learned.sums.before(block)
        gains = learn_gains(test, rule, known, learned.means[block])
        found[block] = rule.choose(gains, known.n.sum(axis=1))
    return found


def expected_regret(rule: Rule, gains: Sequence[Gains], choice: np.ndarray) -> np.ndarray:
    """Return what a cell's contact is expected to lose by its variant against its strongest rival, ``(n_cells,)``.

    Notes
    -----
    The expected opportunity loss of a choice between two normal values: sd (phi(t) - t (1 - Phi(t))), t the lead of the
    choice in standard deviations. Gains of two variants are taken as independent, which errs on the large side.
    """
    from scipy.stats import norm

    mean, sd = rule.nets(gains)
    everything = np.vstack([np.zeros(mean.shape[1]), mean])
    spread = np.vstack([np.zeros(mean.shape[1]), sd])
    place = np.zeros(len(choice), dtype=int)
    for number, arm in enumerate(rule.arms, start=1):
        place[choice == arm] = number
    cells = np.arange(len(choice))
    lead = everything[place, cells] - everything
    wide = np.sqrt(spread[place, cells] ** 2 + spread**2)
    wide = np.where(np.arange(len(everything))[:, None] == place, 0.0, wide)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = lead / wide
        loss = np.where(wide > 0, wide * (norm.pdf(t) - t * norm.sf(t)), np.maximum(-lead, 0.0))
    return loss.max(axis=0)
