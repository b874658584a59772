"""Text as numbers: the mark of decimals is found in the values, and thousands marks and currency signs are taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segvspers.tables.engine import column_sql, one_row

if TYPE_CHECKING:
    import pyarrow as pa

    from segvspers.tables.kinds import Clues

MARKS = {".": "decimal point", ",": "decimal comma"}
_BARE = r"regexp_replace(regexp_replace(x, '[\s\x{00a0}\x{202f}\x{2009}''’$€£¥]|(?i:USD|EUR|GBP|CHF)', '', 'g'), '^\((.*)\)$', '-\1')"
_EVIDENCE = rf"""
    SELECT count(*) AS n,
           count(*) FILTER (regexp_matches(x, '\d,\d{{1,2}}$|,\d{{4,}}$|\.\d{{3}}[.,]\d|^[+-]?0,\d')) AS comma,
           count(*) FILTER (regexp_matches(x, '\d\.\d{{1,2}}$|\.\d{{4,}}$|,\d{{3}}[.,]\d|^[+-]?0?\.\d')) AS point,
           count(*) FILTER (regexp_matches(x, '^[+-]?[1-9]\d{{0,2}},\d{{3}}$')) AS comma_either,
           count(*) FILTER (regexp_matches(x, '^[+-]?[1-9]\d{{0,2}}\.\d{{3}}$')) AS point_either
    FROM (SELECT {_BARE} AS x FROM given)
"""


def read_numbers(text: pa.ChunkedArray, clues: Clues) -> tuple[pa.ChunkedArray, str, str]:
    """Return trimmed text as numbers (null where it is none), what was done, and a doubt if there is one."""
    cast = "TRY_CAST(x AS DOUBLE)"
    simple = one_row(
        text,
        f"""SELECT count(x) AS n, count(*) FILTER (isfinite({cast})) AS cast_well,
                   coalesce(bool_and(length(x) - strpos(x, '.') = 3) FILTER (contains(x, '.')), false) AS doubtful
            FROM given""",
    )
    if simple["n"] == simple["cast_well"] and not (simple["doubtful"] and clues.decimal != "."):
        return column_sql(text, cast), "", ""
    mark, doubt = _find_mark(text, clues)
    made = column_sql(text, _read_sql(mark))
    plain = mark == "." and simple["n"] == simple["cast_well"]
    return made, "" if plain else f"read with {MARKS[mark]}", doubt


def _find_mark(text: pa.ChunkedArray, clues: Clues) -> tuple[str, str]:
    """Return the mark of decimals, and a doubt when the values leave it open."""
    if clues.decimal:
        return clues.decimal, ""
    seen = one_row(text, _EVIDENCE)
    if seen["comma"] or seen["point"]:
        mark = "," if seen["comma"] > seen["point"] else "."
        clues.decimals.add(mark)
        return mark, ""
    if not (seen["comma_either"] or seen["point_either"]):
        return ".", ""
    mark = clues.likely_decimal
    if len(clues.decimals) == 1:
        return mark, ""
    example = "1,234" if seen["comma_either"] else "1.234"
    other = "." if mark == "," else ","
    return mark, (
        f"its values such as {example} could be thousands or decimals and are read with a {MARKS[mark]}; "
        f"say decimal={other!r} if that is wrong"
    )


def _read_sql(mark: str) -> str:
    group = "." if mark == "," else ","
    shape = rf"^[+-]?(\d{{1,3}}([{group}]\d{{2,3}})*[{group}]\d{{3}}|\d*)([{mark}]\d*)?([eE][+-]?\d+)?$"
    digits = f"replace(replace({_BARE}, '{group}', ''), ',', '.')"
    made = f"CASE WHEN regexp_matches({_BARE}, '{shape}') THEN TRY_CAST({digits} AS DOUBLE) END"
    return f"CASE WHEN isfinite({made}) THEN {made} END"
