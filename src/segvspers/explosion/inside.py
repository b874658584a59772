"""What is left inside the cells: how far a model of each contact explains the outcome beyond any cell."""

from __future__ import annotations

import numpy as np

from segvspers.explosion.people import Comparable

FEWEST = 200


def explained_by_contact(
    codes: np.ndarray, others: Comparable, outcome: np.ndarray, *, rng: np.random.Generator
) -> float:
    """Return the held-out share of an outcome that boosted trees explain from all that is known of a contact.

    Two-fold; nan for fewer than 200 contacts whose outcome is known. Columns that record the outcome itself
    make the share too high.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    features = np.column_stack([codes.astype(float), others.values])
    rows = rng.permutation(np.flatnonzero(~np.isnan(outcome)))
    if len(rows) < FEWEST or np.nanmin(outcome) == np.nanmax(outcome):
        return float("nan")
    half = len(rows) // 2
    error = against = 0.0
    for learn, judge in ((rows[:half], rows[half:]), (rows[half:], rows[:half])):
        model = HistGradientBoostingRegressor(
            max_iter=60, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=50, early_stopping=False, random_state=0
        )
        told = model.fit(features[learn], outcome[learn]).predict(features[judge])
        error += float(((outcome[judge] - told) ** 2).sum())
        against += float(((outcome[judge] - outcome[learn].mean()) ** 2).sum())
    return 1 - error / against
