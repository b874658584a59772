"""The neutral reading of an event: the same columns from every vendor, made by one query for each format."""

from __future__ import annotations

import json
from collections.abc import Mapping

from segvspers.dialects import EventFormat, Spread, Value
from segvspers.dialects.access import EMPTY, Access, Documents, first_of, holds, quoted

TEXTS = (
    "event_id", "message_id", "message_key", "recipient", "time_text", "click_url", "user_agent", "machine", "contact_id",
    "person", "campaign_id", "topic", "product", "amount_usd", "text", "step",
)  # fmt: skip
TIME = "timestamp"


def neutral_query(
    format_: EventFormat, access: Access, source: str, *, keys: str = "file, row", full: bool = False
) -> str:
    """Return SQL of the neutral reading of the events in `source`.

    Parameters
    ----------
    format_
        The format that all rows of `source` have.
    access
        How its values are got at.
    source
        A table, or a query in brackets.
    keys
        Columns of `source` that are kept as they are.
    full
        Whether to add `tags`, `metadata` and `reject_reason`, which history does not need.

    Returns
    -------
    str
        A query with `keys`, `vendor, format, kind, reading, event_given, reply_class, unique_key` and the columns of
        `TEXTS`; all are text.
    """
    if format_.spread:
        parts = [_one(format_, access, source, keys, full, part) for part in format_.spread]
        return " UNION ALL BY NAME ".join([*parts, _nothing(format_, access, source, keys)])
    return _one(format_, access, source, keys, full, None)


def _one(
    format_: EventFormat,
    access: Access,
    source: str,
    keys: str,
    full: bool,
    part: Spread | None,
) -> str:
    kind = quoted(part.event) if part else _kind(format_, access)
    fields = {**format_.fields, **({TIME: tuple(map(Value, part.at))} if part else {})}
    columns = {
        "vendor": quoted(format_.vendor),
        "format": quoted(format_.name),
        "kind": kind,
        "reading": quoted(part.event) if part else _reading(format_, access, kind),
        "event_given": EMPTY if part else _chosen(format_, access, "event"),
        "reply_class": _class(format_, access),
    }
    for name in TEXTS:
        columns[name] = _field(access, fields.get(TIME if name == "time_text" else name, ()), kind)
    columns["recipient"] = _recipients(access, fields.get("recipient", ()))
    columns["unique_key"] = _unique(format_, access, fields)
    if full:
        columns |= _further(format_, access, fields)
    listed = ", ".join(f"{made} AS {name}" for name, made in columns.items())
    where = f" WHERE {_happened(access, part)}" if part else ""
    inner = access.select(source) if isinstance(access, Documents) else source
    return f"SELECT {keys}, {listed} FROM {inner}{where}"


def _kind(format_: EventFormat, access: Access) -> str:
    return quoted(format_.always) if format_.always else first_of(access, [Value(path) for path in format_.event])


def _reading(format_: EventFormat, access: Access, kind: str) -> str:
    if format_.always:
        return quoted(format_.always)
    cases = [
        f"WHEN {holds(access, rule.when)} THEN {quoted(rule.reading)}"
        for rule in format_.rules
        if rule.reading is not None
    ]
    cases += [f"WHEN lower({kind}) = {quoted(theirs)} THEN {quoted(ours)}" for theirs, ours in format_.readings.items()]
    return f"CASE {' '.join(cases)} END" if cases else EMPTY


def _chosen(format_: EventFormat, access: Access, what: str) -> str:
    rules = format_.reasons if what == "reason" else format_.rules
    cases = []
    for rule in rules:
        value = getattr(rule, what)
        cases.append(f"WHEN {holds(access, rule.when)} THEN {EMPTY if value is None else quoted(value)}")
    return f"CASE {' '.join(cases)} END" if cases else EMPTY


def _class(format_: EventFormat, access: Access) -> str:
    if not format_.class_from:
        return EMPTY
    said = f"lower({first_of(access, [Value(path) for path in format_.class_from])})"
    cases = " ".join(f"WHEN {quoted(theirs)} THEN {quoted(ours)}" for theirs, ours in format_.class_as.items())
    return f"CASE {said} {cases} END"


def _field(access: Access, values: tuple[Value, ...], kind: str) -> str:
    only = [value.only for value in values if value.only]
    made = first_of(access, values)
    return f"CASE WHEN {kind} = {quoted(only[0])} THEN {made} END" if only and made != EMPTY else made


def _recipients(access: Access, values: tuple[Value, ...]) -> str:
    several = [value for value in values if "[*]" in value.path]
    if not several or not isinstance(access, Documents):
        return first_of(access, values)
    lists = ", ".join(
        f"CASE WHEN len({access.texts(value.path)}) > 0 THEN {access.texts(value.path)} END" for value in several
    )
    return f"unnest(coalesce({lists}, [{EMPTY}]))"


def _unique(format_: EventFormat, access: Access, fields: Mapping[str, tuple[Value, ...]]) -> str:
    """Return SQL for what two tellings of one event have in common."""
    own = first_of(access, fields.get("unique_id", fields.get("event_id", ())))
    if not format_.unique:
        return own
    parts = ", ".join(f"coalesce({access.text(path)}, '')" for path in format_.unique)
    told = f"concat_ws(chr(31), {parts})"
    return told if own == EMPTY else f"coalesce({own}, {told})"


def _happened(access: Access, part: Spread) -> str:
    tests = [holds(access, part.when)] if part.when else []
    if part.flag:
        tests.append(f"lower({access.text(part.flag)}) IN ('true', 't', 'yes', 'y', '1')")
    if part.count:
        tests.append(f"coalesce(TRY_CAST({access.text(part.count)} AS DOUBLE), 0) > 0")
    if part.dated:
        tests.append(f"{first_of(access, [Value(path) for path in part.at])} IS NOT NULL")
    return " AND ".join(f"coalesce({test}, false)" for test in tests) or "true"


def _nothing(format_: EventFormat, access: Access, source: str, keys: str) -> str:
    happened = " OR ".join(f"({_happened(access, part)})" for part in format_.spread)
    inner = access.select(source) if isinstance(access, Documents) else source
    said = f"{quoted(format_.vendor)} AS vendor, {quoted(format_.name)} AS format, 'nothing happened' AS reading"
    return f"SELECT {keys}, {said} FROM {inner} WHERE NOT ({happened})"


def _further(format_: EventFormat, access: Access, fields: Mapping[str, tuple[Value, ...]]) -> dict[str, str]:
    tags = fields.get("tags", ())
    if tags and tags[0].json:
        text = access.text(tags[0].path)
        listed = f"CASE WHEN json_valid({text}) THEN json_extract_string({text}, '$[*]') END"
    else:
        listed = access.texts(tags[0].path) if tags else EMPTY
    return {
        "reject_reason": _chosen(format_, access, "reason"),
        "tags": f"coalesce(list_filter({listed}, lambda x: x <> ''), [])" if tags else "CAST([] AS VARCHAR[])",
        "metadata": _without(format_.rest) if format_.rest else first_of(access, fields.get("metadata", ())),
    }


def _without(keys: tuple[str, ...]) -> str:
    """Return SQL for a document without some of its keys."""
    gone = json.dumps(dict.fromkeys(keys))
    return f"CAST(json_merge_patch(doc, {quoted(gone)}) AS VARCHAR)"
