"""The report as JSON: every figure of the page, raw, under a schema that is published beside it."""

from __future__ import annotations

import dataclasses
import json
import math
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from segvspers.report.blocks import Part, Table

if TYPE_CHECKING:
    from segvspers.report.build import Report

SCHEMA_VERSION = 1


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that every report follows."""
    return json.loads(files("segvspers.report").joinpath("schema.json").read_text(encoding="utf-8"))


def as_payload(report: Report) -> dict[str, Any]:
    """Return the report as plain values; a figure that can't be estimated is null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "title": report.title,
        "evidence": report.evidence,
        "evidence_note": report.evidence_note,
        "simulated": report.simulated,
        "status": report.status,
        "headline": report.headline,
        "numbers": _numbers(report),
        "parts": [_part(part) for part in report.parts],
        "footer": report.footer,
    }


def render_json(report: Report) -> str:
    """Return the payload as text with plain NaN-free numbers."""
    return json.dumps(as_payload(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _numbers(report: Report) -> dict[str, dict[str, Any]]:
    """Return every scalar of every finding, by finding and name: what sentences and tiles are worded from."""
    found = report.found
    findings = {
        name: getattr(found, name)
        for name in (
            "explosion",
            "replies",
            "revenue",
            "groups",
            "over_time",
            "monitoring",
            "historical",
            "audit",
            "health",
            "roi",
        )
    }
    findings |= {f"guardrail {one.outcome}": one for one in found.guardrails}
    return {name: _scalars(one) for name, one in findings.items() if one is not None}


def _scalars(finding: Any) -> dict[str, Any]:
    values = {item.name: getattr(finding, item.name) for item in dataclasses.fields(finding)}
    return {name: _plain(value) for name, value in values.items() if isinstance(_raw(value), (bool, int, float))}


def _raw(value: object) -> object:
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value


def _part(part: Part) -> dict[str, Any]:
    return {
        "key": part.key,
        "title": part.title,
        "present": part.present,
        "missing": part.missing,
        "sentences": list(part.sentences),
        "figures": [
            {"label": tile.label, "value": _plain(tile.value), "text": tile.text, "note": tile.note}
            for tile in part.tiles
        ],
        "tables": [_table(table) for table in part.tables],
        "pictures": [picture.alt for picture in part.pictures],
        "pairs": [
            [{"variant": letter.variant, "subject": letter.subject, "body": letter.body} for letter in pair]
            for pair in part.pairs
        ],
    }


def _table(table: Table) -> dict[str, Any]:
    rows = [[_plain(value) for value in record] for record in table.frame.itertuples(index=False, name=None)]
    return {"caption": table.caption, "columns": [str(name) for name in table.frame.columns], "rows": rows}


def _plain(value: object) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
