"""How many segments: what each number scores, how far refits agree, and whether one number stands out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers._display import percent
from segvspers.segments.methods.learning import Learner
from segvspers.segments.methods.stability import refit_agreement

N_STUDIED = 16_000
# Raftery (1995): a BIC difference above 10 is very strong evidence.
CLEAR_BIC = 10.0
CLEAR_SILHOUETTE = 0.01
# Kaufman and Rousseeuw (1990): up to 0.25 no substantial structure has been found.
LEAST_SILHOUETTE = 0.25
STEADY = 0.6
NEARLY = 0.95
MEASURES = (
    "bic",
    "icl",
    "bic_of_half",
    "held_out_log_likelihood",
    "held_out_gap",
    "held_out_gap_se",
    "silhouette",
    "inertia",
)


def study_counts(learner: Learner, *, most: int, n_resamples: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a number of segments: its scores and how far refits agree.

    Notes
    -----
    Segments are fitted on four fifths of at most 16,000 rows. ``held_out_log_likelihood`` is the mean of the
    last fifth; ``held_out_gap`` is how far it falls short of the best number, with the standard error of that
    difference over rows. ``bic_of_half`` is about what BIC would be on half of the rows: groups that are there
    need no more rows to be found, slices of a gradient do. ``stability`` is the mean adjusted Rand index
    between the segments and those of bootstrap samples, ``stability_low`` and ``stability_high`` the lowest
    and highest. The study stops when BIC has risen three times in a row.
    """
    rng, rng_refits = rng.spawn(2)  # so that refits do not change what is picked
    rows = rng.permutation(learner.n_rows)[:N_STUDIED]
    n_train = max(1, int(0.8 * len(rows)))
    train, held = rows[:n_train], rows[n_train:]
    study: list[dict[str, Any]] = []
    ahead: list[np.ndarray] = []
    for k in range(1, most + 1):
        model = learner.fit(k, rng=rng, rows=train, effort="study")
        told = learner.judge(model, train, held)
        ahead.append(told.pop("ahead", np.array([])))
        agreement = refit_agreement(
            learner, model, k, rows=train, n_resamples=n_resamples if k > 1 else 0, rng=rng_refits
        )
        study.append({"n_segments": k, **told, **agreement.band()})
        recent = [row["bic"] for row in study[-4:] if "bic" in row]
        if len(recent) == 4 and recent == sorted(recent):
            break
    return _with_gaps(pd.DataFrame(study), ahead)


def _with_gaps(study: pd.DataFrame, ahead: list[np.ndarray]) -> pd.DataFrame:
    if len(ahead[0]) > 1:
        means = np.array([rows.mean() for rows in ahead])
        top = ahead[int(means.argmax())]
        gaps = [top - rows for rows in ahead]
        study = study.assign(
            held_out_log_likelihood=means,
            held_out_gap=[gap.mean() for gap in gaps],
            held_out_gap_se=[gap.std(ddof=1) / np.sqrt(len(gap)) for gap in gaps],
        )
    order = ["n_segments", *MEASURES, "stability", "stability_low", "stability_high"]
    return study[[name for name in order if name in study.columns]]


def pick_count(study: pd.DataFrame) -> int:
    """Return the number of lowest BIC, or of highest silhouette."""
    if "bic" in study.columns:
        return int(study.loc[study["bic"].idxmin(), "n_segments"])
    if study["silhouette"].isna().all():
        return 1
    return int(study.loc[study["silhouette"].idxmax(), "n_segments"])


def doubts(study: pd.DataFrame, picked: int) -> list[str]:
    """Return why the number picked is not obvious; nothing when one number stands out."""
    row = study[study["n_segments"] == picked].iloc[0]
    found = []
    if "bic" in study.columns:
        near = study[(study["bic"] - row["bic"]).abs() <= CLEAR_BIC]["n_segments"].tolist()
        if len(near) > 1:
            found.append(f"BIC can't tell {_listed(near)} apart")
        first = float(study["bic"].iloc[0])
        nearly = study[first - study["bic"] >= NEARLY * (first - row["bic"])]["n_segments"]
        if picked - int(nearly.min()) > 1:
            found.append(f"{int(nearly.min())} reach {percent(NEARLY, 0)} of what BIC gains")
        apart = int(study.loc[study["icl"].idxmin(), "n_segments"]) if "icl" in study.columns else picked
        fewer = int(study.loc[study["bic_of_half"].idxmin(), "n_segments"])
        if fewer != picked:
            found.append(f"half as many contacts would give {fewer}")
        if abs(apart - picked) > 1:
            found.append(f"ICL, which asks for segments that do not overlap, favours {apart}")
        if "held_out_gap" in study.columns:
            ahead = study[study["held_out_gap"] <= study["held_out_gap_se"].fillna(0)]
            simplest = int(ahead["n_segments"].min())
            if abs(simplest - picked) > 1:
                found.append(f"contacts held out favour {simplest}")
    elif "silhouette" in study.columns and np.isfinite(row["silhouette"]):
        near = study[study["silhouette"] >= row["silhouette"] - CLEAR_SILHOUETTE]["n_segments"].tolist()
        if len(near) > 1:
            found.append(f"the silhouettes of {_listed(near)} are within {CLEAR_SILHOUETTE}")
        if row["silhouette"] <= LEAST_SILHOUETTE:
            found.append(f"its silhouette is {row['silhouette']:.2f} only")
    agreement = row.get("stability", np.nan)
    if np.isfinite(agreement) and agreement < STEADY:
        found.append(f"refits agree by {agreement:.2f} only (adjusted Rand index)")
    return found


def count_note(study: pd.DataFrame, picked: int) -> str:
    """Return how the number was chosen and whether it is obvious, in a sentence or two."""
    rule = "the lowest BIC" if "bic" in study.columns else "the highest silhouette"
    why = doubts(study, picked)
    if picked == 1:
        return f"One segment has {rule}: these columns tell no groups apart."
    if picked == int(study["n_segments"].max()) and len(study) > 1:
        why.append("it is the largest number tried")
    chosen = f"{picked} segments have {rule}"
    if not why:
        return f"{chosen}; no other number comes close."
    return f"{chosen}, but the number is not obvious: {'; '.join(why)}."


def refit_note(rand: np.ndarray) -> list[str]:
    """Return how far refits agree with the segments, in a sentence; nothing without refits."""
    if not len(rand):
        return []
    return [
        (
            f"Refits of {len(rand)} bootstrap samples agree by {rand.mean():.2f} ({rand.min():.2f} to {rand.max():.2f}; "
            "adjusted Rand index)."
        )
    ]


def _listed(numbers: list[int]) -> str:
    return " and ".join([", ".join(map(str, numbers[:-1])), str(numbers[-1])])
