"""SQL of codes and keys: each level a small number, and a contact's levels one number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from segvspers.explosion.engines.coding import Coding

# A list is searched from its start; above so many levels the hash of an enum is faster.
LISTED = 30
WIDEST = 2.0**62


def quoted(name: str) -> str:
    """Return a column name as an identifier."""
    return '"' + str(name).replace('"', '""') + '"'


def literal(value: Any) -> str:
    """Return a value as a constant.

    Examples
    --------
    >>> literal("it's"), literal(2.5)
    ("'it''s'", '2.5')
    """
    if isinstance(value, dt.datetime):
        return f"TIMESTAMP '{value}'"
    if isinstance(value, dt.date):
        return f"DATE '{value}'"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def code_sql(coding: Coding, value: str) -> str:
    """Return the SQL of the code of a column, of which `value` is the SQL; missing values have the last code."""
    if not coding.values:
        cases = " ".join(f"WHEN {value} <= {literal(cut)} THEN {place}" for place, cut in enumerate(coding.cuts))
        last = len(coding.cuts)
        return f"CASE WHEN {value} IS NULL THEN {last + 1} {cases} ELSE {last} END"
    listed = ", ".join(map(literal, coding.values))
    if len(coding.values) > LISTED and isinstance(coding.values[0], str):
        return f"coalesce(enum_code(CAST({value} AS ENUM ({listed}))), {coding.missing_code})"
    return f"coalesce(list_position([{listed}], {value}), {coding.missing_code + 1}) - 1"


def key_sql(codes: Sequence[tuple[str, int]]) -> str:
    """Return the SQL of one whole number from codes and sizes; the last code varies fastest."""
    key = f"CAST({codes[0][0]} AS BIGINT)"
    for code, size in codes[1:]:
        key = f"({key} * {size} + {code})"
    return key


def split_keys(sizes: Sequence[int]) -> list[list[int]]:
    """Return neighbouring axes in groups, each of which fits into one whole number.

    Examples
    --------
    >>> split_keys([1000] * 7)
    [[0, 1, 2, 3, 4, 5], [6]]
    """
    groups, span = [[0]], float(sizes[0])
    for place, size in enumerate(sizes[1:], start=1):
        span *= size
        if span > WIDEST:
            groups.append([])
            span = float(size)
        groups[-1].append(place)
    return groups


def unpack(key: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """Return the codes that `key_sql` packed.

    Examples
    --------
    >>> [code.tolist() for code in unpack(np.array([7, 11]), [2, 6])]
    [[1, 1], [1, 5]]
    """
    codes = []
    rest = key
    for size in sizes[::-1]:
        rest, code = np.divmod(rest, size)
        codes.append(code)
    return codes[::-1]
