"""Latent classes of coded columns: a mixture of independent tables, fitted by EM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segvspers.segments.methods.scorecard import Scorecard, log_sum


def one_hot(codes: np.ndarray, sizes: np.ndarray) -> sparse.csr_matrix:
    """Return a row a contact and a column a level; what says nothing has no entry."""
    offsets = np.r_[0, np.cumsum(sizes)[:-1]]
    known = codes >= 0
    indices = (codes + offsets.astype(np.int32))[known].astype(np.int32)
    pointers = np.r_[0, np.cumsum(known.sum(axis=1))].astype(np.int32)
    values = np.ones(len(indices), dtype=np.float32)
    return sparse.csr_matrix((values, indices, pointers), shape=(len(codes), int(np.sum(sizes))))


@dataclass(frozen=True, slots=True, eq=False)
class ClassFit:
    """Fitted classes, and how many steps the last run of EM took."""

    card: Scorecard
    n_steps: int


def fit_classes(
    codes: np.ndarray,
    sizes: np.ndarray,
    n_classes: int,
    *,
    rng: np.random.Generator,
    weights: np.ndarray | None = None,
    n_starts: int = 24,
    start_rows: int = 5_000,
    fit_rows: int = 100_000,
    n_steps: int = 60,
) -> ClassFit:
    """Return the best of many short EM runs: a few survive to a second round, one to the last.

    Both choices are made on the likelihood of rows held out, the same for all runs.
    """
    sizes = np.asarray(sizes)
    order = rng.permutation(len(codes))

    def data(rows: np.ndarray) -> _Data:
        return _Data.of(codes[rows], sizes, None if weights is None else weights[rows])

    whole = data(np.sort(order[:fit_rows]))
    if n_classes == 1:
        return ClassFit(_model(*_maximise(whole, np.ones((whole.n, 1), dtype=np.float32), 1, 1), sizes), 1)
    few = data(order[: min(start_rows, _train_rows(len(codes)))])
    more = data(order[: min(4 * start_rows, _train_rows(len(codes)))])
    held = data(order[_train_rows(len(codes)) :][: 2 * start_rows]) if len(codes) >= 1_000 else few
    weights_, shares, _ = _run(few, *_seeded(few, n_classes, n_starts, rng), n_steps=10)
    weights_, shares, _ = _run(more, *_best(held, weights_, shares, n_kept=min(4, n_starts)), n_steps=12)
    weights_, shares, n_done = _run(whole, *_best(held, weights_, shares, n_kept=1), n_steps=n_steps)
    return ClassFit(_model(weights_, shares, sizes), n_done)


def log_likelihood(model: Scorecard, codes: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the summed log-likelihood relative to independent columns in one class."""
    total = log_sum(model.add(codes).astype(float))
    return float(total.sum() if weights is None else total @ weights)


def bic_of_part(bic: float, n_parameters: int, n: int, *, part: float = 0.5) -> float:
    """Return about what BIC would be on a part of the rows: the likelihood falls in proportion, the penalty by logs."""
    return (bic - n_parameters * np.log(n)) * part + n_parameters * np.log(max(2.0, n * part))


def level_shares(codes: np.ndarray, sizes: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the share of each level in its column, half a contact added to each."""
    counts = [count_levels(codes[:, column], size, weights)[1:] for column, size in enumerate(sizes)]
    return _per_column(np.concatenate(counts).astype(float), np.asarray(sizes), prior=0.5)


def count_levels(codes: np.ndarray, size: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Return how many rows have each code of a column; those that say nothing come first."""
    return np.bincount(np.maximum(codes, -1) + 1, weights=weights, minlength=size + 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """One-hot rows, their weights and the shares of each level."""

    rows: sparse.csr_matrix
    columns: sparse.csr_matrix
    weights: np.ndarray
    marginal: np.ndarray
    sizes: np.ndarray
    n: int

    @classmethod
    def of(cls, codes: np.ndarray, sizes: np.ndarray, weights: np.ndarray | None) -> _Data:
        rows = one_hot(codes, sizes)
        given = np.ones(len(codes), dtype=np.float32) if weights is None else weights.astype(np.float32)
        marginal = _per_column(np.asarray(rows.T @ given, dtype=float), sizes, prior=0.5)
        return cls(rows, rows.T.tocsr(), given, marginal, sizes, len(codes))


def _per_column(counts: np.ndarray, sizes: np.ndarray, *, prior: float) -> np.ndarray:
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    raised = counts + prior
    return raised / np.repeat(np.add.reduceat(raised, starts), sizes)


def _train_rows(n: int) -> int:
    """Return how many rows may train the starts; the others judge them, but small lists use all for both."""
    return n if n < 1_000 else int(0.7 * n)


def _seeded(data: _Data, n_classes: int, n_starts: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and shares of all starts side by side, each class like one row drawn."""
    seeds = rng.integers(0, data.n, n_starts * n_classes)
    likeness = data.rows[seeds].T.toarray().astype(np.float32)
    weights = 0.5 * np.log((0.5 * likeness + 0.5 * data.marginal[:, None]) / data.marginal[:, None])
    return weights.astype(np.float32), np.full((n_starts, n_classes), -np.log(n_classes), dtype=np.float32)


def _run(
    data: _Data, weights: np.ndarray, log_shares: np.ndarray, *, n_steps: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Run EM for all starts until their mean log-likelihood a row stands still; return the steps taken too."""
    last, total, done = -np.inf, float(data.weights.sum()), 0
    while done < n_steps:
        done += 1
        posterior, likelihood = _expect(data, weights, log_shares)
        weights, log_shares = _maximise(data, posterior, *log_shares.shape)
        reached = float((data.weights @ likelihood).mean()) / total
        if reached - last < 1e-5:
            break
        last = reached
    return weights, log_shares, done


def _best(held: _Data, weights: np.ndarray, log_shares: np.ndarray, *, n_kept: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep the starts that make the rows held out most likely."""
    n_classes = log_shares.shape[1]
    _, likelihood = _expect(held, weights, log_shares)
    kept = np.argsort(-(held.weights @ likelihood), kind="stable")[:n_kept]
    columns = (kept[:, None] * n_classes + np.arange(n_classes)).ravel()
    return weights[:, columns], log_shares[kept]


def _expect(data: _Data, weights: np.ndarray, log_shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return memberships (rows by starts and classes) and log-likelihoods (rows by starts)."""
    n_starts, n_classes = log_shares.shape
    scores = (data.rows @ weights).reshape(data.n, n_starts, n_classes)
    scores += log_shares
    top = scores.max(axis=2, keepdims=True)
    scores -= top
    np.exp(scores, out=scores)
    total = scores.sum(axis=2, keepdims=True)
    scores /= total
    likelihood = (top + np.log(total))[:, :, 0]
    return scores.reshape(data.n, n_starts * n_classes), likelihood


def _maximise(data: _Data, posterior: np.ndarray, n_starts: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return level weights and class shares; each table is smoothed by one contact of the list's shares."""
    weighted = posterior * data.weights[:, None]
    counts = np.asarray(data.columns @ weighted, dtype=np.float32)
    starts = np.r_[0, np.cumsum(data.sizes)[:-1]]
    totals = np.repeat(np.add.reduceat(counts, starts, axis=0), data.sizes, axis=0)
    shares = data.marginal.astype(np.float32)[:, None]
    weights = np.log((counts + shares) / ((totals + 1) * shares))
    size = weighted.sum(axis=0).reshape(n_starts, n_classes) + 1e-3
    return weights, np.log(size / size.sum(axis=1, keepdims=True))


def _model(weights: np.ndarray, log_shares: np.ndarray, sizes: np.ndarray) -> Scorecard:
    offsets = np.r_[0, np.cumsum(sizes)[:-1]]
    return Scorecard(log_shares[0].astype(float), weights.astype(float), offsets)
