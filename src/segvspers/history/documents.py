"""JSON documents in DuckDB: taken out of what stands around them, and each given its format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segvspers.dialects import Signs, envelopes
from segvspers.history.access import json_path, quoted

if TYPE_CHECKING:
    import duckdb

DEPTH = 5


def unwrap(db: duckdb.DuckDBPyConnection, signs: Sequence[Signs]) -> None:
    """Take events out of lists and envelopes, and give each a format.

    Works on the table `docs` of `file, row, doc, env`; afterwards it has `format` too, which is the place of the first
    of `signs` that the document has, or NULL.
    """
    db.execute("CREATE OR REPLACE TABLE told AS SELECT *, CAST(NULL AS INTEGER) AS format FROM docs WHERE false")
    db.execute("CREATE OR REPLACE TABLE open AS SELECT * FROM docs")
    for _ in range(DEPTH):
        _unlist(db)
        db.execute(f"CREATE OR REPLACE TABLE known AS SELECT *, {_match(db, signs)} AS format FROM open")
        db.execute(f"CREATE OR REPLACE TABLE known AS SELECT *, {_envelope()} AS inside FROM known")
        db.execute("INSERT INTO told SELECT * EXCLUDE (inside) FROM known WHERE format IS NOT NULL OR inside IS NULL")
        db.execute(
            "CREATE OR REPLACE TABLE open AS SELECT file, row, inside AS doc, doc AS env FROM known "
            "WHERE format IS NULL AND inside IS NOT NULL"
        )
        if not db.sql("SELECT count(*) FROM open").fetchall()[0][0]:
            break
    db.execute("INSERT INTO told SELECT *, NULL FROM open")
    db.execute("CREATE OR REPLACE TABLE docs AS SELECT * FROM told")
    for name in ("told", "open", "known"):
        db.execute(f"DROP TABLE IF EXISTS {name}")


def _unlist(db: duckdb.DuckDBPyConnection) -> None:
    """Lay lists out as rows; a text that holds JSON becomes JSON."""
    text = "json_type(doc) = 'VARCHAR' AND json_valid(doc->>'$')"
    db.execute(f"CREATE OR REPLACE TABLE open AS SELECT * REPLACE (CASE WHEN {text} THEN (doc->>'$')::JSON ELSE doc END AS doc) FROM open")
    db.execute(
        "CREATE OR REPLACE TABLE open AS SELECT file, row, doc, env FROM open WHERE coalesce(json_type(doc), '') <> 'ARRAY' "
        "UNION ALL SELECT file, row, unnest(from_json(doc, '[\"JSON\"]')) AS doc, env FROM open WHERE json_type(doc) = 'ARRAY'"
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
    return all(_top(path) in tops for path in signs.has) and (not signs.any or any(_top(path) in tops for path in signs.any))


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
    return f"CASE WHEN json_type(doc) <> 'OBJECT' THEN NULL {' '.join(cases)} END"
