"""The report as a workbook: an inputs sheet that drives the result by live formulas, and every table behind it.

The calculator works at the mean of every input, where net is the mean of all joint draws; their medians, by which the
page tells the result, stand beside it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._display import heading, spoken
from segvspers.plots.style import variant_colour
from segvspers.report.blocks import Table
from segvspers.report.live import Live, live_sheets

if TYPE_CHECKING:
    import pandas as pd

    from segvspers.report.build import Report
    from segvspers.roi import RoiEstimate

FORMATS = {"percent": "0.00%", "signed_percent": "+0.0%;-0.0%", "points": "0.00%", "money": "#,##0.00", "count": "#,##0",
           "small": "0.000000", "plain": "0.00", "places": "#,##0.0000"}  # fmt: skip

LINE = 105  # characters that fit a line of the summary


def write_xlsx(report: Report, path: Path) -> None:
    """Write the workbook; the same report gives the same sheets."""
    from datetime import UTC, datetime

    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    )
    book.set_properties({"title": report.title, "created": datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    styles = {name: book.add_format({"num_format": code}) for name, code in FORMATS.items()}
    styles |= {
        "head": book.add_format({"bold": True, "bg_color": "#E6EEF5", "text_wrap": True, "valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 16}),
        "stamp": book.add_format({"bold": True, "font_color": "#B00020", "font_size": 14}),
        "input": book.add_format({"bg_color": "#FFF6DD", "border": 1}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "side": book.add_format({"bold": True, "valign": "top", "text_wrap": True}),
        "strong": book.add_format({"bold": True}),
    }
    _summary(book.add_worksheet("Summary"), report, styles)
    roi = report.found.roi
    if roi is not None:
        live = live_sheets(roi)
        _inputs(book, book.add_worksheet("Inputs"), live, report, styles)
        _result(book, book.add_worksheet("Result"), live, roi, report, styles)
    for part in report.parts:
        for number, table in enumerate(part.tables, start=1):
            name = part.title if number == 1 else f"{part.title} {number}"
            _table(book.add_worksheet(name[:31]), table, report, styles)
    for sheet in book.worksheets():
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
    book.close()


def _stamp(sheet: Any, report: Report, styles: dict[str, Any], row: int = 0) -> int:
    """Write the word that no reader of a simulated sheet may miss; return the next free row."""
    if not report.simulated:
        return row
    sheet.write_string(row, 0, "SIMULATED", styles["stamp"])
    sheet.set_header("&C&20SIMULATED")
    return row + 1


def _summary(sheet: Any, report: Report, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 100)
    row = _stamp(sheet, report, styles)
    sheet.write_string(row, 0, report.title, styles["title"])
    row += 1
    sheet.write_string(row, 0, f"{report.evidence_label} {report.evidence_note}")
    row += 2
    for part in report.parts:
        for place, sentence in enumerate(part.sentences or (part.missing,)):
            sheet.write_string(row, 0, part.title if place == 0 else "", styles["side"])
            sheet.write_string(row, 1, sentence, styles["wrap"])
            sheet.set_row(row, 15 * math.ceil(len(sentence) / LINE))
            row += 1


def _inputs(book: Any, sheet: Any, live: Live, report: Report, styles: dict[str, Any]) -> None:
    """Write one named cell an input, with what is known of it."""
    start = _stamp(sheet, report, styles)
    sheet.write_string(start, 0, "Change a yellow cell: the sheet Result follows.", styles["strong"])
    sheet.write_row(start + 1, 0, ["input", "value", "unit", "source", "grade", "name in formulas"], styles["head"])
    for column, width in enumerate((36, 16, 22, 70, 8, 26)):
        sheet.set_column(column, column, width)
    for place, one in enumerate(live.inputs, start=start + 2):
        sheet.write_string(place, 0, spoken(one.name))
        sheet.write_number(place, 1, one.value, styles["input"])
        for column, text in enumerate((one.unit, one.source, one.grade, one.name), start=2):
            sheet.write_string(place, column, text)
        book.define_name(one.name, f"=Inputs!$B${place + 1}")
    sheet.freeze_panes(start + 2, 1)


def _result(book: Any, sheet: Any, live: Live, roi: RoiEstimate, report: Report, styles: dict[str, Any]) -> None:
    """Write the live formulas with the values that they have now, beside the medians of all draws."""
    start = _stamp(sheet, report, styles)
    heads = ["", "result", "at the inputs (live)", "mean of all draws", "median of all draws", "name in formulas"]
    sheet.write_row(start, 0, heads, styles["head"])
    for column, width in enumerate((18, 40, 20, 20, 20, 26)):
        sheet.set_column(column, column, width)
    drawn = roi.quantities.set_index("quantity")
    rows = {}
    for place, line in enumerate(live.lines, start=start + 1):
        rows[line.name] = place
        sheet.write_string(place, 0, line.heading, styles["strong"])
        sheet.write_string(place, 1, line.text)
        sheet.write_formula(place, 2, line.formula, styles.get(line.wording), line.value)
        book.define_name(line.name, f"=Result!$C${place + 1}")
        for column, statistic in enumerate(("mean", "median"), start=3):
            told = float(drawn.loc[line.drawn, statistic]) if line.drawn in drawn.index else math.nan
            if math.isfinite(told):
                sheet.write_number(place, column, told, styles.get(line.wording))
        sheet.write_string(place, 5, line.name)
    sheet.freeze_panes(start + 1, 2)
    note = (
        "The page tells medians; these live cells stand at the means of the inputs, where net is the mean of the draws."
    )
    sheet.write_string(start + len(live.lines) + 2, 1, note)
    if live.items:
        _cost_chart(book, sheet, live, start, roi, report, styles)


def _cost_chart(
    book: Any, sheet: Any, live: Live, start: int, roi: RoiEstimate, report: Report, styles: dict[str, Any]
) -> None:
    """Write the cost of every item of both variants beside each other, and a chart that follows it."""
    values = {line.name: line.value for line in live.lines}
    sheet.write_row(start, 7, ["cost by item", roi.control, roi.treatment], styles["head"])
    sheet.set_column(6, 6, 3)
    sheet.set_column(7, 9, 16)
    for place, (item, *cells) in enumerate(live.items, start=start + 1):
        sheet.write_string(place, 7, item)
        for column, name in enumerate(cells, start=8):
            sheet.write_formula(place, column, f"={name or 0}", styles["money"], values.get(name, 0))
    last = start + len(live.items)
    chart = book.add_chart({"type": "bar"})
    for column, (variant, role) in enumerate(((roi.control, "control"), (roi.treatment, "treatment")), start=8):
        chart.add_series(
            {
                "name": ["Result", start, column],
                "categories": ["Result", start + 1, 7, last, 7],
                "values": ["Result", start + 1, column, last, column],
                "fill": {"color": variant_colour(variant, role=role)},
                "gap": 60,
            }
        )
    stamp = "SIMULATED: " if report.simulated else ""
    chart.set_title({"name": f"{stamp}Cost by item, {roi.currency}", "name_font": {"size": 12}, "overlay": False})
    chart.set_x_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 560, "height": 380})
    sheet.insert_chart(last + 2, 7, chart)


def _table(sheet: Any, table: Table, report: Report, styles: dict[str, Any]) -> None:
    row = _stamp(sheet, report, styles)
    sheet.write_string(row, 0, table.caption, styles["strong"])
    frame: pd.DataFrame = table.frame
    for column, name in enumerate(frame.columns):
        sheet.write_string(row + 1, column, heading(str(name)), styles["head"])
        longest = max([len(str(name)), *(len(str(value)) for value in frame[name].head(200))])
        sheet.set_column(column, column, min(60, max(10, longest + 2)))
    for place, record in enumerate(frame.itertuples(index=False, name=None), start=row + 2):
        for column, value in enumerate(record):
            _cell(
                sheet,
                place,
                column,
                value,
                styles.get(table.formats.get(frame.columns[column], "")) or _sized(value, styles),
            )
    sheet.freeze_panes(row + 2, 0)


def _sized(value: Any, styles: dict[str, Any]) -> Any:
    """Return the format of a number whose column has none: whole, or with as many places as tell it apart."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return styles["count" if float(value).is_integer() or abs(value) >= 1000 else "places"]


def _cell(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)):
        if value == value and abs(value) != float("inf"):  # noqa: PLR0124
            sheet.write_number(row, column, value, style)
    elif value is not None:
        sheet.write_string(row, column, str(value))
