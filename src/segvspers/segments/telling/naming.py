"""Names of segments in plain words, from what is over-represented in each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode, level_text, span_text

MOST_NAMED = 3
YES, NO = {"true", "yes", "y"}, {"false", "no", "n"}

NOUNS = {
    ("purchase_status", "prospect"): "prospects",
    ("purchase_status", "trial"): "trial users",
    ("purchase_status", "customer"): "customers",
    ("purchase_status", "lapsed"): "lapsed customers",
}
AMOUNTS = {
    "n_purchases": ("no purchases", "few purchases", "many purchases"),
    "n_clicks": ("no clicks", "few clicks", "many clicks"),
    "n_replies": ("never replied", "few replies", "many replies"),
    "n_tickets": ("no tickets", "few tickets", "many tickets"),
    "n_conversations": ("no conversations", "few conversations", "many conversations"),
    "n_page_views": ("no page views", "few page views", "many page views"),
    "open_rate": ("never open", "rarely open", "often open"),
    "spend_usd": ("no spend", "low spend", "high spend"),
    "days_since_event": ("active today", "active lately", "long silent"),
    "signup_date": ("first to join", "joined early", "joined lately"),
}


AMOUNT_LEVELS = {"none": 0, "low": 1, "some": 2, "high": 2}


def phrase(column: str, level: str) -> str:
    """Return a statement such as ``company_size = 1-10`` in plain words.

    Examples
    --------
    >>> phrase("purchase_status", "lapsed"), phrase("company_size", "1-10"), phrase("open_rate", "high")
    ('lapsed customers', '1-10 staff', 'often open')
    """
    column, _, unit = column.partition(" per ")
    if unit:
        return f"{phrase(column, level)} per {unit.replace('_', ' ').removeprefix('n ').removesuffix('s')}"
    known = _known_phrase(column, level)
    if known:
        return known
    plain = plain_name(column)
    if level.lower() in YES | NO:
        return plain if level.lower() in YES else f"not {plain}"
    if level in ("none", "low", "middle", "high", "some"):
        plain = plain.removeprefix("n ")
        return f"no {plain}" if level == "none" else f"{level} {plain}"
    return level if not level.replace(".", "").replace("-", "").isdigit() else f"{plain} {level}"


def plain_name(column: str) -> str:
    """Return the name of a column in words.

    Examples
    --------
    >>> plain_name("NumStorePurchases"), plain_name("company_size"), plain_name("Annual_Income(k$)")
    ('num store purchases', 'company size', 'annual income (k$)')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=\w)(?=\()", " ", column.replace("_", " "))
    return " ".join(word if word.isupper() else word.lower() for word in words.split())


def _known_phrase(column: str, level: str) -> str:
    """Return the words for a level of one of our own columns, or nothing."""
    if (column, level) in NOUNS:
        return NOUNS[column, level]
    if column in AMOUNTS and level in AMOUNT_LEVELS:
        return AMOUNTS[column][AMOUNT_LEVELS[level]]
    if column == "engagement_level":
        return {"low": "little engaged", "medium": "engaged", "high": "highly engaged"}.get(level, level)
    return {"company_size": f"{level} staff", "favourite_topic": f"interested in {level}"}.get(column, "")


def name_segments(profiles: pd.DataFrame, *, n_words: int = 3) -> dict[str, str]:
    """Return a distinct name for each segment, the most telling statements first.

    Parameters
    ----------
    profiles
        A row a segment and statement: ``segment_id, column, level, share, share_list, telling``.
    n_words
        Statements in a name; more are added only where two names would be the same.
    """
    ranked = {
        segment: _statements(rows.sort_values("telling", ascending=False, kind="stable"))
        for segment, rows in profiles.groupby("segment_id", sort=False)
    }
    names: dict[str, str] = {}
    for segment, statements in ranked.items():
        length = min(n_words, len(statements))
        name = _join(statements[:length])
        while name in names.values() and length < len(statements):
            length += 1
            name = _join(statements[:length])
        names[str(segment)] = name if name not in names.values() else f"{name} ({segment})"
    return names


def _statements(rows: pd.DataFrame) -> list[str]:
    """Return phrases, one a column, that hold for many of the segment and for more of it than of the list."""
    strong = rows[(rows["share"] >= 0.45) & (rows["lift"] >= 1.15)]
    outer = strong[strong["level"] != "middle"]
    strong = strong if outer.empty else outer
    if strong.empty:
        strong = rows[rows["lift"] > 1].head(3)
    once = strong.drop_duplicates("column")
    # A noun, where there is one, opens the name.
    heads = [(c, v) in NOUNS for c, v in zip(once["column"], once["level"], strict=True)]
    ordered = pd.concat([once[heads], once[[not head for head in heads]]]) if any(heads[:4]) else once
    return [phrase(c, v) for c, v in zip(ordered["column"], ordered["level"], strict=True)]


def _join(statements: list[str]) -> str:
    text = ", ".join(statements) or "everybody else"
    return text[0].upper() + text[1:]


def name_cells(plans: Sequence[ColumnCode], codes: np.ndarray, segment: np.ndarray) -> list[str | None]:
    """Return a name for each group of cells, from the levels that its cells have.

    A column that a group has all levels of is left out. A group that is no cross of levels has no such name.
    """
    everything = [set(codes[:, column].tolist()) for column in range(codes.shape[1])]
    order = np.argsort(segment, kind="stable")
    ends = np.cumsum(np.bincount(segment))
    names: list[str | None] = []
    for group in np.split(order, ends[:-1]):
        held = [set(codes[group, column].tolist()) for column in range(codes.shape[1])]
        inside = np.all([np.isin(codes[:, column], list(levels)) for column, levels in enumerate(held)], axis=0)
        told = [_levels(*pair) for pair in zip(plans, held, everything, strict=True)]
        names.append(_join([words for words in told if words]) if inside.sum() == len(group) else None)
    return names


def distinct_names(ids: Sequence[str], names: Sequence[str | None], otherwise: Mapping[str, str]) -> dict[str, str]:
    """Return a name for each id; where there is none it comes from `otherwise`, and a repeated one gets its id."""
    told = {str(one): name or otherwise.get(str(one), "nobody now") for one, name in zip(ids, names, strict=True)}
    times = Counter(told.values())
    return {one: name if times[name] == 1 else f"{name} ({one})" for one, name in told.items()}


def _levels(plan: ColumnCode, held: set[int], everything: set[int]) -> str:
    """Return the levels of a group in words; nothing when it has all."""
    if held == everything and len(everything) > 1:
        return ""
    known, plain = sorted(code for code in held if code >= 0), plain_name(plan.name)
    gone = sorted(everything - held)
    unknown = [f"{plain} not known"] if any(code < 0 for code in held) else []
    run = len(known) > 2 and known == list(range(known[0], known[-1] + 1))
    if run and plan.kind in ("number", "date"):
        words = [f"{plain} {span_text(plan, known[0], known[-1])}"]
    elif run and plan.ordered:
        words = [phrase(plan.name, f"{plan.levels[known[0]]} to {plan.levels[known[-1]]}")]
    elif len(known) > MOST_NAMED and len(gone) <= MOST_NAMED and min(gone) >= 0:
        return "not " + " or ".join(_phrase(plan, code) for code in gone)
    elif len(known) > MOST_NAMED:
        words = [f"{len(known)} of {sum(code >= 0 for code in everything)} {plural_of(plain)}"]
    else:
        words = [_phrase(plan, code) for code in known]
    return " or ".join([*words, *unknown])


def _phrase(plan: ColumnCode, code: int) -> str:
    level = level_text(plan, code)
    return f"{plain_name(plan.name)} {level}" if plan.kind in ("number", "date") else phrase(plan.name, level)


def plural_of(noun: str) -> str:
    """Return the plural of a column's name.

    Examples
    --------
    >>> plural_of("industry"), plural_of("region")
    ('industries', 'regions')
    """
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun if noun.endswith("s") else noun + "s"
