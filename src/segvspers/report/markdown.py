"""The report as Markdown to paste into an email: sentences, figures and tables, no pictures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from segvspers import _display
from segvspers.report.blocks import Part, Table

if TYPE_CHECKING:
    from segvspers.report.build import Report

LONG_PARTS = ("appendix",)
WORDINGS: dict[str, Callable[[float], str]] = {
    "percent": _display.percent,
    "signed_percent": _display.signed_percent,
    "points": _display.points,
    "money": _display.money,
    "count": _display.count,
}


def render_markdown(report: Report) -> str:
    """Return the report without its appendix; a simulated one says so in its title."""
    title = f"# {'SIMULATED: ' if report.simulated else ''}{report.title}"
    badge = f"**{report.evidence_label}** {report.evidence_note}"
    parts = [_part(part) for part in report.parts if part.present and part.key not in LONG_PARTS]
    return "\n\n".join([title, badge, *parts, f"_{report.footer}_"]) + "\n"


def _part(part: Part) -> str:
    lines = [f"## {part.title}", *part.sentences]
    if part.tiles:
        figures = [f"- {tile.label}: **{tile.text}** {tile.note}".rstrip() for tile in part.tiles]
        lines.append("\n".join(figures))
    lines += [_table(table) for table in part.tables]
    return "\n\n".join(lines)


def _table(table: Table) -> str:
    columns = list(table.frame.columns)
    head = "| " + " | ".join(_safe(_display.heading(str(column))) for column in columns) + " |"
    rule = "|" + "---|" * len(columns)
    rows = []
    for number, record in enumerate(table.frame.itertuples(index=False, name=None)):
        named = zip(columns, record, strict=True)
        cells = [_cell(value, table.formats.get(column)) for column, value in named]
        strong = number in table.strong_rows
        rows.append("| " + " | ".join(f"**{cell}**" if strong and cell else cell for cell in cells) + " |")
    return "\n".join([f"_{table.caption}_", "", head, rule, *rows])


def _cell(value: object, wording: str | None) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if wording:
            return WORDINGS[wording](value)
        return "" if math.isnan(value) else f"{value:,.4g}"
    return "" if value is None else _safe(str(value))


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
