"""Numbers as text and frames as HTML tables: one wording for notebooks, summaries and reports."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NOT_ESTIMABLE = "not estimable"
RIGHT = ' style="text-align:right"'


def percent(value: float, digits: int = 1) -> str:
    """Return a proportion as per cent: ``0.034`` is ``"3.4 %"``."""
    return NOT_ESTIMABLE if _bad(value) else f"{value * 100:.{digits}f} %"


def signed_percent(value: float, digits: int = 1) -> str:
    """Return a proportion as per cent with its sign: ``0.11`` is ``"+11.0 %"``."""
    return NOT_ESTIMABLE if _bad(value) else f"{value * 100:+.{digits}f} %"


def points(value: float, digits: int = 2) -> str:
    """Return a difference of two proportions in percentage points: ``0.0123`` is ``"+1.23 points"``."""
    return NOT_ESTIMABLE if _bad(value) else f"{value * 100:+.{digits}f} points"


def money(value: float, *, digits: int | None = None, currency: str = "USD") -> str:
    """Return an amount: ``-1234.5`` is ``"-$1,234"``; below 100 two decimals are shown."""
    if _bad(value):
        return NOT_ESTIMABLE
    places = (2 if abs(value) < 100 else 0) if digits is None else digits
    mark = {"USD": "$", "EUR": "€", "GBP": "£"}.get(currency, f"{currency} ")
    return f"{'-' if round(value, places) < 0 else ''}{mark}{abs(value):,.{places}f}"


def count(value: float) -> str:
    """Return a whole number with thousands marks."""
    return NOT_ESTIMABLE if _bad(value) else f"{value:,.0f}"


def interval(low: str, high: str) -> str:
    """Return two ends as text: ``"-0.5 to 1.2"``."""
    return f"{low} to {high}"


def plural(number: int, noun: str, many: str | None = None) -> str:
    """Return a count with its noun: ``"1 contact"``, ``"2 contacts"``."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


SPOKEN = {
    "relative_rate": "effect on replies",
    "rate_control": "reply rate of the control",
    "rate_treatment": "reply rate of the treatment",
    "setup_usd": "set-up cost",
    "n_contacts": "contacts",
    "n_segments": "templates",
    "n_steps": "emails in the sequence",
    "n_campaigns": "campaigns",
    "win_share": "meetings won",
    "meeting_share": "positive replies that meet",
    "positive_share": "replies that are positive",
    "value_usd": "value of a deal",
    "price_in_usd": "price of input tokens",
    "price_cached_usd": "price of cached tokens",
    "price_out_usd": "price of output tokens",
    "writer_rate_usd": "writer's hour",
    "seller_rate_usd": "seller's hour",
    "template_hours": "hours a template",
    "data_usd": "data bought",
    "subscriber_value_usd": "worth of a subscriber",
    "log_relative_effect": "prior on the log effect",
}


def spoken(name: str) -> str:
    """Return the name of an input or column as words."""
    return SPOKEN.get(name, name.removesuffix("_usd").replace("_", " "))


HEADINGS = {
    "p_net_positive": "probability of a gain",
    "p_adjusted": "p, adjusted",
    "p_value": "p",
    "cost_usd": "cost",
    "cost_low_usd": "cost, low",
    "cost_high_usd": "cost, high",
    "benefit_usd": "extra margin",
    "cost_difference_usd": "extra cost",
    "net_usd": "net",
    "net_low_usd": "net, low",
    "net_high_usd": "net, high",
    "input_low": "input, 10th percentile",
    "input_high": "input, 90th percentile",
    "switch_value": "input where net is zero",
    "lift_shrunk": "lift, shrunken",
    "shrunk_low": "shrunken, low",
    "shrunk_high": "shrunken, high",
}


def heading(column: str) -> str:
    """Return the name of a column as words for a table: ``"n_contacts"`` is ``"contacts"``."""
    return HEADINGS.get(column, column.removeprefix("n_").removesuffix("_usd").replace("_", " "))


def html_table(frame: pd.DataFrame, *, caption: str = "", formats: Mapping[str, str] | None = None) -> str:
    """Return a frame as a plain HTML table with a caption and column headers; every cell is escaped.

    `formats` maps a column to one of ``percent``, ``signed_percent``, ``points``, ``money``, ``count``.
    """
    wording = {
        "percent": percent,
        "signed_percent": signed_percent,
        "points": points,
        "money": money,
        "count": count,
    }
    chosen = {column: wording[name] for column, name in (formats or {}).items()}
    head = "".join(_head(frame, place) for place in range(len(frame.columns)))
    rows = []
    for record in frame.itertuples(index=False, name=None):
        cells = zip(frame.columns, record, strict=True)
        rows.append("<tr>" + "".join(_cell(value, chosen.get(column)) for column, value in cells) + "</tr>")
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def html_finding(title: str, summary: str, frame: pd.DataFrame, **formats: str) -> str:
    """Return what a finding shows in a notebook: its name, its sentences and its table."""
    table = html_table(frame, formats=formats)
    return f"<div><strong>{html.escape(title)}</strong><p>{html.escape(summary)}</p>{table}</div>"


def _head(frame: pd.DataFrame, place: int) -> str:
    name = html.escape(heading(str(frame.columns[place])))
    column = frame.iloc[:, place]
    number = len(column) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in column)
    return f'<th scope="col"{RIGHT if number else ""}>{name}</th>'


def _cell(value: object, wording: object) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if callable(wording) and number:
        text = wording(value)
    elif isinstance(value, float):
        text = "" if _bad(value) else f"{value:,.4g}"
    else:
        text = "" if value is None else str(value)
    side = RIGHT if number else ""
    return f"<td{side}>{html.escape(text)}</td>"


def _bad(value: float) -> bool:
    return value is None or math.isnan(value) or math.isinf(value)
