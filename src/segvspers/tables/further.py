"""Columns beyond ours: those that hold numbers only become numbers, those that look like identifiers stay text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from segvspers.tables.clues import Clues
from segvspers.tables.numbers import plain_numbers, read_numbers
from segvspers.tables.texts import is_text, trimmed

if TYPE_CHECKING:
    import pyarrow as pa

IDENTIFIER = re.compile(r"(?:^|[^a-z])(?:ids?|phone|fax|mobile|tel|zip|zipcode|postcode|postal|code)(?:$|[^a-z])")
PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?")
_SIGN = r"(?:[$€£¥]|USD|EUR|GBP|CHF)"
AMOUNT = re.compile(
    rf"-?(?:{_SIGN}\s?)?-?(?:0|[1-9]\d{{0,14}}|[1-9]\d{{0,2}}(?:[.,'’\u00a0\u202f]\d{{3}})+)(?:[.,]\d+)?(?:\s?{_SIGN})?"
)
SAMPLE_ROWS = 1_000
Made: TypeAlias = "tuple[pa.ChunkedArray, str, str]"
"""A column, what was done to it, and a doubt."""


def number_further(table: pa.Table, known: set[str], clues: Clues) -> dict[str, Made]:
    """Return further text columns that hold numbers only, as numbers; what is named like an identifier stays text."""
    made = {}
    for name in table.column_names:
        values = table[name]
        if name in known or not is_text(values.type) or _names_identifier(name):
            continue
        sample = _sample(values)
        if sample and all(PLAIN.fullmatch(value) for value in sample):
            numbers = plain_numbers(trimmed(values))
            found = None if numbers is None else (numbers, "read as numbers", "")
        elif sample and all(AMOUNT.fullmatch(value) for value in sample):
            found = _amounts(trimmed(values), clues)
        else:
            found = None
        if found is not None:
            made[name] = found
    return made


def _amounts(text: pa.ChunkedArray, clues: Clues) -> Made | None:
    """Return amounts with marks of thousands or signs of a currency as numbers, when every one can be read.

    A decimal comma in a file that commas delimit is taken for a list unless other columns have one.
    """
    trial = replace(clues, decimals=set(clues.decimals), orders=set())
    numbers, what, doubt = read_numbers(text, trial)
    if numbers.null_count != text.null_count or (
        what.endswith("comma") and clues.likely_decimal != "," and clues.delimiter == ","
    ):
        return None
    clues.decimals |= trial.decimals
    return numbers, what or "read as numbers", doubt


def _sample(values: pa.ChunkedArray) -> list[str]:
    """Return the first values that are there, without blanks around."""
    import pyarrow.compute as pc

    if values.null_count == len(values):
        return []
    found = pc.drop_null(values.slice(0, SAMPLE_ROWS))
    found = found if len(found) else pc.drop_null(values).slice(0, SAMPLE_ROWS)
    return [value.strip() for value in found.to_pylist()]


def _names_identifier(name: str) -> bool:
    """Tell whether a name says that its digits are no amount, such as `phone`, `zip_code` or `AccountId`."""
    return IDENTIFIER.search(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()) is not None
