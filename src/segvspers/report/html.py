"""The report as one self-contained HTML page: no script, no address to load from, print rules included."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from segvspers._display import html_table
from segvspers.report.blocks import Picture, Table
from segvspers.report.pictures import as_svg

if TYPE_CHECKING:
    from jinja2 import Template

    from segvspers.report.build import Report


def render_html(report: Report) -> str:
    """Return the page; the same report gives the same bytes."""
    from markupsafe import Markup

    stamp = "SIMULATED" if report.simulated else ""

    def drawn(picture: Picture, key: str, number: int) -> Markup:
        return Markup(as_svg(picture, stamp=stamp, identity=f"{key}-{number}"))  # noqa: S704  our own drawing

    def tabled(table: Table) -> Markup:
        markup = html_table(table.frame, caption=table.caption, formats=table.formats)
        return Markup(_with_strong_rows(markup, table.strong_rows))  # noqa: S704  every cell is escaped

    style = Markup(_shipped("page.css"))  # noqa: S704  our own style sheet
    return _template().render(report=report, style=style, drawn=drawn, tabled=tabled)


def _with_strong_rows(markup: str, rows: tuple[int, ...]) -> str:
    head, *bodies = markup.split("<tr>")
    starts = ['<tr class="strong">' if number - 1 in rows else "<tr>" for number in range(len(bodies))]
    return head + "".join(start + body for start, body in zip(starts, bodies, strict=True))


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_shipped("page.html.j2"))


def _shipped(name: str) -> str:
    return files("segvspers.report").joinpath(name).read_text(encoding="utf-8")
