"""JSON as a table: an array of objects, one object a line, or an object around either; nested fields get a dotted name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from segvspers.errors import DataError
from segvspers.tables.engine import connect
from segvspers.tables.memory import from_pandas
from segvspers.tables.text import find_encoding, read_head

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

DEEPEST = 3
NO_OBJECT = "no JSON object"
_MIXED = re.compile(r'(?<=[:\[])"(?:JSON|NULL)"(?=[,}\]])')


def read_objects(path: Path, *, table: str) -> tuple[pa.Table, np.ndarray, list[tuple[int, str]]]:
    """Return the objects of a JSON file as rows, their numbers, and the number and text of what is no object.

    Raises
    ------
    DataError
        When the file is empty, is no JSON, or holds no list of objects.
    """
    import numpy as np

    head = read_head(path, table=table)
    text = path.read_bytes().decode(find_encoding(head), errors="replace").lstrip("\ufeff").strip()
    elements = _elements(text)
    if elements is None:
        raise DataError(
            f"{table}: {path.name} is no readable json file; it needs an array of objects, or one object a line."
        )
    good = _are_objects(elements)
    numbers = np.arange(1, len(elements) + 1)
    if not good.any():
        raise DataError(
            f"{table}: {path.name} holds no JSON objects; it needs an array of objects, or one object a line."
        )
    bad = [(int(number), elements[number - 1]) for number in numbers[~good]]
    rows = _rows([one for one, is_good in zip(elements, good, strict=True) if is_good] if bad else elements, table)
    return rows, numbers[good], bad


def _elements(text: str) -> list[str] | None:
    """Return the JSON texts of the rows; nothing when the file is no JSON."""
    with connect() as engine:
        kind = engine.execute("SELECT CASE WHEN json_valid($1) THEN json_type($1) END", [text]).fetchall()[0][0]
        if kind == "OBJECT":
            inner = engine.execute(
                "SELECT value::VARCHAR FROM json_each($1) WHERE type = 'ARRAY' AND json_type(value, '$[0]') = 'OBJECT'",
                [text],
            ).fetchall()
            if len(inner) != 1:
                return [text]
            text = inner[0][0]
            kind = "ARRAY"
        if kind == "ARRAY":
            found = engine.execute("SELECT json_extract($1, '$[*]')::VARCHAR[]", [text]).fetchall()[0][0]
            return list(found) or None
    lines = [line for line in text.split("\n") if line.strip()]
    return lines if kind is None and len(lines) > 1 else None


def _are_objects(elements: list[str]) -> np.ndarray:
    import pyarrow as pa

    with connect() as engine:
        engine.register("given", pa.table({"x": pa.array(elements, type=pa.string())}))
        query = "SELECT CASE WHEN json_valid(x) THEN json_type(x) = 'OBJECT' ELSE false END AS good FROM given"
        return engine.sql(query).to_arrow_table()["good"].to_numpy()


def _rows(elements: list[str], table: str) -> pa.Table:
    """Return JSON objects as rows; fields of one name and several kinds are text."""
    import duckdb
    import pandas as pd
    import pyarrow as pa

    try:
        with duckdb.connect() as engine:  # an engine of its own, since one that meets deep nesting here is lost
            engine.register("given", pa.table({"x": pa.array(elements, type=pa.string())}))
            shape = engine.sql("SELECT json_group_structure(x::JSON)::VARCHAR FROM given").fetchall()[0][0]
            literal = _MIXED.sub('"VARCHAR"', shape).replace("'", "''")  # the shape has to be a constant of the query
            made = engine.sql(f"SELECT json_transform(x, '{literal}') AS y FROM given").to_arrow_table()
        made = pa.Table.from_struct_array(made["y"])
    except (duckdb.Error, pa.ArrowException, TypeError, ValueError):  # such as keys that differ in capitals only
        try:
            frame = pd.json_normalize([json.loads(element) for element in elements], max_level=DEEPEST)
        except (RecursionError, ValueError):
            raise DataError(
                f"{table}: the JSON is nested deeper than any table is; give the part that holds the rows."
            ) from None
        return from_pandas(frame, table=table)
    for _ in range(DEEPEST):
        made = made.flatten()
    return made
