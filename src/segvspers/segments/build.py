"""From an assigner and a table to the finished segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.methods.assigning import Assigner
from segvspers.segments.methods.latent_class import count_levels
from segvspers.segments.segmentation import SURE, Segmentation
from segvspers.segments.telling.mapping import N_MAPPED, PlaneMap, map_codes, map_rows
from segvspers.segments.telling.naming import distinct_names, name_segments
from segvspers.segments.telling.profiles import profile_segments, typical_values
from segvspers.segments.telling.replies import reply_rates


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """What a segmentation is built from: rows of codes, each a contact or a cell of `weights` contacts.

    `placed` is the segment of each row and its membership; `answers` are how many of its contacts were emailed
    and how many of these replied; `jaccard` is refits by segments; `rows` are coordinates for methods that
    measure distances; `table` has the columns as they came, for medians.
    """

    assigner: Assigner
    method: str
    codes: np.ndarray
    placed: tuple[np.ndarray, np.ndarray]
    table: pd.DataFrame | None = None
    weights: np.ndarray | None = None
    names: Sequence[str | None] | None = None
    ids: Sequence[str] | None = None
    answers: tuple[np.ndarray, np.ndarray] | None = None
    jaccard: np.ndarray | None = None
    rows: np.ndarray | None = None
    counts: pd.DataFrame = field(default_factory=pd.DataFrame)
    cells: pd.DataFrame = field(default_factory=pd.DataFrame)
    known: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: Sequence[str] = ()


def build_segmentation(draft: Draft, *, rng: np.random.Generator) -> Segmentation:
    """Return the segmentation: sizes, profiles, names, replies and map of its segments."""
    assigner, plans, codes = draft.assigner, draft.assigner.plans, draft.codes
    place = draft.placed[0]
    weights = np.ones(len(codes), dtype=np.int64) if draft.weights is None else draft.weights
    k = assigner.n_segments
    ids = np.array([f"S{number}" for number in range(1, k + 1)] if draft.ids is None else list(draft.ids))
    profiles = profile_segments(codes, place, ids, plans, weights=draft.weights)
    named = [None] * k if draft.names is None else draft.names
    names = distinct_names(list(ids), named, {} if all(named) else name_segments(profiles))
    return Segmentation(
        method=draft.method,
        n_segments=k,
        n_contacts=int(weights.sum()),
        columns=tuple(plan.name for plan in plans),
        segments=_segments(draft, ids, names, weights),
        profiles=profiles,
        typical=typical_values(draft.table, codes, place, ids, plans, weights=draft.weights, rng=rng),
        counts=draft.counts,
        notes=tuple(draft.notes),
        plane=_plane(draft, ids, weights, rng),
        levels=_levels(codes, plans, draft.weights),
        cells=draft.cells,
        assigner=assigner,
        known=draft.known,
    )


def _segments(draft: Draft, ids: np.ndarray, names: dict[str, str], weights: np.ndarray) -> pd.DataFrame:
    k = len(ids)
    place, membership = draft.placed
    sizes = np.bincount(place, weights=weights, minlength=k).astype(np.int64)
    sure = np.bincount(place, weights=weights * membership, minlength=k) / np.maximum(sizes, 1)
    between = membership < SURE
    frame = pd.DataFrame(
        {
            "segment_id": ids,
            "segment_name": [names.get(str(segment), "nobody now") for segment in ids],
            "n_contacts": sizes,
            "share": sizes / max(1, sizes.sum()),
            "membership": np.where(sizes > 0, sure, np.nan),
            "n_between": np.bincount(place[between], weights=weights[between], minlength=k).astype(np.int64),
        }
    )
    if draft.answers is not None:
        counts = [np.bincount(place, weights=part, minlength=k).round().astype(int) for part in draft.answers]
        frame = frame.join(reply_rates(*counts))
    if draft.jaccard is not None and len(draft.jaccard):
        frame["stability"] = np.nanmean(draft.jaccard, axis=0)
        frame["stability_low"] = np.nanmin(draft.jaccard, axis=0)
        frame["stability_high"] = np.nanmax(draft.jaccard, axis=0)
    return frame


def _plane(draft: Draft, ids: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> PlaneMap:
    chance = None if draft.weights is None else weights / weights.sum()
    n = len(draft.codes)
    rows = rng.permutation(n)[:N_MAPPED] if chance is None else rng.choice(n, N_MAPPED, p=chance)
    placed = ids[draft.placed[0][rows]]
    if draft.rows is not None:
        return map_rows(draft.rows[rows], placed)
    return map_codes(draft.codes[rows], np.array([plan.n_levels for plan in draft.assigner.plans]), placed)


def _levels(codes: np.ndarray, plans: Sequence[ColumnCode], weights: np.ndarray | None) -> pd.DataFrame:
    """Return how many contacts have each code of each column; -1 is not known."""
    frames = []
    for column, plan in enumerate(plans):
        counts = count_levels(codes[:, column], plan.n_levels, weights)
        told = {"column": plan.name, "code": np.arange(-1, plan.n_levels), "n_contacts": counts.astype(np.int64)}
        frames.append(pd.DataFrame(told))
    return pd.concat(frames, ignore_index=True)
