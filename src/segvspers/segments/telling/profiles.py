"""Profiles: what is over- and under-represented in each segment against the list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode, level_text, span_text
from segvspers.segments.codes.cutting import sample_rows
from segvspers.segments.codes.kinds import as_number

CONFIDENCE_Z = 1.959963984540054
N_TYPICAL = 100_000
MOST_PROFILED = 200


def profile_segments(
    codes: np.ndarray,
    place: np.ndarray,
    ids: np.ndarray,
    plans: Sequence[ColumnCode],
    *,
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return one row a segment, column and level: its share there and in the list, with the lift.

    Only the first 200 segments are told. Numbers and dates are told as ``none`` (zero), ``low``, ``middle`` and
    ``high``: thirds of the others, as near as the bins allow; `span` says what that is. `telling` ranks the
    rows: share times log lift. `lift_low` and `lift_high` are a 95 % interval of share over share in the list,
    of which the segment is a part (delta method for the log ratio of nested proportions).
    """
    frames = []
    for column, plan in enumerate(plans):
        counts = _counts(codes[:, column], place, len(ids), plan.n_levels, weights)
        frames.append(_column(plan, counts, ids[:MOST_PROFILED]))
    frame = pd.concat(frames, ignore_index=True)
    a, n = frame["n_level"].to_numpy(float), frame["n_known"].to_numpy(float)
    all_a, all_n = frame["n_level_list"].to_numpy(float), frame["n_known_list"].to_numpy(float)
    frame["lift"], frame["lift_low"], frame["lift_high"] = nested_ratio(a, n, all_a, all_n)
    with np.errstate(divide="ignore", invalid="ignore"):
        telling = np.where(a > 0, frame["share"] * np.log(frame["lift"]), 0.0)
    return frame.drop(columns=["n_level_list", "n_known_list"]).assign(telling=np.nan_to_num(telling))


def nested_ratio(
    a: np.ndarray, n: np.ndarray, all_a: np.ndarray, all_n: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a/n over all_a/all_n, where a of n are part of all_a of all_n, with a 95 % interval.

    Where nobody of the segment has the level the ratio is 0 and the interval is not estimable (nan).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share, rest = a / n, (all_a - a) / (all_n - n)
        ratio = share / (all_a / all_n)
        own = (1 / a - 1 / all_a) ** 2 * n * share * (1 - share)
        others = np.where(all_n > n, (1 / all_a) ** 2 * (all_n - n) * rest * (1 - rest), 0.0)
        spread = CONFIDENCE_Z * np.sqrt(np.maximum(0, own + others))
        spread = np.where(a > 0, spread, np.nan)
        return ratio, ratio * np.exp(-spread), ratio * np.exp(spread)


def _counts(
    codes: np.ndarray, place: np.ndarray, n_segments: int, n_levels: int, weights: np.ndarray | None
) -> np.ndarray:
    """Return how many rows of each segment have each level; what is not known is left out."""
    key = place * (n_levels + 1) + np.maximum(codes, -1) + 1
    counts = np.bincount(key, weights=weights, minlength=n_segments * (n_levels + 1))
    return counts.astype(np.int64).reshape(n_segments, -1)[:, 1:]


def _column(plan: ColumnCode, counts: np.ndarray, ids: np.ndarray) -> pd.DataFrame:
    names, spans, groups = told_levels(plan, counts.sum(axis=0))
    every = np.stack([counts[:, group].sum(axis=1) for group in groups], axis=1)
    told, in_list = every[: len(ids)], every.sum(axis=0)
    n_known = told.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, base = told / n_known, in_list / in_list.sum()
    size = len(names)
    return pd.DataFrame(
        {
            "segment_id": np.repeat(ids, size),
            "column": plan.label,
            "level": np.tile(np.array(names, dtype=object), len(ids)),
            "span": np.tile(np.array(spans, dtype=object), len(ids)),
            "n_level": told.ravel(),
            "n_known": np.repeat(n_known.ravel(), size),
            "share": share.ravel(),
            "share_list": np.tile(base, len(ids)),
            "n_level_list": np.tile(in_list, len(ids)),
            "n_known_list": int(in_list.sum()),
        }
    )


def told_levels(plan: ColumnCode, totals: np.ndarray) -> tuple[list[str], list[str], list[np.ndarray]]:
    """Return the levels that a profile tells, what they span, and the codes that make each up."""
    if plan.kind in ("category", "flag"):
        shown = [code for code in range(plan.n_levels) if totals[code] > 0] or [0]
        return [plan.levels[c] for c in shown], [plan.levels[c] for c in shown], [np.array([c]) for c in shown]
    first = 1 if plan.zero_first else 0
    bins = np.arange(first, plan.n_levels)
    weights = totals[first:].astype(float)
    middle = (np.cumsum(weights) - weights / 2) / max(1.0, weights.sum())
    third = np.digitize(middle, [1 / 3, 2 / 3])
    named = [("low", bins[third == 0]), ("middle", bins[third == 1]), ("high", bins[third == 2])]
    if len(bins) == 1:
        named = [("some", bins)]
    elif len(bins) == 2:
        named = [("low", bins[:1]), ("high", bins[1:])]
    if first:
        named.insert(0, ("none", np.array([0])))
    named = [(name, codes) for name, codes in named if len(codes)]
    spans = [level_text(plan, 0) if name == "none" else span_text(plan, codes[0], codes[-1]) for name, codes in named]
    return (
        [name for name, _ in named],
        ["0" if n == "none" else s for (n, _), s in zip(named, spans, strict=True)],
        [codes for _, codes in named],
    )


def typical_values(
    table: pd.DataFrame | None,
    codes: np.ndarray,
    place: np.ndarray,
    ids: np.ndarray,
    plans: Sequence[ColumnCode],
    *,
    weights: np.ndarray | None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return one row a segment, and one for the list: the median of each number, the commonest level of others.

    Medians are taken from at most 100,000 rows; without the table numbers are told by their commonest band.
    """
    rows = sample_rows(len(codes), N_TYPICAL, rng)
    chosen = slice(None) if rows is None else rows
    few, placed = codes[chosen], place[chosen]
    heavy = np.ones(len(few)) if weights is None else weights[chosen].astype(float)
    groups = [*(np.flatnonzero(placed == position) for position in range(len(ids))), np.arange(len(few))]
    told: dict[str, list[object]] = {"segment_id": [*map(str, ids), "the list"]}
    for column, plan in enumerate(plans):
        if table is None or plan.kind in ("category", "flag"):
            told[plan.name] = [_commonest(plan, few[group, column], heavy[group]) for group in groups]
        else:
            values = as_number(table[plan.name].iloc[chosen], plan.kind)
            told[plan.name] = [_median(values[group], plan.kind) for group in groups]
    return pd.DataFrame(told)


def _commonest(plan: ColumnCode, codes: np.ndarray, weights: np.ndarray) -> str | None:
    known = codes >= 0
    return level_text(plan, int(np.bincount(codes[known], weights=weights[known]).argmax())) if known.any() else None


def _median(values: np.ndarray, kind: str) -> object:
    known = values[~np.isnan(values)]
    if not len(known):
        return None if kind == "date" else float("nan")
    median = float(np.median(known))
    return (pd.Timestamp(0) + pd.Timedelta(days=median)).date().isoformat() if kind == "date" else median
