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
    n_starts: int = 24,
    start_rows: int = 5_000,
    fit_rows: int = 100_000,
    n_steps: int = 60,
) -> LatentClasses:
    """Return the best of many short EM runs: a few survive to a second round, one to the last.

    Both choices are made on the likelihood of rows held out, the same for all runs.
    """
    sizes = np.asarray(sizes)
    order = rng.permutation(len(codes))

    def data(rows: np.ndarray) -> _Data:
        return _Data.of(codes[rows], sizes, None if weights is None else weights[rows])

    whole = data(np.sort(order[:fit_rows]))
    if n_classes == 1:
        return _model(*_maximise(whole, np.ones((whole.n, 1), dtype=np.float32), 1, 1), sizes)
    few = data(order[: min(start_rows, _train_rows(len(codes)))])
    more = data(order[: min(4 * start_rows, _train_rows(len(codes)))])
    held = data(order[_train_rows(len(codes)) :][: 2 * start_rows]) if len(codes) >= 1_000 else few
    runs = _run(few, *_seeded(few, n_classes, n_starts, rng), n_steps=10)
    runs = _run(more, *_best(held, *runs, n_kept=min(4, n_starts)), n_steps=12)
    return _model(*_run(whole, *_best(held, *runs, n_kept=1), n_steps=n_steps), sizes)


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


def _train_rows(n: int) -> int:
    """Return how many rows may train the starts; the others judge them, but small lists use all for both."""
    return n if n < 1_000 else int(0.7 * n)


def _seeded(data: _Data, n_classes: int, n_starts: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and shares of all starts side by side, each class like one row drawn."""
    seeds = rng.integers(0, data.n, n_starts * n_classes)
    likeness = data.rows[seeds].T.toarray().astype(np.float32)
    weights = 0.5 * np.log((0.5 * likeness + 0.5 * data.marginal[:, None]) / data.marginal[:, None])
    return weights.astype(np.float32), np.full((n_starts, n_classes), -np.log(n_classes), dtype=np.float32)


def _run(data: _Data, weights: np.ndarray, log_shares: np.ndarray, *, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Run EM for all starts until their mean log-likelihood a row stands still."""
    last, total = -np.inf, float(data.weights.sum())
    for _ in range(n_steps):
        posterior, likelihood = _expect(data, weights, log_shares)
        weights, log_shares = _maximise(data, posterior, *log_shares.shape)
        reached = float((data.weights @ likelihood).mean()) / total
        if reached - last < 1e-5:
            break
        last = reached
    return weights, log_shares


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


def _model(weights: np.ndarray, log_shares: np.ndarray, sizes: np.ndarray) -> LatentClasses:
    offsets = np.r_[0, np.cumsum(sizes)[:-1]]
    return LatentClasses(log_shares[0].astype(float), weights.astype(float), offsets)


def _log_sum(scores: np.ndarray) -> np.ndarray:
    top = scores.max(axis=1)
    return top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
