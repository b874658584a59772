"""How SQL gets at a value: by a path into a JSON document, or by the name of a column."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from segvspers.dialects.formats import Value

EMPTY = "CAST(NULL AS VARCHAR)"


class Access(Protocol):
    """Gives SQL for the text at a path, or an empty value where the source has no such thing."""

    def text(self, path: str) -> str:
        """Return SQL of type VARCHAR."""

    def texts(self, path: str) -> str:
        """Return SQL of type VARCHAR[]: all values at a path that may stand for several."""


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def named(column: str) -> str:
    """Return a column's name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


@dataclass(slots=True)
class Documents:
    """JSON documents in columns `doc` and `env`; plain paths are gathered, so that a document is parsed once."""

    paths: list[str] = field(default_factory=list)
    outer: list[str] = field(default_factory=list)

    def text(self, path: str) -> str:
        """Return SQL for the text at a path."""
        if "[*]" in path or "[name=" in path:
            return f"nullif(list_extract({self.texts(path)}, 1), '')"
        gathered, name = (self.outer, "o") if path.startswith("^.") else (self.paths, "v")
        pointer = json_path(path.removeprefix("^."))
        if pointer not in gathered:
            gathered.append(pointer)
        return f"nullif(trim({name}[{gathered.index(pointer) + 1}]), '')"

    def texts(self, path: str) -> str:
        """Return SQL for all texts at a path."""
        chosen = re.fullmatch(r"(.+)\[name=([^\]]+)\](?:\.(.+))?", path)
        if chosen:
            all_of = f"json_extract(doc, {quoted(json_path(chosen[1]) + '[*]')})"
            same = f"lambda x: lower(x->>'name') = {quoted(chosen[2].lower())}"
            return f"list_transform(list_filter({all_of}, {same}), lambda x: x->>{quoted(chosen[3] or 'value')})"
        if "[*]" in path:
            return f"json_extract_string(doc, {quoted(json_path(path))})"
        value = f"json_extract(doc, {quoted(json_path(path))})"
        several = f"json_extract_string({value}, '$[*]')"
        return f"CASE json_type({value}) WHEN 'ARRAY' THEN {several} ELSE [json_extract_string({value}, '$')] END"

    def select(self, source: str) -> str:
        """Return SQL of `source` with the gathered values beside it."""
        listed = ", ".join(map(quoted, self.paths or ["$"]))
        outer = ", ".join(map(quoted, self.outer or ["$"]))
        values = f"json_extract_string(doc, [{listed}]) AS v"
        around = f"json_extract_string(env, [{outer}]) AS o" if self.outer else f"{EMPTY} AS o"
        return f"(SELECT *, {values}, {around} FROM {source})"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table by the names, in lower case, that they have in its source."""

    names: Mapping[str, str]

    def text(self, path: str) -> str:
        """Return SQL for the text of a column."""
        column = self.names.get(path.lower())
        return f"nullif(trim(CAST({named(column)} AS VARCHAR)), '')" if column is not None else EMPTY

    def texts(self, path: str) -> str:
        """Return SQL for the text of a column, as a list."""
        return f"[{self.text(path)}]"


def json_path(path: str) -> str:
    """Return a path of ours as a path of JSON in SQL."""
    steps = []
    for step in path.split("."):
        key, index = re.fullmatch(r"(.*?)((?:\[(?:\d+|\*)\])*)", step).groups()  # type: ignore[union-attr]
        steps.append(f'."{key}"{index}')
    return "$" + "".join(steps)


def value_of(access: Access, value: Value) -> str:
    """Return SQL for a value and what is done to it."""
    if value.join:
        parts = [access.text(path) for path in value.join]
        return "(" + " || '/' || ".join(parts) + ")"
    made = access.text(value.path)
    if made == EMPTY:
        return EMPTY
    if value.keep:
        made = f"nullif(regexp_extract({made}, {quoted(value.keep)}, 1), '')"
    if value.inside:
        pointer = quoted(json_path(value.inside))
        made = f"CASE WHEN json_valid({made}) THEN json_extract_string({made}, {pointer}) END"
    if value.wrap:
        made = f"{quoted(value.wrap[0])} || trim({made}, {quoted(value.wrap)}) || {quoted(value.wrap[1])}"
    return made


def first_of(access: Access, values: Collection[Value]) -> str:
    """Return SQL for the first value that is there."""
    found = [made for made in (value_of(access, value) for value in values) if made != EMPTY]
    return f"coalesce({', '.join(found)})" if found else EMPTY


def holds(access: Access, when: Mapping[str, str]) -> str:
    """Return SQL that is true where every path has its value, without regard to case."""
    tests = []
    for path, wanted in when.items():
        found = f"coalesce(lower({access.text(path)}), '')"
        if str(wanted).startswith("~"):
            tests.append(f"regexp_matches({found}, {quoted(str(wanted)[1:].lower())})")
        else:
            tests.append(f"{found} = {quoted(str(wanted).lower())}")
    return " AND ".join(tests) or "true"
