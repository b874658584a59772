"""An additive scorecard: whole points for each level in each segment, so that every engine adds up the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CHUNK = 1 << 15
TABLE_CELLS = 4096
# Points to a factor of e in odds: a power of two, so that sums of points are exact in single precision.
POINTS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Scorecard:
    """Tables of all columns, stacked: column f starts at row ``offsets[f]``; a column of the array a segment.

    A code below 0 adds nothing.
    """

    base: np.ndarray
    table: np.ndarray
    offsets: np.ndarray

    @property
    def n_segments(self) -> int:
        """Count the segments."""
        return len(self.base)

    def add(self, codes: np.ndarray) -> np.ndarray:
        """Return the sum of each row in each segment.

        Columns are grouped, and each group's tables added up beforehand, so that a row needs few look-ups.
        """
        out = np.empty((len(codes), self.n_segments), dtype=np.float32)
        groups = self._grouped()
        for start in range(0, len(codes), CHUNK):
            block = codes[start : start + CHUNK]
            total = np.broadcast_to(self.base.astype(np.float32), (len(block), self.n_segments)).copy()
            for columns, sizes, table in groups:
                key = np.maximum(block[:, columns[0]], -1).astype(np.intp) + 1
                for column, size in zip(columns[1:], sizes[1:], strict=True):
                    key = key * size + (np.maximum(block[:, column], -1) + 1)
                total += table[key]
            out[start : start + CHUNK] = total
        return out

    def _grouped(self) -> list[tuple[list[int], list[int], np.ndarray]]:
        ends = np.r_[self.offsets[1:], len(self.table)]
        groups: list[tuple[list[int], list[int], np.ndarray]] = []
        for column, (start, end) in enumerate(zip(self.offsets, ends, strict=True)):
            # Row 0 is the value that says nothing.
            own = np.vstack([np.zeros(self.n_segments), self.table[start:end]]).astype(np.float32)
            if groups and len(groups[-1][2]) * len(own) <= TABLE_CELLS:
                columns, sizes, table = groups[-1]
                joined = (table[:, None, :] + own[None, :, :]).reshape(-1, self.n_segments)
                groups[-1] = ([*columns, column], [*sizes, len(own)], joined)
            else:
                groups.append(([column], [len(own)], own))
        return groups

    def rounded(self) -> Scorecard:
        """Return the card in whole points, as fractions of a power of two."""
        base, table = (np.rint(np.asarray(part, dtype=float) * POINTS) / POINTS for part in (self.base, self.table))
        return Scorecard(base, table, self.offsets)

    def in_order(self, order: np.ndarray) -> Scorecard:
        """Return the card with its segments in another order, or some of them."""
        return Scorecard(self.base[order], self.table[:, order], self.offsets)


def memberships(scores: np.ndarray) -> np.ndarray:
    """Return the probability of each segment for each row of log scores."""
    shares = scores - scores.max(axis=1, keepdims=True)
    np.exp(shares, out=shares)
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def log_sum(scores: np.ndarray) -> np.ndarray:
    """Return the log of the summed exponentials of each row."""
    top = scores.max(axis=1)
    return top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
