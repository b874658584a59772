"""Text as numbers: the mark of decimals is found in the values, and thousands marks and currency signs are taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segvspers.tables.clues import Clues
from segvspers.tables.engine import column_sql, one_row

if TYPE_CHECKING:
    import pyarrow as pa

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
    simple = _cast(text)
    if simple is not None and (clues.decimal == "." or not _could_be_thousands(text)):
        return simple, "", ""
    mark, doubt = _find_mark(text, clues)
    if simple is not None and mark == ".":
        return simple, "", doubt
    return column_sql(text, _read_sql(mark)), f"read with {MARKS[mark]}", doubt


def _cast(text: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return text as numbers when each value is a plain one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        made = pc.cast(text, pa.float64())
    except pa.ArrowInvalid:
        return None
    return made if pc.all(pc.is_finite(made), min_count=0).as_py() else None


def _could_be_thousands(text: pa.ChunkedArray) -> bool:
    """Tell whether every point has three digits after it, as a mark of thousands has."""
    import pyarrow.compute as pc

    after = pc.subtract(pc.subtract(pc.binary_length(text), pc.find_substring(text, ".")), 1)
    pointed = after.filter(pc.greater_equal(pc.find_substring(text, "."), 0))
    return bool(len(pointed)) and bool(pc.all(pc.equal(pointed, 3)).as_py())


def plain_numbers(text: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return text as numbers when every value is a plain one and none looks like an identifier; whole ones as such.

    A leading zero, a plus sign and more than 15 digits are signs of an identifier.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    digits = pc.ascii_ltrim(text, "-")
    padded = pc.and_(pc.starts_with(digits, "0"), pc.greater(pc.binary_length(digits), 1))
    padded = pc.and_not(padded, pc.starts_with(digits, "0."))
    strange = pc.or_(pc.or_(padded, pc.starts_with(digits, "+")), pc.greater(pc.binary_length(digits), 16))
    if pc.any(strange, min_count=0).as_py():
        return None
    for kind in (pa.int64(), pa.float64()):
        try:
            made = pc.cast(text, kind)
        except pa.ArrowInvalid:
            continue
        return made if kind == pa.int64() or pc.all(pc.is_finite(made), min_count=0).as_py() else None
    return None


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
