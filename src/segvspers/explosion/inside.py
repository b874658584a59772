"""What is left inside the cells: how far a model of each contact explains the outcome beyond any cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers._levels import Attribute
from segvspers.explosion.unlike import comparable

MOST_ROWS = 20_000


def explained_by_contact(
    contacts: pd.DataFrame,
    attributes: Sequence[Attribute],
    outcome: np.ndarray,
    *,
    name: str,
    rng: np.random.Generator,
) -> float:
    """Return the held-out share of an outcome that boosted trees explain from all that contacts tells.

    Two-fold, on at most 20,000 contacts; names and addresses are left out. Columns that record the outcome
    itself make the share too high, so leave them out of `contacts`.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    rest = contacts.drop(columns=[name], errors="ignore")
    features = np.column_stack([*(a.codes.astype(float) for a in attributes), comparable(rest, attributes)])
    rows = np.flatnonzero(~np.isnan(outcome))
    rows = rng.permutation(rows)[:MOST_ROWS]
    if len(rows) < 200:
        return float("nan")
    half = len(rows) // 2
    error = against = 0.0
    for learn, judge in ((rows[:half], rows[half:]), (rows[half:], rows[:half])):
        model = HistGradientBoostingRegressor(
            max_iter=60, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=50, random_state=0
        )
        told = model.fit(features[learn], outcome[learn]).predict(features[judge])
        error += float(((outcome[judge] - told) ** 2).sum())
        against += float(((outcome[judge] - outcome[learn].mean()) ** 2).sum())
    return 1 - error / against
