"""Binned latent classes as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_feature_names, _check_sample_weight, check_is_fitted, validate_data

from segvspers.errors import ArgumentError
from segvspers.segments.codes.coding import code_table
from segvspers.segments.codes.cutting import MOST_BINS, fit_codes
from segvspers.segments.features import as_table
from segvspers.segments.methods.classes import ClassAssigner, ClassLearner
from segvspers.segments.methods.latent_class import fit_classes


class LatentClassClusterer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """Cluster mixed columns by a latent class model of their bins and levels.

    Numbers and dates are cut at quantiles, tied values keep bins of their own, categories are levels, missing
    values say nothing, and zeros that two columns share count once.

    Parameters
    ----------
    n_clusters
        Number of classes.
    n_bins
        Most bins of a number; ``"auto"`` takes the cube root of the number of rows, 4 to 16.
    n_init
        Starts of EM, of which the best survive.
    max_iter
        Steps of the last run.
    fit_rows
        Most rows that the last run takes; all rows are assigned.
    structural
        Whether zeros that two columns share count once.
    random_state
        Seed: an integer, a ``RandomState``, a ``numpy.random.Generator`` or ``None``.

    Attributes
    ----------
    labels_ : ndarray of shape (n_rows,)
        Class of each row, 0 the largest.
    n_iter_ : int
        Steps of the last run.
    columns_ : tuple of ColumnCode
        How each column is coded.
    assigner_ : ClassAssigner
        The fitted state; ``assigner_.state()`` is JSON.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Notes
    -----
    A column that holds one value only says nothing. `X` may be an array of numbers, or a pandas, polars or
    Arrow table of mixed columns. Weighted rows count by their weights in EM; bins are cut without weights.

    References
    ----------
    Vermunt, J. K. and Magidson, J. (2002), Latent class cluster analysis. In: Applied Latent Class Analysis.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.r_[np.zeros((50, 2)), np.ones((40, 2))]
    >>> model = LatentClassClusterer(2, random_state=0).fit(X)
    >>> np.bincount(model.labels_)
    array([50, 40])
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_bins: int | str = "auto",
        n_init: int = 24,
        max_iter: int = 60,
        fit_rows: int = 100_000,
        structural: bool = True,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_bins = n_bins
        self.n_init = n_init
        self.max_iter = max_iter
        self.fit_rows = fit_rows
        self.structural = structural
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Return what the estimator takes: missing values, text and categories."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> LatentClassClusterer:  # noqa: N803, ARG002
        """Fit the classes and label the rows.

        Raises
        ------
        ArgumentError
            When there are more classes than rows.
        """
        table = self._table(X, reset=True)
        if not 1 <= self.n_clusters <= len(table):
            raise ArgumentError(f"n_clusters={self.n_clusters!r} must be from 1 to n_samples = {len(table)}.")
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, _Rows(len(table)))
        rng = _generator(self.random_state)
        n_bins = int(np.clip(round(len(table) ** (1 / 3)), 4, MOST_BINS)) if self.n_bins == "auto" else int(self.n_bins)
        plans = tuple(fit_codes(table, list(table.columns), n_bins=n_bins, apart=self.structural, rng=rng))
        codes = code_table(plans, table)
        learner = ClassLearner(plans, codes, weights)
        found = fit_classes(
            codes,
            learner.sizes,
            self.n_clusters,
            rng=rng,
            weights=weights,
            n_starts=self.n_init,
            fit_rows=self.fit_rows,
            n_steps=self.max_iter,
        )
        assigner = learner.assigner(found.card.rounded(), rng=rng)
        labels = learner.place(assigner)[0]
        order = np.argsort(-np.bincount(labels, weights=weights, minlength=self.n_clusters), kind="stable")
        self.assigner_: ClassAssigner = assigner.in_order(order)
        self.columns_ = plans
        self.n_iter_ = found.n_steps
        self.labels_ = np.argsort(order)[labels]
        self._n_features_out = self.n_clusters
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return the class of each row."""
        table = self._fitted(X)
        return self.assigner_.place(table)[0]

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return the probability of each class for each row."""
        table = self._fitted(X)
        return self.assigner_.probabilities(table)

    def transform(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return the probability of each class, as columns for a further estimator."""
        return self.predict_proba(X)

    def score_samples(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return the log-likelihood of each row's bins and levels."""
        table = self._fitted(X)
        return self.assigner_.log_likelihood(code_table(self.columns_, table))[0]

    def score(self, X: Any, y: Any = None) -> float:  # noqa: N803, ARG002
        """Return the mean log-likelihood a row: higher is better."""
        return float(self.score_samples(X).mean())

    def bic(self, X: Any) -> float:  # noqa: N803
        """Return the Bayesian information criterion on rows: lower is better."""
        told = self.score_samples(X)
        n_free = self.n_clusters - 1 + self.n_clusters * sum(plan.n_levels - 1 for plan in self.columns_)
        return float(-2 * told.sum() + n_free * np.log(len(told)))

    def _fitted(self, X: Any) -> pd.DataFrame:  # noqa: N803
        check_is_fitted(self)
        return self._table(X, reset=False)

    def _table(self, X: Any, *, reset: bool) -> pd.DataFrame:  # noqa: N803
        """Return rows as a table whose columns are those of the fit."""
        if _is_frame(X):
            table = as_table(X, "contacts")
            _check_feature_names(self, table, reset=reset)
            if reset:
                self.n_features_in_ = table.shape[1]
            elif table.shape[1] != self.n_features_in_:
                raise ValueError(
                    f"X has {table.shape[1]} features, but {type(self).__name__} is expecting "
                    f"{self.n_features_in_} features as input."
                )
            return table.set_axis(_names(table.shape[1]), axis=1)
        array = validate_data(self, X, reset=reset, dtype=None, ensure_all_finite="allow-nan")
        if array.dtype.kind in "OUS":
            return pd.DataFrame(array, columns=_names(array.shape[1])).infer_objects()
        return pd.DataFrame(array, columns=_names(array.shape[1]))


class _Rows:
    """A number of rows, for scikit-learn's check of weights."""

    def __init__(self, n: int) -> None:
        self.shape = (n,)

    def __len__(self) -> int:
        return self.shape[0]


def _names(n: int) -> list[str]:
    return [f"x{place}" for place in range(n)]


def _is_frame(X: Any) -> bool:  # noqa: N803
    """Tell whether `X` is a table with named columns, of whatever library."""
    return isinstance(X, pd.DataFrame) or (hasattr(X, "columns") and hasattr(X, "shape")) or hasattr(X, "column_names")


def _generator(random_state: Any) -> np.random.Generator:
    if isinstance(random_state, np.random.Generator):
        return random_state
    return np.random.default_rng(check_random_state(random_state).randint(2**31 - 1))
