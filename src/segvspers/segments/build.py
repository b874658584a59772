"""From an assigner and a table to the finished segmentation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers.segments.assigners import Assigner
from segvspers.segments.naming import name_segments
from segvspers.segments.profiles import profile_segments
from segvspers.segments.segmentation import Segmentation


def build_segmentation(
    table: pd.DataFrame,
    assigner: Assigner,
    *,
    method: str,
    counts: pd.DataFrame | None = None,
    notes: Sequence[str] = (),
    known: pd.DataFrame | None = None,
    names: Sequence[str] | None = None,
) -> Segmentation:
    """Return the segmentation of `table`: sizes, profiles and names of its segments."""
    place, membership = assigner.place(table)
    n_segments = len(names) if names is not None else int(place.max()) + 1
    ids = np.array([f"S{number}" for number in range(1, n_segments + 1)])
    profiles = profile_segments(table, ids[place], assigner.plans)
    told = dict(zip(ids, names, strict=True)) if names is not None else name_segments(profiles)
    sizes = np.bincount(place, minlength=n_segments)
    with np.errstate(invalid="ignore"):
        sure = np.bincount(place, weights=membership, minlength=n_segments) / sizes
    segments = pd.DataFrame(
        {
            "segment_id": ids,
            "segment_name": [told.get(str(segment), "nobody now") for segment in ids],
            "n_contacts": sizes,
            "share": sizes / max(1, len(table)),
            "membership": sure,
        }
    )
    return Segmentation(
        method=method,
        n_segments=n_segments,
        n_contacts=len(table),
        columns=tuple(plan.name for plan in assigner.plans),
        segments=segments,
        profiles=profiles,
        counts=pd.DataFrame() if counts is None else counts,
        notes=tuple(notes),
        assigner=assigner,
        known=pd.DataFrame() if known is None else known,
    )
