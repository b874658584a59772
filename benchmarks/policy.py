"""Calibrate the recommendation in worlds whose truth is known: who is found, what it is worth, how often intervals hold.

python3 dev.py run benchmarks/policy.py [runs]

Each world has 8 industries x 3 plans x 2 regions, reply rates that differ tenfold between them, and contacts drawn one by one. A
line a world: share of contacts given the right variant, false groups, net value of the policy, and coverage at 95 %.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

import segvspers as sv
from segvspers.frontier.policy import recommend

COST = 0.05
WORTH = 25.0


@dataclass(frozen=True)
class Planted:
    """A world: reply rates of cells under the segment's and the individual email, and shares of contacts."""

    name: str
    cells: pd.DataFrame
    n: int

    def draw(self, rng: np.random.Generator) -> pd.DataFrame:
        """Return a randomised test."""
        place = rng.choice(len(self.cells), self.n, p=self.cells["share"])
        own = rng.random(self.n) < 0.5
        rate = np.where(own, self.cells["individual"].to_numpy()[place], self.cells["segment"].to_numpy()[place])
        seen = self.cells[["industry", "plan", "region"]].iloc[place].reset_index(drop=True)
        return seen.assign(
            contact_id=np.arange(self.n).astype(str), variant=np.where(own, "individual", "segment"),
            replied=rng.random(self.n) < rate,
        )  # fmt: skip

    def net(self, variant: pd.Series | np.ndarray) -> float:
        """Return the true net value per contact of a variant for each cell."""
        own = np.asarray(variant) == "individual"
        value = np.where(own, self.cells["individual"] * WORTH - COST, self.cells["segment"] * WORTH)
        return float(value @ self.cells["share"])


def planted(kind: str, n: int) -> Planted:
    """Return a world: ``half`` of the industries gain, all gain ``alike`` or ``mild``ly different, or ``none`` does."""
    rng = np.random.default_rng(7)
    rows = pd.DataFrame(list(product([f"I{k}" for k in range(8)], ["free", "pro", "team"], ["EU", "US"])),
                        columns=["industry", "plan", "region"])  # fmt: skip
    number = rows["industry"].str[1:].astype(int)
    base = 0.01 * np.exp(0.25 * number) * rows["plan"].map({"free": 0.7, "pro": 1.0, "team": 1.5})
    ratio = {
        "half": np.where(number % 2 == 0, 1.7, 0.85), "alike": 1.35, "none": 1.0,
        "mild": 1.35 * np.exp(0.15 * np.where(number % 2 == 0, 1.0, -1.0)),
    }[kind]  # fmt: skip
    share = rng.dirichlet(np.full(len(rows), 8.0))
    return Planted(f"{kind}, {n:,}", rows.assign(segment=base, individual=base * ratio, share=share), n)


def judge(world: Planted, runs: int, *, rule: str = "evident") -> dict[str, float]:
    """Return how often the policy was right and its intervals held over runs."""
    rows = []
    truth = world.cells
    right = np.where(truth["individual"] * WORTH - COST > truth["segment"] * WORTH, "individual", "segment")
    keys = truth.assign(contact_id=np.arange(len(truth)).astype(str))
    for run in range(runs):
        seen = world.draw(np.random.default_rng([run, 1]))
        found, hybrid, learned = _watched(keys, seen, rule)
        got = found.assign(keys)
        chosen = got["variant"].to_numpy()
        lift = (truth["individual"] - truth["segment"]).to_numpy()
        held = (got["lift_low"] <= lift) & (lift <= got["lift_high"])
        true, over = _true_value(world, keys, found, hybrid, learned)
        rows.append(
            {
                "right": float((chosen == right) @ truth["share"]),
                "false": float(((chosen == "individual") & (right == "segment")) @ truth["share"]),
                "net": world.net(chosen), "groups": float(np.nanmean(held)), "value": found.value_low <= true <= found.value_high,
                "lift": found.lift_low <= over <= found.lift_high, "mixed": len(set(chosen)) > 1,
                "all_default": set(chosen) == {"segment"},
            }
        )  # fmt: skip
    means = pd.DataFrame(rows).mean().to_dict()
    pure = {name: world.net(np.full(len(truth), name)) for name in ("segment", "individual")}
    return {**means, **{f"net_{name}": value for name, value in pure.items()}, "net_best": world.net(right)}


def _watched(keys, seen, rule):
    """Return a recommendation, and what it chose before each block."""
    caught = {}
    before, learner = recommend.choose_before_blocks, recommend.learn
    recommend.choose_before_blocks = lambda learned, how: caught.setdefault("hybrid", before(learned, how))
    recommend.learn = lambda test: caught.setdefault("learned", learner(test))
    try:
        found = sv.recommend_variant(keys, seen, features=["industry", "plan", "region"], rule=rule, reply_value_usd=WORTH,
                                     cost_per_email_usd=COST)  # fmt: skip
    finally:
        recommend.choose_before_blocks, recommend.learn = before, learner
    return found, caught["hybrid"], caught["learned"]


def _true_value(world, keys, found, hybrid, learned):
    """Return the true value of the policies that were scored, and their true lift over the default."""
    from segvspers.frontier.policy.coding import place_rows

    place = place_rows(keys, found.rules.plans, found.rules.codes)[0]
    arm = learned.test.arms.index("individual")
    own = np.where(place >= 0, hybrid[:, np.maximum(place, 0)] == arm, False)[list(learned.scored)]
    size = learned.sums.n.sum(axis=(1, 2))[list(learned.scored)]
    share = (own * (size / size.sum())[:, None]).sum(axis=0)
    base, gain = world.cells["segment"].to_numpy(), (world.cells["individual"] - world.cells["segment"]).to_numpy()
    over = float((share * gain) @ world.cells["share"])
    return float(base @ world.cells["share"]) + over, over


def main() -> None:
    """Print a line a world and rule."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    print(f"{runs} runs a line; a reply is worth ${WORTH:g}, an individual email costs ${COST:g}")
    print(f"{'world':<16}{'rule':<10}{'right':>7}{'false':>7}{'net':>8}{'segment':>9}{'indiv.':>8}{'best':>8}"
          f"{'cover: value':>14}{'lift':>7}{'groups':>8}{'mixed':>7}{'default':>9}{'CPU s':>7}")  # fmt: skip
    for kind, n in (
        ("half", 20_000),
        ("half", 100_000),
        ("alike", 20_000),
        ("alike", 100_000),
        ("mild", 20_000),
        ("mild", 100_000),
        ("none", 20_000),
        ("none", 100_000),
    ):
        for rule in ("evident", "sure", "expected"):
            start = time.process_time()
            told = judge(planted(kind, n), runs, rule=rule)
            spent = (time.process_time() - start) / runs
            print(f"{kind + f', {n:,}':<16}{rule:<10}{told['right']:>7.2f}{told['false']:>7.3f}{told['net']:>8.4f}{told['net_segment']:>9.4f}"
                  f"{told['net_individual']:>8.4f}{told['net_best']:>8.4f}{told['value']:>14.3f}{told['lift']:>7.3f}{told['groups']:>8.3f}"
                  f"{told['mixed']:>7.2f}{told['all_default']:>9.2f}{spent:>7.2f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
