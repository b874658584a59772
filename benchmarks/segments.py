"""Segments against their peers: agreement with known groups, and CPU seconds, in one run.

``python benchmarks/segments.py [plain correlated missing numbers home real million]``. Peers that are not installed
(stepmix, kmodes, hdbscan) are skipped, and the run says so. All timings are CPU seconds of one thread, and hold the
encoding of mixed columns that a method needs.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

import argparse
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata
from sklearn.metrics import adjusted_rand_score, silhouette_score

import segvspers as sv
from planted import home_ground, planted

K = 8
SEEDS = (1, 2, 3)
# The spread of the planted means: groups that can be told apart, and groups that overlap.
SPREADS = {"apart": 1.8, "overlapping": 1.2}
# Rows that a slow peer is given; the others get all.
MOST_ROWS = {"StepMix": 10_000, "k-prototypes": 5_000, "HDBSCAN (scikit-learn)": 10_000, "hdbscan": 20_000}
# With gaps StepMix takes minutes for rows that it needs seconds for without.
MOST_WITH_GAPS = {"StepMix": 1_000}
Peer = Callable[[pd.DataFrame, int, int], np.ndarray]


def ours(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    """Fit and assign by the default method."""
    return sv.fit_segments(table, n_segments=k, rng=seed).assign(table)["segment_id"].to_numpy()


def numbers(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if pd.api.types.is_numeric_dtype(table[name].dtype)]


def encoded(table: pd.DataFrame, *, scores: str = "rank") -> np.ndarray:
    """Return numbers as normal scores of mid-ranks (or logs), medians for what is missing, and indicators."""
    parts = []
    for name in table.columns:
        column = table[name]
        if name in numbers(table):
            values = column.fillna(column.median()).to_numpy(dtype=float)
            shown = norm.ppf((rankdata(values) - 0.5) / len(values)) if scores == "rank" else signed_log(values)
            parts.append((shown - shown.mean()) / (shown.std() or 1.0))
        else:
            codes = pd.factorize(column)[0]
            parts += [(codes == level).astype(float) for level in range(codes.max() + 1)]
    return np.column_stack(parts)


def signed_log(values: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log1p(np.abs(values))


def k_means(n_init: int, scores: str) -> Peer:
    def run(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
        from sklearn.cluster import KMeans

        return KMeans(k, n_init=n_init, random_state=seed).fit_predict(encoded(table, scores=scores))

    return run


def mini_batch(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    from sklearn.cluster import MiniBatchKMeans

    return MiniBatchKMeans(k, n_init=3, random_state=seed).fit_predict(encoded(table))


def gaussian_mixture(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(k, n_init=3, random_state=seed).fit_predict(encoded(table[numbers(table)]))


def reduced(table: pd.DataFrame) -> np.ndarray:
    from sklearn.decomposition import PCA

    return PCA(min(6, table.shape[1]), random_state=0).fit_transform(encoded(table))


def sklearn_hdbscan(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    from sklearn.cluster import HDBSCAN

    return HDBSCAN(min_cluster_size=max(5, len(table) // 100), copy=True).fit_predict(reduced(table))


def original_hdbscan(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    import hdbscan

    return hdbscan.HDBSCAN(min_cluster_size=max(5, len(table) // 100)).fit_predict(reduced(table))


def stepmix(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    from stepmix.stepmix import StepMix
    from stepmix.utils import get_mixed_descriptor

    shown = table.copy()
    groups = [name for name in table.columns if name not in numbers(table)]
    gaps = table.isna().any().any()
    for name in groups:
        codes = pd.factorize(table[name])[0].astype(float)
        shown[name] = np.where(codes < 0, np.nan, codes)
    for name in numbers(table):
        shown[name] = signed_log(table[name].to_numpy(dtype=float))
    kinds = {"continuous_nan" if gaps else "continuous": numbers(table)}
    if groups:
        kinds["categorical_nan" if gaps else "categorical"] = groups
    data, descriptor = get_mixed_descriptor(shown, **kinds)
    model = StepMix(k, measurement=descriptor, n_init=5, random_state=seed, verbose=0, progress_bar=0)
    return model.fit(data).predict(data)


def k_prototypes(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    from kmodes.kprototypes import KPrototypes

    own = numbers(table)
    groups = [name for name in table.columns if name not in own]
    if not groups:
        raise ValueError("no categories")
    shown = pd.DataFrame(encoded(table[own]), columns=own)
    shown[groups] = table[groups].astype(object).where(table[groups].notna(), "?").astype(str).to_numpy()
    places = list(range(len(own), len(own) + len(groups)))
    return KPrototypes(k, n_init=1, random_state=seed).fit_predict(shown.to_numpy(dtype=object), categorical=places)


PEERS: dict[str, Peer] = {
    "segvspers": ours,
    "KMeans, mid-ranks, 10 starts": k_means(10, "rank"),
    "KMeans, logs, 10 starts": k_means(10, "log"),
    "MiniBatchKMeans": mini_batch,
    "Gaussian mixture, numbers": gaussian_mixture,
    "HDBSCAN (scikit-learn)": sklearn_hdbscan,
    "hdbscan": original_hdbscan,
    "StepMix": stepmix,
    "k-prototypes": k_prototypes,
}
NEEDS = {"StepMix": "stepmix", "k-prototypes": "kmodes", "hdbscan": "hdbscan"}


def ceiling(table: pd.DataFrame, segment: np.ndarray, counted: np.ndarray) -> float:
    """Return the agreement of boosted trees that were shown the segments of half of the rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    shown = np.column_stack(
        [table[name] if name in numbers(table) else table[name].cat.codes.replace(-1, np.nan) for name in table.columns]
    ).astype(float)
    half = np.arange(len(segment)) < len(segment) // 2
    places = [place for place, name in enumerate(table.columns) if name not in numbers(table)]
    model = HistGradientBoostingClassifier(categorical_features=places or None, max_iter=60, random_state=0)
    model.fit(shown[half & counted], segment[half & counted])
    judged = ~half & counted
    return float(adjusted_rand_score(segment[judged], model.predict(shown[judged])))


def compare(
    title: str, tables: list[tuple[pd.DataFrame, np.ndarray, np.ndarray]], *, k: int = K, peers: list[str] | None = None
) -> None:
    """Print agreement on each table and the mean CPU seconds, with ratios against segvspers."""
    print(f"\n### {title}\n")
    tops = [ceiling(*table) for table in tables]
    print("| method | rows | CPU s | × segvspers, a row | agreement | a table |\n|---|---|---|---|---|---|")
    print(
        f"| shown the answer (boosted trees) | | | | {np.mean(tops):.2f} | {' '.join(f'{top:.2f}' for top in tops)} |"
    )
    base = None
    for name in peers or PEERS:
        if name in NEEDS and not find_spec(NEEDS[name]):
            print(f"| {name} | | | | skipped: {NEEDS[name]} is not installed | |")
            continue
        reached, spent, n = [], [], 0
        try:
            for table, segment, counted in tables:
                n = min(len(table), MOST_ROWS.get(name, len(table)))
                n = min(n, MOST_WITH_GAPS.get(name, n)) if table.isna().any().any() else n
                few = table.head(n)
                started = time.process_time()
                labels = PEERS[name](few, k, 7)
                spent.append(time.process_time() - started)
                reached.append(adjusted_rand_score(segment[:n][counted[:n]], labels[counted[:n]]))
        except (ValueError, np.linalg.LinAlgError) as problem:
            print(f"| {name} | {n:,} | | | fails: {str(problem).splitlines()[0][:60]} | |")
            continue
        row = np.mean(spent) / n
        base = base or row
        told = " ".join(f"{one:.2f}" for one in reached)
        print(
            f"| {name} | {n:,} | {np.mean(spent):.1f} | {row / base:.1f} | {np.mean(reached):.2f} | {told} |",
            flush=True,
        )


def worlds(n: int, **options: float) -> list[tuple[pd.DataFrame, np.ndarray, np.ndarray]]:
    """Return planted tables, their segments, and which rows count: those that were not scrambled."""
    made = [planted(n, seed=seed, **options) for seed in SEEDS]
    return [(table, segment, ~mixed) for table, segment, mixed in made]


def plain(n: int) -> None:
    for word, spread in SPREADS.items():
        compare(f"Mixed columns, groups {word}", worlds(n, spread=spread))


def correlated(n: int) -> None:
    compare("Columns correlated up to 0.9 inside groups", worlds(n, spread=1.8, correlation=0.9))


def missing(n: int) -> None:
    compare("15 % of values missing", worlds(n, spread=1.8, missing=0.15))


def numbers_only(n: int) -> None:
    tables = [(table[numbers(table)], segment, kept) for table, segment, kept in worlds(n, spread=1.8)]
    compare("Numbers only", tables)


def numbers_alone(table: pd.DataFrame, k: int, seed: int) -> np.ndarray:
    """Give k-means what only somebody who knows the answer would: the columns that tell, as they are."""
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=10, random_state=seed).fit_predict(table[numbers(table)].to_numpy(dtype=float))


def home(n: int) -> None:
    PEERS["KMeans, told which columns count"] = numbers_alone
    tables = [(table, segment, np.ones(n, dtype=bool)) for table, segment in (home_ground(n, seed=s) for s in SEEDS)]
    compare("Home ground of k-means: equal spherical normals, categories that tell nothing", tables)


def real(n: int) -> None:
    """Compare on published data, when they are at hand."""
    named = os.environ.get("SEGVSPERS_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        print("\nThe published data sets are not at hand: set SEGVSPERS_DATA to their folder.")
        return
    clients = pd.read_csv(folder / "wholesale_customers" / "wholesale_customers.csv.gz")
    spending = clients.drop(columns=["Channel", "Region"])
    channel = pd.factorize(clients["Channel"])[0]
    compare(
        "Wholesale clients: agreement with their channel, two segments",
        [(spending, channel, np.ones(len(channel), dtype=bool))],
        k=2,
    )
    mall = pd.read_csv(folder / "mall_customers" / "mall_customers.csv.gz").iloc[:, 3:]
    print(
        "\n### Mall customers: silhouette of five segments (published for k-means: 0.5539)\n\n| method | silhouette |\n|---|---|"
    )
    for method in ("latent_class", "kmeans", "gmm"):
        labels = sv.fit_segments(mall, n_segments=5, method=method, columns=list(mall.columns), rng=7).assign(mall)
        print(f"| segvspers, {method} | {silhouette_score(mall, labels['segment_id']):.4f} |")


def million(n: int) -> None:
    tables = [(table, segment, ~mixed) for table, segment, mixed in [planted(1_000_000, seed=1, spread=1.8)]]
    some = ["segvspers", "MiniBatchKMeans", "KMeans, mid-ranks, 1 start", "KMeans, mid-ranks, 10 starts"]
    PEERS["KMeans, mid-ranks, 1 start"] = k_means(1, "rank")
    compare("A million mixed rows, fitted and assigned", tables, peers=some)


PARTS = {
    "plain": plain,
    "correlated": correlated,
    "missing": missing,
    "numbers": numbers_only,
    "home": home,
    "real": real,
    "million": million,
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=list(PARTS), help=f"any of {', '.join(PARTS)}")
    asked.add_argument("--rows", type=int, default=50_000, help="rows of the planted tables")
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    ours(planted(2_000, seed=1)[0], 3, 0)  # imports are paid before the clock starts
    for part in given.parts:
        PARTS[part](given.rows)


if __name__ == "__main__":
    main()
