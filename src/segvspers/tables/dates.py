"""Text as times: ISO 8601 first, then dates as people write them, in the one order of day and month that a column has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segvspers._display import plural
from segvspers.tables.clues import Clues
from segvspers.tables.engine import column_sql, one_row

if TYPE_CHECKING:
    import pyarrow as pa

ORDERS = {True: "day first", False: "month first"}
_ISO = r"CASE WHEN regexp_matches(x, '^\d{4}[-/]\d') THEN TRY_CAST(x AS TIMESTAMPTZ) END"
_NUMERIC = r"^(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d{2})(?:\D|$)"
_EVIDENCE = f"""
    SELECT count(*) FILTER (one > 12) AS day_first, count(*) FILTER (two > 12) AS month_first,
           count(*) FILTER (mark = '.') AS dotted, count(one) AS numeric
    FROM (SELECT TRY_CAST(regexp_extract(x, '{_NUMERIC}', 1) AS INT) AS one, regexp_extract(x, '{_NUMERIC}', 2) AS mark,
                 TRY_CAST(regexp_extract(x, '{_NUMERIC}', 3) AS INT) AS two FROM given)
"""
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", " %I %p")
_NAMED = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%d %b %y", "%Y %b %d")
"""Dates with the name of a month, after marks between the parts were made blanks."""


def read_times(text: pa.ChunkedArray, clues: Clues) -> tuple[pa.ChunkedArray, str, str]:
    """Return trimmed text as times in UTC (null where it is none), what was done, and a doubt if there is one."""
    simple = _cast(text)
    if simple is None:
        simple = column_sql(text, _within(_ISO))
    if simple.null_count == text.null_count:
        return simple, "", ""
    day_first, doubt, numeric = _find_order(text, clues)
    made = column_sql(text, _within(f"coalesce({_ISO}, ({_written_sql(day_first=day_first)})::TIMESTAMPTZ)"))
    return made, f"dates read {ORDERS[day_first]}" if numeric else "dates read as written", doubt


def _cast(text: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return text as times when all of it is ISO 8601, either with zones or without."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return pc.cast(text, kind)
        except pa.ArrowInvalid:
            continue
    return None


def _find_order(text: pa.ChunkedArray, clues: Clues) -> tuple[bool, str, bool]:
    """Return whether the day stands first, a doubt when the values leave it open, and whether it matters."""
    seen = one_row(text, _EVIDENCE)
    if clues.day_first is not None or not seen["numeric"]:
        return bool(clues.day_first), "", bool(seen["numeric"])
    if seen["day_first"] or seen["month_first"]:
        day_first = seen["day_first"] >= seen["month_first"]
        clues.orders.add(day_first)
        if not (seen["day_first"] and seen["month_first"]):
            return day_first, "", True
        told = f"{seen['day_first']:,} with the day first and {seen['month_first']:,} with the month first"
        return day_first, f"it holds dates of both orders, {told}; all are read {ORDERS[day_first]}", True
    if seen["dotted"] or len(clues.orders) == 1:
        return bool(seen["dotted"]) or clues.likely_day_first, "", True
    day_first = clues.likely_day_first
    return (
        day_first,
        (
            f"no date has a day above 12, so 03/04/2026 could be 3 April or March 4; {plural(seen['numeric'], 'date is', 'dates are')} read "
            f"{ORDERS[day_first]}; say day_first={not day_first} if that is wrong"
        ),
        True,
    )


def _written_sql(*, day_first: bool) -> str:
    """Return SQL that reads a date with its month as a number or a name, a Unix time or a day number of Excel."""
    dated = r"regexp_replace(x, '^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:,? +|T|$)', '\1/\2/\3 ')"
    day = "%d/%m/" if day_first else "%m/%d/"
    long = _formats(f"{day}%Y{clock}" for clock in _CLOCKS)
    short = _formats(f"{day}%y{clock}" for clock in _CLOCKS)
    bare = r"regexp_replace(x, '(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[., ]+', '')"
    named = rf"regexp_replace(regexp_replace({bare}, '(?i)(\d)(st|nd|rd|th)\b', '\1'), '[ ,./-]+', ' ', 'g')"
    named = f"regexp_replace({named}, '(?i) (at|UTC|GMT|Z)\\b', '', 'g')"
    words = _formats(f"{date}{clock}" for date in _NAMED for clock in _CLOCKS)
    return rf"""CASE
        WHEN regexp_matches(x, '^\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}(\D|$)') THEN try_strptime(trim({dated}), {long})
        WHEN regexp_matches(x, '^\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2}}(\D|$)') THEN try_strptime(trim({dated}), {short})
        WHEN regexp_matches(x, '[A-Za-z]{{3}}') THEN try_strptime({named}, {words})
        WHEN regexp_matches(x, '^(19|20)\d{{6}}$') THEN try_strptime(x, '%Y%m%d')
        WHEN regexp_matches(x, '^(19|20)\d{{2}}-\d{{2}}$') THEN try_strptime(x, '%Y-%m')
        WHEN regexp_matches(x, '^[2-6]\d{{4}}(\.\d+)?$')
            THEN TIMESTAMP '1899-12-30' + to_microseconds((TRY_CAST(x AS DOUBLE) * 86400000000)::BIGINT)
        WHEN regexp_matches(x, '^\d{{10}}(\.\d+)?$') THEN make_timestamp((TRY_CAST(x AS DOUBLE) * 1000000)::BIGINT)
        WHEN regexp_matches(x, '^\d{{13}}$') THEN make_timestamp(TRY_CAST(x AS BIGINT) * 1000)
    END"""


def _formats(listed: object) -> str:
    return "[" + ", ".join(f"'{one}'" for one in listed) + "]"  # type: ignore[attr-defined]


def _within(made: str) -> str:
    """Return SQL for a time that lies in years of four digits, which every library can hold."""
    bounds = "TIMESTAMPTZ '0001-01-02' AND TIMESTAMPTZ '9999-12-30'"
    return f"CASE WHEN ({made}) BETWEEN {bounds} THEN {made} END"
