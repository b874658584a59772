"""Names of segments in plain words, from what is over-represented in each."""

from __future__ import annotations

import pandas as pd

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


def phrase(column: str, level: str) -> str:
    """Return a statement such as ``company_size = 1-10`` in plain words.

    Examples
    --------
    >>> phrase("purchase_status", "lapsed"), phrase("company_size", "1-10"), phrase("open_rate", "high")
    ('lapsed customers', '1-10 staff', 'often open')
    """
    plain = column.replace("_", " ")
    if (column, level) in NOUNS:
        return NOUNS[column, level]
    if level in ("none", "low", "high") and column in AMOUNTS:
        return AMOUNTS[column][("none", "low", "high").index(level)]
    if column == "engagement_level":
        return {"low": "little engaged", "medium": "engaged", "high": "highly engaged"}.get(level, level)
    if column == "company_size":
        return f"{level} staff"
    if column == "favourite_topic":
        return f"interested in {level}"
    if level in ("True", "False"):
        return plain if level == "True" else f"not {plain}"
    if level in ("none", "low", "high"):
        plain = plain.removeprefix("n ")
        return f"no {plain}" if level == "none" else f"{level} {plain}"
    return level if not level.replace(".", "").replace("-", "").isdigit() else f"{plain} {level}"


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
    rows = rows[rows["level"] != "middle"]
    strong = rows[(rows["share"] >= 0.45) & (rows["lift"] >= 1.15)]
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
