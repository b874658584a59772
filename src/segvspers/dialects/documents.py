"""JSON documents in DuckDB: taken out of what stands around them, and each given its format."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from segvspers.dialects.access import json_path, quoted
from segvspers.dialects.formats import Signs, envelopes
from segvspers.errors import DataError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

DEPTH = 5
BLOCK = 1 << 26
LONGEST = 1 << 30


def load(db: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Put the documents of a file into the table `docs`, one a line or the whole file, and return how many lines are none.

    `docs` has `row` (the line), `doc` (NULL where the line is no JSON), `line` (its text then) and `env`.
    """
    import pyarrow as pa

    db.execute("CREATE OR REPLACE TABLE lines (row BIGINT, line VARCHAR)")
    whole = path.name.lower().removesuffix(".gz").endswith(".json") and _load_whole(db, path)
    if not whole:
        for first, lines in _lines(path):
            block = pa.table(
                {"row": pa.array(range(first, first + len(lines)), pa.int64()), "line": pa.array(lines, pa.string())}
            )
            _insert(db, block)
    db.execute(
        "CREATE OR REPLACE TABLE docs AS SELECT row, CASE WHEN json_valid(line) THEN line::JSON END AS doc, "
        "CASE WHEN NOT json_valid(line) THEN line END AS line, NULL::JSON AS env, "
        "[]::BIGINT[] AS place FROM lines WHERE trim(line, chr(13) || ' ') <> ''"
    )
    db.execute("DROP TABLE lines")
    return int(db.sql("SELECT count(*) FROM docs WHERE doc IS NULL").fetchall()[0][0])


def _load_whole(db: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Load a file as one document when it is one."""
    import pyarrow as pa

    with _opened(path) as stream:
        data = stream.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise DataError(f"{path.name} holds more than {LONGEST >> 30} GiB of JSON; save it as JSON lines (.jsonl).")
    text = _decoded(data)
    if not db.execute("SELECT json_valid(?)", [text]).fetchall()[0][0]:
        return False
    _insert(db, pa.table({"row": pa.array([1], pa.int64()), "line": pa.array([text], pa.large_string())}))
    return True


def _insert(db: duckdb.DuckDBPyConnection, block: pa.Table) -> None:
    db.register("block", block)
    db.execute("INSERT INTO lines SELECT * FROM block")
    db.unregister("block")


def _opened(path: Path) -> BinaryIO:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the lines of a file in blocks, with the number of the first of each."""
    number, left = 1, b""
    with _opened(path) as stream:
        wide = stream.peek(2)[:2] in {b"\xff\xfe", b"\xfe\xff"} if hasattr(stream, "peek") else False
        while block := stream.read(-1 if wide else BLOCK):
            head, newline, tail = (left + block).rpartition(b"\n") if not wide else (block, b"", b"")
            if not wide and not newline:
                head, tail = b"", left + block
            left = tail
            if len(left) > LONGEST:
                raise DataError(f"{path.name} has a line of more than {LONGEST >> 30} GiB; it is no JSON lines file.")
            if head or newline:
                lines = _decoded(head).split("\n")
                yield number, lines
                number += len(lines)
    if left:
        yield number, _decoded(left).split("\n")


def _decoded(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def unwrap(db: duckdb.DuckDBPyConnection, signs: Sequence[Signs]) -> None:
    """Take events out of lists and envelopes, and give each a format.

    Works on the table `docs` of `row, doc, line, env, place`; afterwards it has `_id` too, and `format`, which is the place of the
    first of `signs` that the document has, or NULL.
    """
    db.execute("CREATE OR REPLACE TABLE told AS SELECT *, CAST(NULL AS INTEGER) AS format FROM docs WHERE false")
    db.execute("CREATE OR REPLACE TABLE open AS SELECT * FROM docs")
    for _ in range(DEPTH):
        _unlist(db)
        db.execute(f"CREATE OR REPLACE TABLE known AS SELECT *, {_match(db, signs)} AS format FROM open")
        db.execute(f"CREATE OR REPLACE TABLE known AS SELECT *, {_envelope()} AS inside FROM known")
        db.execute("INSERT INTO told SELECT * EXCLUDE (inside) FROM known WHERE format IS NOT NULL OR inside IS NULL")
        db.execute(
            "CREATE OR REPLACE TABLE open AS SELECT row, inside AS doc, line, doc AS env, place FROM known "
            "WHERE format IS NULL AND inside IS NOT NULL"
        )
        if not db.sql("SELECT count(*) FROM open").fetchall()[0][0]:
            break
    db.execute("INSERT INTO told SELECT *, NULL FROM open")
    db.execute(
        "CREATE OR REPLACE TABLE docs AS SELECT *, row_number() OVER (ORDER BY row, place) - 1 AS _id, row AS _row FROM told"
    )
    for name in ("told", "open", "known"):
        db.execute(f"DROP TABLE IF EXISTS {name}")


def _unlist(db: duckdb.DuckDBPyConnection) -> None:
    """Lay lists out as rows; a text that holds JSON becomes JSON."""
    text = "json_type(doc) = 'VARCHAR' AND json_valid(doc->>'$')"
    db.execute(
        f"CREATE OR REPLACE TABLE open AS SELECT * REPLACE (CASE WHEN {text} THEN (doc->>'$')::JSON ELSE doc END AS doc) FROM open"
    )
    db.execute(
        "CREATE OR REPLACE TABLE open AS SELECT row, doc, line, env, place FROM open WHERE coalesce(json_type(doc), '') <> 'ARRAY' "
        "UNION ALL SELECT row, unnest(from_json(doc, '[\"JSON\"]')) AS doc, line, env, "
        "list_append(place, unnest(range(json_array_length(doc)::BIGINT))) FROM open WHERE json_type(doc) = 'ARRAY'"
    )


def _match(db: duckdb.DuckDBPyConnection, signs: Sequence[Signs]) -> str:
    """Return SQL for the place of the first format that a document has.

    Which formats can be is told from the top keys, of which there are few sets; only what is left is asked of documents.
    """
    found = db.sql(
        "SELECT DISTINCT json_keys(doc) AS keys, CASE WHEN env IS NULL THEN [] ELSE json_keys(env) END AS outer FROM open "
        "WHERE json_type(doc) = 'OBJECT'"
    ).to_arrow_table()
    possible: set[int] = set()
    for keys, outer in zip(found["keys"].to_pylist(), found["outer"].to_pylist(), strict=True):
        tops = {*keys, *(f"^.{key}" for key in outer)}
        possible |= {place for place, one in enumerate(signs) if place not in possible and _may(one, tops)}
    cases = " ".join(f"WHEN {_has(signs[place])} THEN {place}" for place in sorted(possible))
    return f"CASE WHEN json_type(doc) <> 'OBJECT' THEN NULL {cases} END" if cases else "CAST(NULL AS INTEGER)"


def _may(signs: Signs, tops: set[str]) -> bool:
    return all(_top(path) in tops for path in signs.has) and (
        not signs.any or any(_top(path) in tops for path in signs.any)
    )


def _top(path: str) -> str:
    outer, rest = ("^.", path[2:]) if path.startswith("^.") else ("", path)
    return outer + rest.split(".")[0]


def _has(signs: Signs) -> str:
    tests = [_exists(path) for path in signs.has]
    if signs.any:
        tests.append("(" + " OR ".join(map(_exists, signs.any)) + ")")
    if signs.two_of:
        tests.append(" + ".join(f"CAST({_exists(path)} AS INTEGER)" for path in signs.two_of) + " >= 2")
    tests += [f"NOT {_exists(path)}" for path in signs.lacks]
    return " AND ".join(tests) or "false"


def _exists(path: str) -> str:
    holder = "env" if path.startswith("^.") else "doc"
    return f"coalesce(json_exists({holder}, {quoted(json_path(path.removeprefix('^.')))}), false)"


def _envelope() -> str:
    """Return SQL for what an envelope holds, or NULL when a document is none."""
    cases = []
    for signs, inside in envelopes():
        inner = f"json_extract(doc, {quoted(json_path(inside))})"
        cases.append(f"WHEN {_has(signs)} THEN {inner}")
    return f"CASE json_type(doc) WHEN 'ARRAY' THEN doc WHEN 'OBJECT' THEN CASE {' '.join(cases)} END END"
