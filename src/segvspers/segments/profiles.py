"""Profiles: what is over- and under-represented in each segment against the list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers.segments.coding import ColumnCode, as_number, as_text


def profile_segments(table: pd.DataFrame, segment: np.ndarray, plans: Sequence[ColumnCode]) -> pd.DataFrame:
    """Return one row a segment, column and level: its share there and in the list, with the lift.

    Numbers and dates are told as ``none`` (zero), ``low`` and ``high``: the lowest and highest third.
    `telling` ranks the rows: share times log lift. `lift_low` and `lift_high` are a 95 % interval of the
    lift (log ratio of two proportions, Katz et al. 1978).
    """
    ids, place = np.unique(segment.astype(str), return_inverse=True)
    frames = [
        _column(plan.name, *_levels(table[plan.name], plan), ids, place) for plan in plans if plan.name in table.columns
    ]
    frame = pd.concat(frames, ignore_index=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        frame["lift"] = frame["share"] / frame["share_list"]
        telling = frame["share"] * np.log(frame["lift"].where(frame["lift"] > 0))
        a, n = frame["n_level"], frame["n_known"]
        rest = a.groupby([frame["column"], frame["level"]]).transform("sum")
        total = n.groupby([frame["column"], frame["level"]]).transform("sum")
        spread = 1.96 * np.sqrt(np.maximum(0, 1 / a - 1 / n + 1 / rest - 1 / total))
        frame["lift_low"] = frame["lift"] * np.exp(-spread)
        frame["lift_high"] = frame["lift"] * np.exp(spread)
    frame["telling"] = telling.fillna(0.0)
    return frame


def _levels(column: pd.Series, plan: ColumnCode) -> tuple[np.ndarray, list[str]]:
    if plan.kind == "category":
        return pd.Index(plan.levels).get_indexer(as_text(column)), list(plan.levels)
    values = as_number(column)
    known = ~np.isnan(values)
    codes = np.full(len(values), -1)
    zero = plan.kind == "number" and np.mean(values[known] == 0) >= 0.05 if known.any() else False
    base = values[known & (values != 0)] if zero else values[known]
    low, high = np.quantile(base, [1 / 3, 2 / 3]) if len(base) else (0.0, 0.0)
    codes[known & (values <= low)] = 1
    codes[known & (values > low)] = 3
    codes[known & (values > high)] = 2
    if zero:
        codes[known & (values == 0)] = 0
    codes[codes == 3] = 3
    return codes, ["none", "low", "high", "middle"]


def _column(name: str, codes: np.ndarray, levels: list[str], ids: np.ndarray, place: np.ndarray) -> pd.DataFrame:
    known = codes >= 0
    counts = np.bincount(place[known] * len(levels) + codes[known], minlength=len(ids) * len(levels)).reshape(
        len(ids), len(levels)
    )
    n_known = counts.sum(axis=1, keepdims=True)
    shown = counts.sum(axis=0) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        share = counts / n_known
        base = counts.sum(axis=0) / max(1, counts.sum())
    size = int(shown.sum())
    return pd.DataFrame(
        {
            "segment_id": np.repeat(ids, size),
            "column": name,
            "level": np.tile(np.array(levels, dtype=object)[shown], len(ids)),
            "n_level": counts[:, shown].ravel(),
            "n_known": np.repeat(n_known.ravel(), size),
            "share": share[:, shown].ravel(),
            "share_list": np.tile(base[shown], len(ids)),
        }
    )
