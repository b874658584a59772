"""Moments from text: ISO 8601, seconds since 1970, mail dates; what has no zone is taken in a stated one."""

from __future__ import annotations

from segvspers.dialects.access import quoted

EARLIEST, LATEST = "1970-01-02", "2200-01-01"
ZONED = r"\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[+-]\d{2}:?(?:\d{2})?|(?:z|[a-z]{3,4}|[a-z]+/[a-z_/]+)(?: \([a-z]+\))?)$"
MAIL = ("%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M:%S %Z", "%Y%m%dT%H%M%S%z")
BARE = (
    "%Y%m%dT%H%M%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y",
    "%B %d, %Y %I:%M %p",
    "%d %b %Y %H:%M:%S",
)


def moment(text: str, *, timezone: str) -> str:
    """Return SQL of type TIMESTAMPTZ for a text, or NULL where it is no time.

    Parameters
    ----------
    text
        SQL of a text, such as a column's name.
    timezone
        The zone of times that name none.
    """
    naive = f"TRY_CAST({text} AS TIMESTAMP)"
    local = naive if timezone == "UTC" else f"timezone({quoted(timezone)}, {naive})"
    bare = f"try_strptime({text}, [{', '.join(map(quoted, BARE))}])"
    local_bare = bare if timezone == "UTC" else f"timezone({quoted(timezone)}, {bare})"
    mail = f"CAST(try_strptime({text}, [{', '.join(map(quoted, MAIL))}]) AS TIMESTAMPTZ)"
    tight = f"regexp_replace({text}, ' ([+-][0-9]{{2}}:?[0-9]{{2}})$', '\\1')"
    number = f"TRY_CAST({text} AS DOUBLE)"
    seconds = f"make_timestamptz(CAST(round({number} * CASE WHEN {number} > 1e11 THEN 1e3 ELSE 1e6 END) AS BIGINT))"
    made = (
        f"CASE WHEN {_plainly_utc(text)} THEN TRY_CAST({text} AS TIMESTAMPTZ) "
        f"WHEN {_plainly_local(text)} THEN CAST({local} AS TIMESTAMPTZ) "
        f"WHEN regexp_full_match({text}, '[0-9]{{9,13}}([.][0-9]+)?') THEN {seconds} "
        f"WHEN {_zoned(text)} THEN coalesce(TRY_CAST({tight} AS TIMESTAMPTZ), {mail}) "
        f"ELSE coalesce(CAST({local} AS TIMESTAMPTZ), CAST({local_bare} AS TIMESTAMPTZ)) END"
    )
    within = f"BETWEEN TIMESTAMPTZ {quoted(EARLIEST)} AND TIMESTAMPTZ {quoted(LATEST)}"
    return f"list_filter([{made}], lambda made: made {within})[1]"


def _plainly_utc(text: str) -> str:
    """Return SQL, cheap to reckon, that is true for most ISO times in UTC."""
    return f"({text}[-1] = 'Z' AND length({text}) BETWEEN 20 AND 27)"


def _plainly_local(text: str) -> str:
    """Return SQL, cheap to reckon, that is true for most ISO times without a zone."""
    return f"(length({text}) = 19 AND {text}[5] = '-' AND {text}[14] = ':' AND {text}[17] = ':')"


def _zoned(text: str) -> str:
    return f"regexp_matches({text}, {quoted(ZONED)}, 'i')"


def names_no_zone(text: str) -> str:
    """Return SQL that is true where a text is a time without a zone, whose moment rests on an assumption."""
    return (
        f"(CASE WHEN {text} IS NULL OR {_plainly_utc(text)} THEN false WHEN {_plainly_local(text)} THEN true "
        f"ELSE NOT regexp_full_match({text}, '[0-9]{{9,13}}([.][0-9]+)?') AND NOT {_zoned(text)} END)"
    )
