"""Recency, frequency and money: scores from quantiles, and named groups of scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_at_least, check_choice, require_columns
from segvspers.errors import ArgumentError, DataError
from segvspers.segments.build import Draft, build_segmentation
from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.crossing.boxes import BoxAssigner
from segvspers.segments.features import as_table
from segvspers.segments.segmentation import Segmentation

Span = tuple[int, int]
# Names and spans (recency, frequency, money) of the package rfm for R (Hebbali); the first that holds counts.
RFM_GROUPS: dict[str, tuple[Span, Span, Span]] = {
    "Champions": ((5, 5), (5, 5), (5, 5)),
    "Potential loyalists": ((3, 5), (3, 5), (2, 5)),
    "Loyal customers": ((2, 4), (2, 4), (2, 4)),
    "Promising": ((3, 4), (1, 3), (3, 5)),
    "New customers": ((4, 5), (1, 3), (1, 5)),
    "Can't lose them": ((1, 2), (3, 4), (4, 5)),
    "At risk": ((1, 2), (2, 5), (4, 5)),
    "Need attention": ((1, 3), (3, 5), (3, 5)),
    "About to sleep": ((2, 3), (1, 3), (1, 4)),
    "Lost": ((1, 1), (1, 5), (1, 5)),
}
OTHERS = "Others"
MEASURES = ("recency_days", "n_orders", "revenue_usd")
RULES = ("above", "plus_one")


def segment_rfm(
    history: Any,
    *,
    as_of: str | pd.Timestamp | None = None,
    groups: Mapping[str, tuple[Span, Span, Span]] | None = None,
    quantiles: str = "above",
    n_bins: int = 5,
    rng: int | np.random.Generator = 0,
) -> Segmentation:
    """Segment buyers by how recently, how often and for how much they bought.

    Parameters
    ----------
    history
        Events with `contact_id, timestamp, event, amount_usd`; purchases and renewals count. Or a table with
        one row an order and no `event`: `contact_id, timestamp, amount_usd`.
    as_of
        Day from which recency is counted; the day of the last order when left out. Later orders are left out.
    groups
        Name to spans of the three scores; the first that holds a contact counts. The ten groups of the R
        package rfm when left out, which are made for five bins.
    quantiles
        ``above``: a score rises at the 20, 40, 60 and 80 % quantiles (type 7) for values above them;
        ``plus_one``: at the quantile plus one, for values from there on, as the R package rfm cuts.
    n_bins
        Bins of each score.
    rng
        Seed of the contacts that the map shows.

    Returns
    -------
    Segmentation
        Groups by size. `cells` has one row a contact-free score: use ``assign`` for a table with
        `recency_days, n_orders, revenue_usd`, as `score_rfm` gives.

    Raises
    ------
    DataError
        When a column is missing or there is no order.

    References
    ----------
    Hughes, A. M. (1994), Strategic Database Marketing; Hebbali, A., package rfm for R.
    """
    check_choice("quantiles", quantiles, RULES)
    check_at_least("n_bins", n_bins, 2)
    named = dict(RFM_GROUPS if groups is None else groups)
    _check_groups(named, n_bins)
    measures = measure_rfm(history, as_of=as_of)
    plans = tuple(_plan(measures[name], name, n_bins, quantiles) for name in MEASURES)
    boxes = np.array([_boxed(spans, n_bins) for spans in named.values()])
    names = [*named, OTHERS]
    assigner = BoxAssigner(plans, boxes, np.arange(len(named)), len(named))
    codes = np.stack([plan.code(measures) for plan in plans], axis=1)
    place, sure = assigner.place(measures)
    sizes = np.bincount(place, minlength=len(names))
    order = np.argsort(-sizes, kind="stable")
    rank = np.argsort(order, kind="stable")
    draft = Draft(
        assigner=assigner.in_order(order),
        method="rfm",
        codes=codes,
        placed=(rank[place], sure),
        table=measures,
        names=[names[one] for one in order],
        known=measures.set_index("contact_id"),
        notes=[_rule_note(quantiles, n_bins)],
    )
    return build_segmentation(draft, rng=as_rng(rng))


def measure_rfm(history: Any, *, as_of: str | pd.Timestamp | None = None) -> pd.DataFrame:
    """Return one row a buyer: ``contact_id, recency_days, n_orders, revenue_usd``.

    Raises
    ------
    DataError
        When a column is missing or there is no order up to `as_of`.
    """
    events = as_table(history, "history")
    require_columns(events, ["contact_id", "timestamp", "amount_usd"], table="history")
    if "event" in events.columns:
        events = events[events["event"].astype(str).isin(["purchase", "renewal"])]
    when = pd.to_datetime(events["timestamp"], utc=True)
    end = when.max() if as_of is None else pd.Timestamp(as_of)
    end = end.tz_localize("UTC") if end is not pd.NaT and end.tzinfo is None else end
    kept = when.dt.normalize() <= end.normalize() if len(events) else when.notna()
    if not kept.any():
        raise DataError("history has no order up to as_of; RFM needs purchases or renewals with their amounts.")
    told = pd.DataFrame({"contact_id": events["contact_id"], "when": when, "amount": events["amount_usd"]})[kept]
    grouped = told.groupby("contact_id", sort=True)
    frame = grouped.agg(last=("when", "max"), n_orders=("when", "size"), revenue_usd=("amount", "sum")).reset_index()
    frame["recency_days"] = (end.normalize() - frame["last"].dt.normalize()) / pd.Timedelta(days=1)
    return frame[["contact_id", *MEASURES]]


def score_rfm(found: Segmentation, measures: pd.DataFrame) -> pd.DataFrame:
    """Return the three scores, 1 the worst, of a table of measures: ``recency, frequency, money, score``."""
    codes = [plan.code(measures) for plan in found.assigner.plans]
    n_bins = len(found.assigner.plans[0].cuts) + 1
    recency, frequency, money = n_bins - codes[0], codes[1] + 1, codes[2] + 1
    frame = pd.DataFrame({"recency": recency, "frequency": frequency, "money": money}, index=measures.index)
    return frame.assign(score=frame["recency"] * 100 + frame["frequency"] * 10 + frame["money"])


def _plan(values: pd.Series, name: str, n_bins: int, rule: str) -> ColumnCode:
    at = np.quantile(values.to_numpy(dtype=float), np.arange(1, n_bins) / n_bins)
    cuts = at + 1 if rule == "plus_one" else np.nextafter(at, np.inf)
    return ColumnCode(name, "number", cuts=tuple(map(float, cuts)))


def _boxed(spans: tuple[Span, Span, Span], n_bins: int) -> list[tuple[int, int]]:
    """Return the lowest and highest code of each measure; a high score of recency is few days."""
    (stale, fresh), *others = spans
    return [(n_bins - fresh, n_bins - stale), *((low - 1, high - 1) for low, high in others)]


def _check_groups(named: Mapping[str, tuple[Span, Span, Span]], n_bins: int) -> None:
    for name, spans in named.items():
        if len(spans) != len(MEASURES) or not all(1 <= low <= high <= n_bins for low, high in spans):
            raise ArgumentError(
                f"groups[{name!r}]={spans!r} must be three spans (low, high) of scores from 1 to {n_bins}: recency, "
                "frequency, money."
            )


def _rule_note(rule: str, n_bins: int) -> str:
    at = (
        "the quantile plus one, for values from there on" if rule == "plus_one" else "the quantile, for values above it"
    )
    return f"Scores of {n_bins} bins; a score rises at {at} (type 7 quantiles of the buyers); recency is turned round."
