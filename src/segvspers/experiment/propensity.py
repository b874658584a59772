"""Chances of getting the treatment and of replying, each contact judged by models that never saw its company."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

N_FOLDS = 5
MANY_LEVELS = 50


def design(frame: pd.DataFrame, covariates: tuple[str, ...]) -> pd.DataFrame:
    """Return covariates as numbers: levels as 0/1 columns, numbers scaled with a mark for missing ones.

    Levels rarer than 0.5 % stand together; heavy-tailed amounts are taken on the log scale beside their rank.
    """
    columns: dict[str, np.ndarray] = {}
    for name in covariates:
        column = frame[name]
        if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype):
            columns |= _levels(name, column)
        else:
            columns |= _number(name, column.to_numpy(dtype=float, na_value=np.nan))
    return pd.DataFrame(columns, index=frame.index)


def _levels(name: str, column: pd.Series) -> dict[str, np.ndarray]:
    text = column.astype("object").where(column.notna(), "missing").astype(str)
    counts = text.value_counts()
    kept = counts.index[(counts >= max(10, 0.005 * len(text)))][:MANY_LEVELS]
    shown = text.where(text.isin(kept), "other levels")
    levels = sorted(shown.unique())[1:]  # the first is told by all others being 0
    return {f"{name} = {level}": (shown == level).to_numpy(dtype=float) for level in levels}


def _number(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    known = np.isfinite(values)
    filled = np.where(known, values, np.median(values[known]) if known.any() else 0.0)
    found = {name: _scaled(filled)}
    if known.any() and filled.min() >= 0 and filled.max() > 20 * max(np.median(filled), 1e-9):
        found[f"log {name}"] = _scaled(np.log1p(filled))
    else:
        found[f"{name} squared"] = _scaled(found[name] ** 2)
    if (~known).any():
        found[f"{name} missing"] = (~known).astype(float)
    return {label: column for label, column in found.items() if np.ptp(column) > 0}


def _scaled(values: np.ndarray) -> np.ndarray:
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else values * 0.0


def folds_of(unit: np.ndarray, rng: np.random.Generator, n_folds: int = N_FOLDS) -> np.ndarray:
    """Return the fold of each row; rows of one unit share it."""
    codes = pd.factorize(unit)[0]
    n_units = int(codes.max()) + 1
    return rng.permutation(np.arange(n_units) % min(n_folds, n_units))[codes]


def cross_fitted(
    features: np.ndarray, target: np.ndarray, folds: np.ndarray, *, among: np.ndarray | None = None
) -> np.ndarray:
    """Return the chance that `target` is 1 for each row, by a logistic model fitted on the other folds.

    `among` are the rows that may be learned from; all when left out. A fold in which only one answer is seen
    gives its share.
    """
    from sklearn.linear_model import LogisticRegression

    chosen = np.ones(len(target), dtype=bool) if among is None else among
    found = np.empty(len(target))
    for fold in np.unique(folds):
        learn, tell = chosen & (folds != fold), folds == fold
        answers = target[learn]
        if not len(answers) or answers.min() == answers.max():
            found[tell] = float(answers.mean()) if len(answers) else np.nan
            continue
        model: Any = LogisticRegression(C=100.0, max_iter=1000)  # hardly shrunk: lack of overlap must show
        found[tell] = model.fit(features[learn], answers).predict_proba(features[tell])[:, 1]
    return found


def mean_differences(features: pd.DataFrame, treated: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the standardised difference of each column, treatment minus control, under weights.

    Scaled by the unweighted spread of both arms, so that numbers before and after weighting can be compared
    (Austin 2009).
    """
    x = features.to_numpy(dtype=float)
    raw = [x[treated == arm] for arm in (False, True)]
    spread = np.sqrt((raw[0].var(axis=0) + raw[1].var(axis=0)) / 2)
    means = [np.average(x[treated == arm], axis=0, weights=weights[treated == arm]) for arm in (False, True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0, (means[1] - means[0]) / spread, 0.0)
