"""Latent classes of coded columns: a mixture of independent tables, fitted by EM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

CHUNK = 1 << 15
TABLE_CELLS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class LatentClasses:
    """A fitted mixture: `log_shares` of the classes, and the log-odds `weights` of each level in each.

    `weights` stacks the tables of all columns; column f starts at row ``offsets[f]``. A level's weight is
    the log of its share in the class over its share in the list, so that a missing value adds nothing.
    """

    log_shares: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray

    @property
    def n_classes(self) -> int:
        """Count the classes."""
        return len(self.log_shares)

    def scores(self, codes: np.ndarray) -> np.ndarray:
        """Return the log score of each row in each class.

        Columns are grouped, and each group's tables added up beforehand, so that a row needs few look-ups.
        """
        out = np.empty((len(codes), self.n_classes), dtype=np.float32)
        groups = _grouped_tables(self)
        for start in range(0, len(codes), CHUNK):
            block = codes[start : start + CHUNK]
            total = np.broadcast_to(self.log_shares.astype(np.float32), (len(block), self.n_classes)).copy()
            for columns, sizes, table in groups:
                key = block[:, columns[0]].astype(np.intp) + 1
                for column, size in zip(columns[1:], sizes[1:], strict=True):
                    key = key * size + (block[:, column] + 1)
                total += table[key]
            out[start : start + CHUNK] = total
        return out


def _grouped_tables(model: LatentClasses) -> list[tuple[list[int], list[int], np.ndarray]]:
    ends = np.r_[model.offsets[1:], len(model.weights)]
    groups: list[tuple[list[int], list[int], np.ndarray]] = []
    for column, (start, end) in enumerate(zip(model.offsets, ends, strict=True)):
        # Row 0 is the value that says nothing.
        own = np.vstack([np.zeros(model.n_classes), model.weights[start:end]]).astype(np.float32)
        if groups and len(groups[-1][2]) * len(own) <= TABLE_CELLS:
            columns, sizes, table = groups[-1]
            joined = (table[:, None, :] + own[None, :, :]).reshape(-1, model.n_classes)
            groups[-1] = ([*columns, column], [*sizes, len(own)], joined)
        else:
            groups.append(([column], [len(own)], own))
    return groups


def one_hot(codes: np.ndarray, sizes: np.ndarray) -> sparse.csr_matrix:
    """Return a row a contact and a column a level; what says nothing has no entry."""
    offsets = np.r_[0, np.cumsum(sizes)[:-1]]
    known = codes >= 0
    indices = (codes + offsets.astype(np.int32))[known].astype(np.int32)
    pointers = np.r_[0, np.cumsum(known.sum(axis=1))].astype(np.int32)
    values = np.ones(len(indices), dtype=np.float32)
    return sparse.csr_matrix((values, indices, pointers), shape=(len(codes), int(np.sum(sizes))))


def fit_classes(
    codes: np.ndarray,
    sizes: np.ndarray,
    n_classes: int,
    *,
    rng: np.random.Generator,
    weights: np.ndarray | None = None,
    n_starts: int = 20,
    start_rows: int = 10_000,
    fit_rows: int = 100_000,
    n_steps: int = 60,
) -> LatentClasses:
    """Return the best of many short EM runs, judged on rows held out, then run to the end on more rows."""
    sizes = np.asarray(sizes)
    order = rng.permutation(len(codes))
    rows = np.sort(order[: min(fit_rows, len(codes))])
    data = _Data.of(codes[rows], sizes, None if weights is None else weights[rows])
    if n_classes == 1:
        return _model(data, np.zeros((data.n, 1), dtype=np.float32) + 1, sizes)
    train, judge = _split(len(codes), order, start_rows)
    short = _Data.of(codes[train], sizes, None if weights is None else weights[train])
    held = _Data.of(codes[judge], sizes, None if weights is None else weights[judge])
    start = _best_start(short, held, n_classes, n_starts, rng)
    return _finish(data, start, n_steps, sizes)


def log_likelihood(model: LatentClasses, codes: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the summed log-likelihood relative to independent columns in one class."""
    scores = model.scores(codes).astype(float)
    total = _log_sum(scores)
    return float(total.sum() if weights is None else total @ weights)


def memberships(scores: np.ndarray) -> np.ndarray:
    """Return the probability of each class for each row of log scores."""
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


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


def _split(n: int, order: np.ndarray, start_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows for the short runs and rows to judge them by; small lists use all rows for both."""
    if n < 1_000:
        return order, order
    n_train = min(start_rows, int(0.7 * n))
    return order[:n_train], order[n_train : n_train + max(300, n_train // 2)]


def _best_start(
    data: _Data, held: _Data, n_classes: int, n_starts: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Run all starts side by side, each from rows drawn as seeds of the classes."""
    seeds = rng.integers(0, data.n, n_starts * n_classes)
    likeness = data.rows[seeds].T.toarray().astype(np.float32)
    level_shares = data.marginal[:, None]
    weights = np.log((0.5 * likeness + 0.5 * level_shares) / level_shares).astype(np.float32)
    weights[:, :] *= 0.5
    log_shares = np.full((n_starts, n_classes), -np.log(n_classes), dtype=np.float32)
    for _ in range(12):
        posterior, _ = _expect(data, weights, log_shares)
        weights, log_shares = _maximise(data, posterior, n_starts, n_classes)
    _, likelihood = _expect(held, weights, log_shares)
    best = int(np.argmax(held.weights @ likelihood))
    return weights[:, best * n_classes : (best + 1) * n_classes], log_shares[best]


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


def _maximise(
    data: _Data, posterior: np.ndarray, n_starts: int, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return level weights and class shares; each table is smoothed by one contact of the list's shares."""
    weighted = posterior * data.weights[:, None]
    counts = np.asarray(data.columns @ weighted, dtype=np.float32)
    starts = np.r_[0, np.cumsum(data.sizes)[:-1]]
    totals = np.repeat(np.add.reduceat(counts, starts, axis=0), data.sizes, axis=0)
    shares = data.marginal.astype(np.float32)[:, None]
    weights = np.log((counts + shares) / ((totals + 1) * shares))
    size = weighted.sum(axis=0).reshape(n_starts, n_classes) + 1e-3
    return weights, np.log(size / size.sum(axis=1, keepdims=True))


def _finish(
    data: _Data, start: tuple[np.ndarray, np.ndarray], n_steps: int, sizes: np.ndarray
) -> LatentClasses:
    weights, log_shares = start[0], start[1][None, :]
    last = -np.inf
    for _ in range(n_steps):
        posterior, likelihood = _expect(data, weights, log_shares)
        weights, log_shares = _maximise(data, posterior, 1, log_shares.shape[1])
        reached = float(data.weights @ likelihood[:, 0]) / float(data.weights.sum())
        if reached - last < 1e-5:
            break
        last = reached
    offsets = np.r_[0, np.cumsum(sizes)[:-1]]
    return LatentClasses(log_shares[0].astype(float), weights.astype(float), offsets)


def _model(data: _Data, posterior: np.ndarray, sizes: np.ndarray) -> LatentClasses:
    weights, log_shares = _maximise(data, posterior, 1, posterior.shape[1])
    return LatentClasses(log_shares[0].astype(float), weights.astype(float), np.r_[0, np.cumsum(sizes)[:-1]])


def _log_sum(scores: np.ndarray) -> np.ndarray:
    top = scores.max(axis=1)
    return top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
