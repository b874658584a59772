"""Coverage, values and speed of the frontier in a world whose truth is known.

python benchmarks/frontier.py coverage --n 20000 --runs 200 [--companies] [--effect 0.75] [--start 0]
python benchmarks/frontier.py speed --n 500000

One world: 600 cells of four attributes, 12 templates and a variant of individual emails. Contacts (or companies) are drawn
anew from one population of a million in every run; the true value of a learned policy is that of the population. Pooled
cross-fitting on the same folds stands beside: it is what most packages do.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import cached_property

import numpy as np
import pandas as pd

import segvspers as sv
from segvspers.experiment.potential import given_company
from segvspers.frontier import draw_frontier, read_test
from segvspers.frontier.bands import contrast_band
from segvspers.frontier.means import CellMeans
from segvspers.frontier.naive import naive_values
from segvspers.frontier.policies import Menu, choose_before_blocks, choose_finally, choose_policies
from segvspers.frontier.scores import Learned, learn, sum_cells, value_policies

FEATURES = ["industry", "company_size", "engagement_level", "purchase_status"]
TEMPLATES = 12


class Population:
    """A million contacts and what each would answer to every email."""

    def __init__(self, effect: float, *, companies: bool, n: int = 1_000_000) -> None:
        size, icc = (5.0, 0.05) if companies else (1.0, 0.0)
        self.world = sv.World(reply_rate=0.037, log_effect=effect, icc=icc, contacts_per_company=size)
        tastes = sv.Tastes(record_richness=0.5, record_spread=0.2)
        self.rows, truth = sv.simulate_template_test(self.world, tastes=tastes, n_contacts=n, rng=20)
        self.arms = [name for name in truth.columns if name != "contact_id"]
        self.rates = truth[self.arms].to_numpy()
        self.company = pd.factorize(self.rows["company_id"])[0]
        self.cell = self.rows.groupby(FEATURES, sort=True).ngroup().to_numpy()
        self.companies = companies

    @cached_property
    def by_cell(self) -> np.ndarray:
        """Return the sum of chances by cell and variant."""
        return np.column_stack([np.bincount(self.cell, weights=one) for one in self.rates.T])

    def draw(self, n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
        """Return a test of n contacts and the population's cell of each."""
        if not self.companies:
            who = rng.integers(0, len(self.rows), n)
            unit = np.arange(n)
        else:
            ends = np.flatnonzero(np.diff(self.company, append=-1))
            starts = np.r_[0, ends[:-1] + 1]
            drawn = rng.integers(0, len(starts), n)
            sizes = (ends - starts + 1)[drawn]
            kept = np.cumsum(sizes) <= n
            drawn, sizes = drawn[kept], sizes[kept]
            unit = np.repeat(np.arange(len(drawn)), sizes)
            first = np.repeat(np.cumsum(sizes) - sizes, sizes)
            who = starts[drawn][unit] + np.arange(len(unit)) - first
        arm = rng.integers(0, len(self.arms), int(unit.max()) + 1)[unit]
        chance = pd.DataFrame({"own": self.rates[who, arm]})
        if self.companies:
            chance = given_company(chance, pd.Series(unit), self.world, rng)
        rows = self.rows.iloc[who][FEATURES].reset_index(drop=True)
        rows["variant"] = np.array(self.arms, dtype=object)[arm]
        rows["company_id"], rows["replied"] = unit, rng.random(len(who)) < chance["own"].to_numpy()
        return rows, self.cell[who]

    def value(self, test: object, cell: np.ndarray, choice: np.ndarray) -> np.ndarray:
        """Return the true values of policies ``(..., n_cells)``; cells that the test lacks get what their first has."""
        place = np.full(int(self.cell.max()) + 1, -1)
        place[cell] = test.cell
        seen = place >= 0
        names = [self.arms.index(name) for name in test.arms]
        worth = self.by_cell[seen][:, names]
        chosen = choice[..., place[seen]]
        return worth[np.arange(len(worth)), chosen].sum(axis=-1) / np.bincount(self.cell)[seen].sum()


class Pooled(Learned):
    """Scores with everything learned on all other folds: pooled cross-fitting."""

    @property
    def scored(self) -> range:
        """Every fold."""
        return range(self.test.n_blocks)


def pooled(test: object, menu: Menu) -> tuple[Pooled, np.ndarray]:
    sums, model = sum_cells(test), CellMeans(test)
    total = sums.total()
    means = np.empty((test.n_blocks + 1, test.n_cells, len(test.arms)))
    choices = np.zeros((len(menu.policy), test.n_blocks, test.n_cells), dtype=int)
    for fold in range(test.n_blocks):
        n, y, y2 = (getattr(total, name) - getattr(sums, name)[fold] for name in ("n", "y", "y2"))
        means[fold] = model.fit(n, y, y2)
        choices[:, fold] = choose_policies(test, menu, n, y, means[fold]).choice
    means[-1] = means[0]
    return Pooled(test, sums, means), choices


def contrasts(menu: Menu) -> dict[str, np.ndarray]:
    rows = np.eye(len(menu.policy))
    at = {(name, k): rows[place] for place, (name, k) in enumerate(zip(menu.policy, menu.k, strict=True))}
    one, twelve = at["templates", 1], at["templates", TEMPLATES]
    return {
        "one blast": one,
        "tree 4 - one": at["tree", 4] - one,
        "tree 12 - one": at["tree", 12] - one,
        "2 templates - one": at["templates", 2] - one,
        "4 templates - one": at["templates", 4] - one,
        "12 templates - one": twelve - one,
        "raw cells - one": at["raw cells", 0] - one,
        "individual": at["individual", 0],
        "individual - 12 templates": at["individual", 0] - twelve,
        "hybrid": at["hybrid", 0],
        "hybrid - individual": at["hybrid", 0] - at["individual", 0],
    }


def coverage(given: argparse.Namespace) -> None:
    population = Population(given.effect, companies=given.companies)
    found = []
    for run in range(given.start, given.start + given.runs):
        rng = np.random.default_rng([run, given.n])
        rows, cell = population.draw(given.n, rng)
        cluster = "company_id" if given.companies else None
        test = read_test(rows, features=FEATURES, cluster=cluster, rng=rng)
        menu = Menu.of(test, most=TEMPLATES)
        learned = learn(test)
        final = choose_finally(learned, menu).choice
        final_value = population.value(test, cell, final)
        known, raw = learned.sums.total(), menu.places("raw cells")[0]
        naive = naive_values(test, menu, known.n, known.y)[raw]
        found.append(("naive", "raw cells, in-sample", naive, 0.0, final_value[raw], final_value[raw]))
        pool, pool_choices = pooled(test, menu)
        for method, one, choices in (
            ("sequential", learned, choose_before_blocks(learned, menu)),
            ("pooled", pool, pool_choices),
        ):
            moments = value_policies(one, choices)
            sizes = np.bincount(test.block, minlength=test.n_blocks)[list(one.scored)]
            truth = np.average(population.value(test, cell, choices[:, list(one.scored)]), axis=1, weights=sizes)
            for name, row in contrasts(menu).items():
                estimate, se = row @ moments.mean, np.sqrt(max(row @ moments.covariance @ row, 0.0))
                found.append((method, name, estimate, se, row @ truth, row @ final_value))
            lifts = [place for place, name in enumerate(menu.policy) if name in ("templates", "individual")][1:]
            family = np.eye(len(menu.policy))[lifts] - np.eye(len(menu.policy))[0]
            band = contrast_band(moments.mean, moments.covariance, family, confidence=0.95, rng=rng)
            inside = ((band.band_low <= family @ truth + 1e-12) & (band.band_high >= family @ truth - 1e-12)).all()
            found.append((method, "band, all at once", float(inside), 0.0, 1.0, 1.0))
    table = pd.DataFrame(found, columns=["method", "what", "estimate", "se", "truth", "final"])
    if given.out:
        table.to_csv(given.out, index=False, mode="a", header=given.start == 0)
    print(told(table).to_string())


def told(table: pd.DataFrame) -> pd.DataFrame:
    """Return coverage and errors by method and quantity; values in percentage points."""
    off = (table["estimate"] - table["truth"]).abs()
    late = (table["estimate"] - table["final"]).abs()
    reach = 1.96 * table["se"] + 1e-12
    table = table.assign(covered=off <= reach, covered_final=late <= reach, off=table["estimate"] - table["truth"])
    table.loc[table["what"] == "band, all at once", ["covered", "covered_final"]] = table["estimate"] == 1.0
    groups = table.groupby(["method", "what"], sort=False)
    return pd.DataFrame(
        {
            "runs": groups.size(),
            "coverage": groups["covered"].mean(),
            "coverage_of_final": groups["covered_final"].mean(),
            "mean_estimate": groups["estimate"].mean() * 100,
            "mean_truth": groups["truth"].mean() * 100,
            "mean_final": groups["final"].mean() * 100,
            "sd_of_error": groups["off"].std() * 100,
            "mean_se": groups["se"].mean() * 100,
        }
    ).round(3)


def speed(given: argparse.Namespace) -> None:
    population = Population(given.effect, companies=given.companies)
    rows, _ = population.draw(given.n, np.random.default_rng(1))
    cluster = "company_id" if given.companies else None
    start = time.process_time()
    found = draw_frontier(rows, features=FEATURES, cluster=cluster, reply_value_usd=60, cost_per_template_usd=50,
                          cost_per_email_usd=0.2)  # fmt: skip
    seconds = time.process_time() - start
    print(f"{len(rows):,} contacts, {found.n_cells} cells, {len(population.arms)} variants: {seconds:.2f} CPU s")
    start = time.process_time()
    test = read_test(rows, features=FEATURES, cluster=cluster)
    read = time.process_time()
    learned = learn(test)
    fitted = time.process_time()
    choices = choose_before_blocks(learned, Menu.of(test, most=TEMPLATES))
    chosen = time.process_time()
    value_policies(learned, choices)
    print(
        f"read {read - start:.2f}, learn {fitted - read:.2f}, choose {chosen - fitted:.2f}, value {time.process_time() - chosen:.2f}"
    )
    print(peer(test, learned))
    print(found.summary())


def peer(test: object, learned: Learned) -> str:
    """Time scikit-learn's logistic regression on the same cells, which has no offset and one ridge for all."""
    from sklearn.linear_model import LogisticRegression

    from segvspers.frontier.means import cell_design

    x, known = cell_design(test).columns[:, 1:], learned.sums.total()
    start = time.process_time()
    for arm in range(len(test.arms)):
        n, y = known.n[:, arm], known.y[:, arm]
        answers = np.repeat([1, 0], len(n))
        LogisticRegression(C=0.1, max_iter=1000).fit(np.vstack([x, x]), answers, sample_weight=np.r_[y, n - y])
    theirs = time.process_time() - start
    start = time.process_time()
    CellMeans(test).fit(known.n, known.y, known.y2)
    ours = time.process_time() - start
    return (
        f"one fit of all variants: {ours:.3f} CPU s with its ridges estimated; scikit-learn {theirs:.3f} for one given ridge "
        f"({theirs / ours:.1f} times)"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=["coverage", "speed"])
    options.add_argument("--n", type=int, default=20_000)
    options.add_argument("--runs", type=int, default=100)
    options.add_argument("--start", type=int, default=0)
    options.add_argument("--effect", type=float, default=0.55)
    options.add_argument("--companies", action="store_true")
    options.add_argument("--out", default="", help="file that the estimates of all runs are added to")
    given = options.parse_args()
    {"coverage": coverage, "speed": speed}[given.what](given)
    print(f"{time.process_time():.0f} CPU s", file=sys.stderr)


if __name__ == "__main__":
    main()
