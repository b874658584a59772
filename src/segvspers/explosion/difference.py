"""How different two contacts of one group still are, over all pairs of each group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segvspers.explosion.people import Comparable


def differences_frame(beside: Comparable, cells: np.ndarray, everybody: Comparable) -> pd.DataFrame:
    """Return one row a column: how far two contacts of one cell, and two of the whole list, differ in it.

    `beside` are contacts with their `cells`; `everybody` is a sample of the list.
    """
    within = pd.Series(differences(beside, cells), index=beside.names)
    whole = pd.Series(differences(everybody, np.zeros(len(everybody.values), dtype=int)), index=everybody.names)
    both = [name for name in beside.names if name in everybody.names]
    return pd.DataFrame({"column": both, "within": within[both].to_numpy(), "list": whole[both].to_numpy()})


def mean_difference(others: Comparable, groups: np.ndarray) -> float:
    """Return the mean over the columns, or nan when no two contacts of a group can be compared."""
    each = differences(others, groups)
    return float(np.nanmean(each)) if len(each) and not np.isnan(each).all() else float("nan")


def differences(others: Comparable, groups: np.ndarray) -> np.ndarray:
    """Return, for each column, the mean difference of two contacts of one group; groups below 0 are left out.

    Notes
    -----
    Gower's (1971) dissimilarity: 0 or 1 for names, the distance of ranks for numbers and dates; a value that
    either contact lacks does not count. The mean runs over all pairs of each group in closed form: the Gini
    index of names (1 - sum of squared shares) and Gini's mean difference of ranks, both without a contact
    paired with itself. Groups count by their contacts; a contact alone in its group has nobody to differ from.

    References
    ----------
    Gower, J. C. (1971). A general coefficient of similarity and some of its properties. Biometrics 27, 857-871.
    """
    return np.array([_one(others.values[:, c], groups, named=bool(others.named[c])) for c in range(len(others.names))])


def _one(values: np.ndarray, groups: np.ndarray, *, named: bool) -> float:
    known = (groups >= 0) & ~np.isnan(values)
    values, groups = values[known], groups[known]
    order = np.lexsort((values, groups))
    values, groups = values[order], groups[order]
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    sizes = np.diff(np.append(starts, len(groups)))
    if not (sizes > 1).any():
        return float("nan")
    if named:
        turns = np.flatnonzero((np.diff(groups, prepend=-1) != 0) | (np.diff(values, prepend=-1) != 0))
        alike = np.diff(np.append(turns, len(groups))).astype(float)
        same = np.add.reduceat(alike * (alike - 1), np.searchsorted(turns, starts))
        apart = sizes * (sizes - 1.0) - same
    else:
        place = np.arange(len(groups)) - np.repeat(starts, sizes)
        apart = 2 * np.add.reduceat((2 * place - np.repeat(sizes, sizes) + 1) * values, starts)
    shared = sizes > 1
    return float((apart[shared] / (sizes[shared] - 1)).sum() / sizes[shared].sum())
