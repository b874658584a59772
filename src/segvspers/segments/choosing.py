"""How many classes: BIC, beside the likelihood of rows held out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segvspers.segments.latent_class import fit_classes, log_likelihood, memberships


def score_counts(
    codes: np.ndarray, sizes: np.ndarray, *, most: int, rng: np.random.Generator, n_rows: int = 16_000
) -> pd.DataFrame:
    """Return one row a number of classes: BIC, ICL and the held-out log-likelihood a contact.

    Notes
    -----
    BIC (Schwarz 1978) and ICL (Biernacki, Celeux and Govaert 2000) are on the scale of -2 log-likelihood:
    lower is better. All classes are fitted on four fifths of at most `n_rows` rows; the held-out curve is of
    the last fifth. The study stops when BIC has risen three times in a row.
    """
    rows = rng.permutation(len(codes))[:n_rows]
    n_train = int(0.8 * len(rows))
    train, held = codes[rows[:n_train]], codes[rows[n_train:]]
    study = []
    for k in range(1, most + 1):
        model = fit_classes(train, sizes, k, rng=rng, n_starts=10, start_rows=2_000, n_steps=40)
        n_parameters = (k - 1) + k * int(np.sum(np.asarray(sizes) - 1))
        likelihood = log_likelihood(model, train)
        shares = memberships(model.scores(train))
        doubt = float(-(shares * np.log(np.maximum(shares, 1e-12))).sum())
        bic = -2 * likelihood + n_parameters * np.log(n_train)
        ahead = log_likelihood(model, held) / max(1, len(held))
        study.append((k, bic, bic + 2 * doubt, ahead))
        recent = [row[1] for row in study[-4:]]
        if len(recent) == 4 and recent == sorted(recent):
            break
    return pd.DataFrame(study, columns=["n_segments", "bic", "icl", "held_out_log_likelihood"])
