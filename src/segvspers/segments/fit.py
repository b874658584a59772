"""Find segments in a list of contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_choice
from segvspers.errors import ArgumentError
from segvspers.segments.build import Draft, build_segmentation
from segvspers.segments.codes.coding import code_table
from segvspers.segments.codes.cutting import MOST_BINS, fit_codes
from segvspers.segments.codes.matrix import SCALINGS, fit_matrix
from segvspers.segments.codes.structural import drop_repeats
from segvspers.segments.columns import choose_columns, distance_notes, repeat_note
from segvspers.segments.features import HistoryColumns, as_table, join_history
from segvspers.segments.methods.choosing import count_note, pick_count, refit_note, study_counts
from segvspers.segments.methods.classes import ClassLearner
from segvspers.segments.methods.learning import Learner
from segvspers.segments.methods.scaled import MatrixLearner
from segvspers.segments.methods.stability import crossing, match_segments, refit_agreement
from segvspers.segments.segmentation import Segmentation
from segvspers.segments.telling.replies import answers_of

METHODS = ("latent_class", "kmeans", "gmm", "hdbscan")
N_BAND = 3


def fit_segments(
    contacts: Any,
    history: Any = None,
    *,
    n_segments: int | str = "auto",
    method: str = "latent_class",
    columns: Sequence[str] | None = None,
    as_of: str | pd.Timestamp | None = None,
    most_segments: int = 12,
    n_resamples: int | None = None,
    scaling: str = "auto",
    like: Segmentation | None = None,
    rng: int | np.random.Generator = 0,
) -> Segmentation:
    """Find groups of contacts who are alike in what they are and what they did, and name them.

    Parameters
    ----------
    contacts
        One row a contact (a pandas, polars or Arrow table, or a DuckDB relation); numbers, dates, ordered
        and unordered categories, missing values as they are.
    history
        Events; what each contact did becomes columns (see ``history_features``).
    n_segments
        How many, or ``"auto"``: the number up to `most_segments` of lowest BIC (``kmeans``: of highest
        silhouette; ``hdbscan`` takes ``"auto"`` only).
    method
        ``latent_class``: binned latent classes, the default, for mixed columns with missing values and shared
        zeros; ``kmeans``, ``gmm`` (Gaussian mixture) and ``hdbscan`` of scikit-learn on scaled columns.
    columns
        Columns to use; all but names, addresses, identifiers and constants when left out.
    as_of
        Use history before this day only; all of it when left out.
    most_segments
        Most segments that ``"auto"`` may choose.
    n_resamples
        Bootstrap refits that tell how stable each segment is; 10 with ``"auto"``, none otherwise.
    scaling
        For methods that measure distances: ``auto`` (log of skewed numbers, then variance 1), ``standard`` or
        ``none``.
    like
        An earlier segmentation: a segment that holds mostly the same contacts keeps its id.
    rng
        Seed; the same seed gives the same segments.

    Returns
    -------
    Segmentation
        Named segments, largest first, that can assign any list.

    Raises
    ------
    DataError
        When a column is unknown or no column can be used.
    ArgumentError
        When an option is unknown, or `n_segments` is no whole number from 1 to the number of contacts.
    NotEstimableError
        When ``hdbscan`` finds no dense region.

    Notes
    -----
    Latent class analysis of binned columns (Lazarsfeld and Henry 1968; Vermunt and Magidson 2002): each
    segment has its own shares of the levels of every column, independent inside the segment. A missing
    value says nothing. Zeros that two columns share are counted once. Columns that depend on one another
    inside a segment can make it split; leave one of them out then. The method and what it was measured
    against stand in ``docs/segments.md``.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> contacts = pd.DataFrame({"plan": ["A"] * 50 + ["B"] * 50, "team": ["small"] * 45 + ["large"] * 55})
    >>> sv.fit_segments(contacts, n_segments=2, rng=7).assign(contacts)["segment_id"].nunique()
    2
    """
    check_choice("method", method, METHODS)
    check_choice("scaling", scaling, SCALINGS)
    generator = as_rng(rng)
    table, did = join_history(as_table(contacts, "contacts"), history, as_of=as_of)
    chosen, notes = choose_columns(table, columns)
    _check_count(n_segments, len(table), method)
    learner, told = make_learner(table, chosen, method, scaling, generator)
    notes += [*repeat_note(table), *told]
    counts, k = pd.DataFrame(), n_segments
    auto = n_segments == "auto" and method != "hdbscan"
    n_refits = (10 if auto else 0) if n_resamples is None else n_resamples
    if auto:
        most = min(most_segments, len(table))
        counts = study_counts(learner, most=most, n_resamples=min(N_BAND, n_refits), rng=generator)
        k = pick_count(counts)
        notes = [count_note(counts, k), *notes]
    return _finished(table, learner, 0 if k == "auto" else int(k), did, counts, notes, n_refits, like, generator)


def make_learner(
    table: pd.DataFrame, chosen: Sequence[str], method: str, scaling: str, rng: np.random.Generator
) -> tuple[Learner, list[str]]:
    """Return the way to find segments in a table, and notes on the columns."""
    n_bins = int(np.clip(round(len(table) ** (1 / 3)), 4, MOST_BINS))
    apart = method == "latent_class"
    plans = fit_codes(table, chosen, n_bins=n_bins, apart=apart, rng=rng)
    codes = code_table(plans, table)
    if not apart:
        matrix = fit_matrix(table, plans, scaling=scaling)
        return MatrixLearner(method, matrix, matrix.encode(table), codes), distance_notes(plans, codes)
    kept, notes = drop_repeats(plans, codes[rng.permutation(len(codes))[:5_000]])
    if len(kept) < len(plans):
        plans = fit_codes(table, [plans[place].name for place in kept], n_bins=n_bins, rng=rng)
        codes = code_table(plans, table)
    return ClassLearner(tuple(plans), codes), notes


def _finished(
    table: pd.DataFrame,
    learner: Any,
    k: int,
    did: HistoryColumns,
    counts: pd.DataFrame,
    notes: list[str],
    n_refits: int,
    like: Segmentation | None,
    rng: np.random.Generator,
) -> Segmentation:
    model = learner.fit(k, rng=rng)
    assigner = learner.assigner(model, rng=rng)
    place, membership = learner.place(assigner)
    sizes = np.bincount(place, minlength=assigner.n_segments)
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    if len(order) < len(sizes):
        notes = [*notes, f"Of {len(sizes)} segments asked for, {len(order)} hold somebody."]
    rank = np.empty(len(sizes), dtype=int)
    rank[order] = np.arange(len(order))
    assigner, place = assigner.in_order(order), rank[place]
    rows = rng.permutation(learner.n_rows)
    refits = refit_agreement(learner, model, len(sizes), rows=rows, n_resamples=n_refits, rng=rng)
    draft = Draft(
        table=table,
        assigner=assigner,
        method=learner.kind,
        codes=learner.codes,
        placed=(place, membership),
        ids=None if like is None else _kept_ids(like, table, place, len(order)),
        answers=answers_of(did.replied(table)),
        jaccard=refits.jaccard[:, order] if len(refits.jaccard) else None,
        rows=getattr(learner, "rows", None),
        counts=counts,
        known=did.features,
        notes=[*notes, *refit_note(refits.rand)],
    )
    return build_segmentation(draft, rng=rng)


def _kept_ids(like: Segmentation, table: pd.DataFrame, place: np.ndarray, k: int) -> list[str]:
    """Return ids by an earlier segmentation: matched segments keep theirs, others get new numbers."""
    before = list(like.segments["segment_id"])
    old = pd.Index(before).get_indexer(like.assign(table)["segment_id"])
    matched = match_segments(crossing(place, old, max(k, len(before)))[:k, : len(before)])
    numbers = [int(name[1:]) for name in before if name[1:].isdigit()]
    fresh = iter(range(max(numbers, default=0) + 1, max(numbers, default=0) + k + 1))
    return [before[one] if one >= 0 else f"S{next(fresh)}" for one in matched]


def _check_count(n_segments: int | str, n: int, method: str) -> None:
    if n_segments == "auto":
        return
    if method == "hdbscan":
        raise ArgumentError(
            f"n_segments={n_segments!r}: hdbscan finds the number itself; give 'auto', or another method."
        )
    if not (isinstance(n_segments, (int, np.integer)) and 1 <= n_segments <= n):
        raise ArgumentError(f"n_segments={n_segments!r} must be 'auto' or a whole number from 1 to the {n:,} contacts.")
