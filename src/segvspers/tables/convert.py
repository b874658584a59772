"""Make columns what they should be, and collect every value that can't be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._checks import few
from segvspers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

TRUE, FALSE = {"true", "t", "yes", "y", "1", "1.0"}, {"false", "f", "no", "n", "0", "0.0"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one of our tables: its kind (text, flag, number, time, day) and its allowed levels."""

    name: str
    kind: str = "text"
    levels: tuple[str, ...] = ()
    ordered: bool = False


def rename_columns(
    frame: pd.DataFrame, *, table: str, columns: Mapping[str, str] | None, aliases: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the frame under our names, and the mapping; what the user says goes before the aliases.

    `columns` is ``{our name: their name}``; `aliases` is ``{their name in lower case: our name}``.
    """
    given = dict(columns or {})
    unknown = [theirs for theirs in given.values() if theirs not in frame.columns]
    if unknown:
        raise DataError(
            f"{table}: columns= names {unknown}, which the table lacks; it has {list(map(str, frame.columns))[:40]}."
        )
    ours_all = set(aliases.values()) | set(given)
    mapping = {theirs: ours for ours, theirs in given.items()}
    mapping |= {name: name for name in frame.columns if name in ours_all - set(given) and name not in mapping}
    taken = set(mapping.values())
    for theirs in frame.columns:
        ours = aliases.get(str(theirs).strip().lower(), theirs)
        if theirs not in mapping and ours not in taken:
            mapping[theirs] = ours
            taken.add(ours)
    # A column that bears a name which another one was given steps aside.
    aside = {name: f"{name}_original" for name in frame.columns if name in taken and mapping.get(name) != name}
    renamed = {theirs: ours for theirs, ours in mapping.items() if theirs != ours}
    return frame.rename(columns={**aside, **renamed}), renamed


def convert_columns(frame: pd.DataFrame, columns: Iterable[Column]) -> tuple[pd.DataFrame, list[str]]:
    """Return the frame with every known column converted, and a sentence for each that can't be.

    Times become UTC; a time without a zone is taken as UTC.
    """
    problems: list[str] = []
    converted = {}
    for column in columns:
        if column.name in frame.columns:
            converted[column.name], problem = _convert(frame[column.name], column)
            problems += [problem] if problem else []
    return frame.assign(**converted), problems


def number_further(frame: pd.DataFrame, known: Iterable[Column]) -> pd.DataFrame:
    """Return the frame with every further text column that holds plain numbers only as numbers.

    A column with a leading zero, such as a postcode, stays text.
    """
    import pandas as pd

    names = {column.name for column in known}
    made = {}
    for name in frame.columns:
        if name in names or not pd.api.types.is_string_dtype(frame[name].dtype):
            continue
        text = frame[name].astype("string").str.strip()
        if text.notna().any() and text.dropna().str.fullmatch(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?").all():
            made[name] = pd.to_numeric(frame[name])
    return frame.assign(**made)


def _convert(values: pd.Series, column: Column) -> tuple[pd.Series, str]:
    import pandas as pd

    makers: dict[str, Callable[[pd.Series], pd.Series]] = {
        "text": _text, "flag": _flags, "number": _numbers, "time": _times, "day": _days,
    }  # fmt: skip
    made = makers[column.kind](values)
    lost = made.isna() & values.notna() & (values.astype(str).str.strip() != "")
    if lost.any():
        rows = [int(row) + 1 for row in lost.to_numpy().nonzero()[0]]
        asked = {
            "flag": "true or false",
            "number": "a number such as 1234.5",
            "time": "a time such as 2026-09-08T06:00:00Z",
            "day": "a date such as 2026-09-08",
        }[column.kind]
        return (
            made,
            f"column {column.name!r} holds what is not {asked} in row {few(rows)}; mend or empty these cells",
        )
    if column.levels:
        known = made.isna() | made.isin(column.levels)
        if column.ordered:
            return pd.Series(pd.Categorical(made, _levels(made, column), ordered=True), index=made.index), ""
        if not known.all():
            strange = sorted({without_address(value) for value in made[~known]})
            listed = few([repr(value) for value in strange])
            return made, f"column {column.name!r} holds {listed}; allowed are {list(column.levels)}"
    return made, ""


def without_address(value: object) -> str:
    """Return the value as text for a message, where no address may stand."""
    return "an address" if "@" in str(value) else str(value)


def _levels(made: pd.Series, column: Column) -> list[str]:
    """Return the known order where it fits, else the levels as they are found."""
    found = set(made.dropna().astype(str))
    return list(column.levels) if found <= set(column.levels) else sorted(found)


def _text(values: pd.Series) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")  # ids next to an empty cell: 7, not 7.0
    made = values.astype("string").str.strip()
    return made.where(made != "", pd.NA).astype(object).where(made.notna() & (made != ""), None)


def _flags(values: pd.Series) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean")
    lower = values.astype("string").str.strip().str.lower()
    made = pd.Series(pd.NA, index=values.index, dtype="boolean")
    made[lower.isin(TRUE).fillna(False)] = True
    made[lower.isin(FALSE).fillna(False)] = False
    return made


def _numbers(values: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values.dtype):
        made = values.astype(float)
    else:
        made = pd.to_numeric(values.astype("string").str.strip().str.replace(",", "", regex=False), errors="coerce")
        made = made.astype("Float64").astype(float)
    return made.where(np.isfinite(made))


def _times(values: pd.Series) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.dt.tz_localize("UTC") if values.dt.tz is None else values.dt.tz_convert("UTC")
    text = values.astype("string").str.strip()
    made = pd.to_datetime(text, errors="coerce", utc=True, format="ISO8601")
    left = made.isna() & text.notna()
    if left.any():
        made = made.where(~left, _as_written(text[left]))
    return made


def _as_written(text: pd.Series) -> pd.Series:
    """Read 13/04/2026 and 13.04.2026; a column has one order of day and month, which its own dates tell."""
    import pandas as pd

    parts = text.str.extract(r"^(\d{1,2})([/.-])(\d{1,2})[/.-]\d{2,4}\b")
    first, second = pd.to_numeric(parts[0]), pd.to_numeric(parts[2])
    day_first = bool((first > 12).any() or (parts[1] == ".").any())
    made = pd.to_datetime(text, errors="coerce", utc=True, format="mixed", dayfirst=day_first)
    against = (second if day_first else first) > 12
    return made.mask(against.fillna(False))


def _days(values: pd.Series) -> pd.Series:
    return _times(values).dt.tz_localize(None).dt.normalize()
