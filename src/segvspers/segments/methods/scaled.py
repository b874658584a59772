"""K-means, Gaussian mixtures and HDBSCAN of scikit-learn as ways to find segments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from segvspers.errors import NotEstimableError
from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.codes.cutting import sample_rows
from segvspers.segments.codes.matrix import MatrixCode
from segvspers.segments.methods.assigning import best
from segvspers.segments.methods.classes import N_JUDGED, UNUSUAL_SHARE
from segvspers.segments.methods.distances import (
    CentreAssigner,
    CoreAssigner,
    MatrixAssigner,
    MixtureAssigner,
    squared_distances,
)
from segvspers.segments.methods.latent_class import bic_of_part

MOST_FITTED = {"kmeans": 200_000, "gmm": 50_000, "hdbscan": 10_000}
MOST_CORES = 2_000
STARTS = {"kmeans": {"full": 10, "study": 5, "refit": 3}, "gmm": {"full": 3, "study": 1, "refit": 1}}
N_SILHOUETTE = 4_000
LEAST_VARIANCE = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class MatrixLearner:
    """Find segments in rows of coordinates by ``kmeans``, ``gmm`` or ``hdbscan``."""

    kind: str
    matrix: MatrixCode
    rows: np.ndarray
    codes: np.ndarray
    indicators: ClassVar[tuple[str, ...]] = ("flag", "levels")

    @property
    def plans(self) -> tuple[ColumnCode, ...]:
        """Return how each column is coded for profiles."""
        return self.matrix.plans

    @property
    def n_rows(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def fit(
        self, k: int, *, rng: np.random.Generator, rows: np.ndarray | None = None, effort: str = "full"
    ) -> MatrixAssigner:
        """Return the segments of all rows, or of some; `effort` as in `Learner`."""
        data = self.rows if rows is None else self.rows[rows]
        taken = sample_rows(len(data), MOST_FITTED[self.kind], rng)
        data = data if taken is None else data[taken]
        seed = int(rng.integers(2**31))
        if self.kind == "kmeans":
            return self._centres(data, k, seed, n_starts=STARTS["kmeans"][effort])
        return self._mixture(data, k, seed, n_starts=STARTS["gmm"][effort]) if self.kind == "gmm" else self._cores(data)

    def _centres(self, data: np.ndarray, k: int, seed: int, *, n_starts: int) -> CentreAssigner:
        from sklearn.cluster import KMeans
        from threadpoolctl import threadpool_limits

        # More threads than free cores make k-means several times slower (scikit-learn issue 20642).
        with threadpool_limits(1, user_api="openmp"):
            found = KMeans(k, n_init=n_starts, random_state=seed).fit(data)
        variance = float(found.inertia_) / max(1, data.size)
        return CentreAssigner(self.matrix, -np.inf, found.cluster_centers_, variance)

    def _mixture(self, data: np.ndarray, k: int, seed: int, *, n_starts: int) -> MixtureAssigner:
        from sklearn.mixture import GaussianMixture

        kinds = {scale.kind for scale in self.matrix.scales}
        shape = "diag" if kinds & set(self.indicators) else "full"
        found = GaussianMixture(
            k, covariance_type=shape, n_init=n_starts, reg_covar=LEAST_VARIANCE, random_state=seed
        ).fit(data)
        factors = found.precisions_cholesky_
        factors = np.stack([np.diag(one) for one in factors]) if shape == "diag" else factors
        return MixtureAssigner(self.matrix, -np.inf, np.log(found.weights_), found.means_, factors)

    def _cores(self, data: np.ndarray) -> CoreAssigner:
        from sklearn.cluster import HDBSCAN

        smallest = max(5, round(0.02 * len(data)))
        found = HDBSCAN(min_cluster_size=smallest, min_samples=min(10, smallest), copy=True).fit(data)
        if not (found.labels_ >= 0).any():
            raise NotEstimableError(
                f"hdbscan finds no dense region among {len(data):,} contacts; leave columns out, "
                "or use method='latent_class'."
            )
        core = np.flatnonzero(found.labels_ >= 0)
        core = core[np.argsort(-found.probabilities_[core], kind="stable")]
        each = max(1, MOST_CORES // int(found.labels_.max() + 1))
        kept = np.concatenate([core[found.labels_[core] == one][:each] for one in np.unique(found.labels_[core])])
        return CoreAssigner(self.matrix, -np.inf, data[kept], found.labels_[kept])

    def labels(self, model: MatrixAssigner, rows: np.ndarray | None = None) -> np.ndarray:
        """Return the segment of each row."""
        return model.shares(self.rows if rows is None else self.rows[rows]).argmax(axis=1)

    def judge(self, model: MatrixAssigner, train: np.ndarray, held: np.ndarray) -> dict[str, Any]:
        """Return what tells how many segments there are: BIC and likelihood, or silhouette and inertia."""
        data = self.rows[train]
        if isinstance(model, MixtureAssigner):
            k, width = model.means.shape
            full = any(np.count_nonzero(factor) > width for factor in model.factors)
            n_free = k - 1 + k * (width + (width * (width + 1) // 2 if full else width))
            bic = -2 * float(model.usual(data).sum()) + n_free * np.log(len(data))
            return {
                "bic": bic,
                "bic_of_half": bic_of_part(bic, n_free, len(data)),
                "ahead": model.usual(self.rows[held]),
            }
        if isinstance(model, CentreAssigner):
            inertia = float(squared_distances(data, model.centres).min(axis=1).sum())
            return {"silhouette": _silhouette(data, model.shares(data).argmax(axis=1)), "inertia": inertia}
        return {}

    def assigner(self, model: MatrixAssigner, *, rng: np.random.Generator) -> MatrixAssigner:
        """Return the assigner, with the score from which a row is usual."""
        rows = sample_rows(self.n_rows, N_JUDGED, rng)
        usual = model.usual(self.rows if rows is None else self.rows[rows])
        return replace(model, usual_from=float(np.quantile(usual, UNUSUAL_SHARE)))

    def place(self, assigner: MatrixAssigner) -> tuple[np.ndarray, np.ndarray]:
        """Return the segment of each row of the list and its membership."""
        return best(assigner.shares(self.rows))


def _silhouette(data: np.ndarray, labels: np.ndarray) -> float:
    from sklearn.metrics import silhouette_score

    few, told = data[:N_SILHOUETTE], labels[:N_SILHOUETTE]
    n_found = len(np.unique(told))
    return float(silhouette_score(few, told)) if 1 < n_found < len(few) else float("nan")
