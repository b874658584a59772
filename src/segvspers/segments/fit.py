"""Find segments in a list of contacts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_choice
from segvspers.errors import ArgumentError, DataError
from segvspers.segments.assigners import ClassAssigner
from segvspers.segments.build import build_segmentation
from segvspers.segments.choosing import score_counts
from segvspers.segments.coding import MOST_BINS, fit_codes
from segvspers.segments.columns import choose_columns
from segvspers.segments.features import history_features
from segvspers.segments.latent_class import LatentClasses, fit_classes
from segvspers.segments.segmentation import Segmentation

METHODS = ("latent_class",)


def fit_segments(
    contacts: pd.DataFrame,
    history: pd.DataFrame | None = None,
    *,
    n_segments: int | str = "auto",
    method: str = "latent_class",
    columns: Sequence[str] | None = None,
    as_of: str | pd.Timestamp | None = None,
    most_segments: int = 12,
    rng: int | np.random.Generator = 0,
) -> Segmentation:
    """Find groups of contacts who are alike in what they are and what they did, and name them.

    Parameters
    ----------
    contacts
        One row a contact; numbers, dates, ordered and unordered categories, missing values as they are.
    history
        Events; what each contact did becomes columns (see ``history_features``).
    n_segments
        How many, or ``"auto"``: the number of lowest BIC up to `most_segments`.
    method
        ``latent_class``: binned latent classes.
    columns
        Columns to use; all but names, addresses, identifiers and constants when left out.
    as_of
        Use history before this day only; all of it when left out.
    most_segments
        Most segments that ``"auto"`` may choose.
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
        When `n_segments` is no whole number from 1 to the number of contacts.

    Notes
    -----
    Latent class analysis of binned columns (Lazarsfeld and Henry 1968; Vermunt and Magidson 2002): each
    segment has its own shares of the levels of every column, independent inside the segment. A missing
    value says nothing. Zeros that two columns share are counted once. Columns that depend on one another
    inside a segment can make it split; leave one of them out then.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> contacts = pd.DataFrame({"plan": ["A"] * 50 + ["B"] * 50, "team": ["small"] * 45 + ["large"] * 55})
    >>> sv.fit_segments(contacts, n_segments=2, rng=7).assign(contacts)["segment_id"].nunique()
    2
    """
    check_choice("method", method, METHODS)
    generator = as_rng(rng)
    known = pd.DataFrame() if history is None else history_features(history, as_of=as_of)
    table = _joined(contacts, known)
    chosen, notes = choose_columns(table, columns)
    n = len(table)
    if n_segments != "auto" and not (isinstance(n_segments, (int, np.integer)) and 1 <= n_segments <= n):
        raise ArgumentError(f"n_segments={n_segments!r} must be 'auto' or a whole number from 1 to the {n:,} contacts.")
    plans, codes = fit_codes(table, chosen, n_bins=int(np.clip(round(n ** (1 / 3)), 4, MOST_BINS)))
    plans, codes, repeated = _drop_repeats(plans, codes)
    notes += repeated
    sizes = np.array([plan.n_levels for plan in plans])
    counts = pd.DataFrame(columns=["n_segments", "bic", "icl", "held_out_log_likelihood"])
    if n_segments == "auto":
        counts = score_counts(codes, sizes, most=min(most_segments, n), rng=generator)
        n_segments = int(counts.loc[counts["bic"].idxmin(), "n_segments"])
    model = fit_classes(codes, sizes, int(n_segments), rng=generator)
    model = _largest_first(model, codes)
    return build_segmentation(
        table,
        ClassAssigner(tuple(plans), model),
        method=method,
        counts=counts,
        notes=notes,
        known=known,
    )


def _joined(contacts: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    if known.empty:
        return contacts
    if "contact_id" not in contacts.columns:
        raise DataError("contacts needs contact_id, so that its history can be joined.")
    fresh = [name for name in known.columns if name not in contacts.columns]
    return contacts.assign(**{name: contacts["contact_id"].map(known[name]) for name in fresh})


def _drop_repeats(plans: list, codes: np.ndarray) -> tuple[list, np.ndarray, list[str]]:
    """Leave out a column that an earlier one determines, since one fact would be counted twice."""
    from sklearn.metrics import normalized_mutual_info_score

    rows = np.random.default_rng(0).permutation(len(codes))[:5_000]
    kept: list[int] = []
    notes = []
    for later in range(len(plans)):
        twin = None
        for earlier in kept:
            both = rows[(codes[rows, earlier] >= 0) & (codes[rows, later] >= 0)]
            if len(both) > 50 and (
                normalized_mutual_info_score(codes[both, earlier], codes[both, later], average_method="min") > 0.9
            ):
                twin = earlier
                break
        if twin is None:
            kept.append(later)
        else:
            notes.append(f"{plans[later].name} is left out, since it repeats {plans[twin].name}.")
    return [plans[place] for place in kept], codes[:, kept], notes


def _largest_first(model: LatentClasses, codes: np.ndarray) -> LatentClasses:
    sizes = np.bincount(model.scores(codes).argmax(axis=1), minlength=model.n_classes)
    order = np.argsort(-sizes, kind="stable")
    return LatentClasses(model.log_shares[order], model.weights[:, order], model.offsets)
