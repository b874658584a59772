"""The report as a workbook: an inputs sheet that drives the result by live formulas, and every table behind it.

The calculator works at the median of every input; beside it stand the medians of all joint draws, which are not the
same thing and are named so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers.report.blocks import Table
from segvspers.roi.model import reply_model

if TYPE_CHECKING:
    import pandas as pd

    from segvspers.report.build import Report
    from segvspers.roi import RoiEstimate

# Name, formula over named cells, amount of `reply_model` that it must equal, format.
CALCULATED = (
    ("rate_treatment", "=MIN(rate_control*relative_rate,1)", "rate_treatment", "percent"),
    ("value_per_reply", "=positive_share*meeting_share*win_share*value_usd*margin", "per_reply", "money"),
    ("benefit_control", "=n_contacts*rate_control*value_per_reply", "benefit_control", "money"),
    ("benefit_treatment", "=n_contacts*rate_treatment*MIN(relative_positive_share,1/positive_share)*value_per_reply", "benefit_treatment", "money"),
    ("template_cost", "=n_segments*n_steps*template_hours*writer_rate_usd", None, "money"),
    ("reply_cost", "=reply_minutes/60*seller_rate_usd", None, "money"),
    ("cost_control", "=template_cost+platform_segment_usd+n_contacts*rate_control*reply_cost+n_contacts*unsubscribe_rate*subscriber_value_usd", "cost_control", "money"),
    ("token_cost_per_email", "=(1+retry_share)*(tokens_in*price_in_usd+tokens_cached*price_cached_usd+tokens_out*price_out_usd)/1000000", None, "small"),
    ("review_cost_per_email", "=review_share*review_minutes/60*writer_rate_usd", None, "small"),
    ("cost_treatment", "=n_contacts*n_steps*(token_cost_per_email+review_cost_per_email)+prompt_hours*writer_rate_usd+n_contacts*data_usd"
     "+platform_individual_usd+setup_usd+n_contacts*rate_treatment*reply_cost+n_contacts*MIN(unsubscribe_rate*relative_unsubscribe,1)*subscriber_value_usd",
     "cost_treatment", "money"),
    ("benefit", "=benefit_treatment-benefit_control", "benefit", "money"),
    ("cost_difference", "=cost_treatment-cost_control", "cost_difference", "money"),
    ("net", "=benefit-cost_difference", "net", "money"),
    ("crossing_segments", "=n_contacts*(token_cost_per_email+review_cost_per_email+data_usd/n_steps)/(template_hours*writer_rate_usd)", "crossing_segments", "plain"),
)  # fmt: skip
FORMATS = {"percent": "0.00%", "signed_percent": "+0.0%;-0.0%", "points": "0.00%", "money": "#,##0.00", "count": "#,##0",
           "small": "0.000000", "plain": "0.00"}  # fmt: skip


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
        "strong": book.add_format({"bold": True}),
    }
    _summary(book.add_worksheet("Summary"), report, styles)
    roi = report.found.roi
    if roi is not None and not roi.value_path and not roi.assumptions.empty:
        rows = _inputs(book, book.add_worksheet("Inputs"), roi, report, styles)
        _result(book, book.add_worksheet("Result"), roi, rows, report, styles)
    for part in report.parts:
        for number, table in enumerate(part.tables, start=1):
            name = part.title if number == 1 else f"{part.title} {number}"
            _table(book.add_worksheet(name[:31]), table, report, styles)
    book.close()


def _stamp(sheet: Any, report: Report, styles: dict[str, Any], row: int = 0) -> int:
    """Write the word that no reader of a simulated sheet may miss; return the next free row."""
    if not report.simulated:
        return row
    sheet.write_string(row, 0, "SIMULATED", styles["stamp"])
    sheet.set_header("&C&20SIMULATED")
    return row + 1


def _summary(sheet: Any, report: Report, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    row = _stamp(sheet, report, styles)
    sheet.write_string(row, 0, report.title, styles["title"])
    row += 1
    sheet.write_string(row, 0, f"{report.evidence_label} {report.evidence_note}")
    row += 2
    for part in report.parts:
        for place, sentence in enumerate(part.sentences or (part.missing,)):
            sheet.write_string(row, 0, part.title if place == 0 else "", styles["strong"])
            sheet.write_string(row, 1, sentence, styles["wrap"])
            row += 1


def _inputs(book: Any, sheet: Any, roi: RoiEstimate, report: Report, styles: dict[str, Any]) -> dict[str, float]:
    """Write one named cell an input; return the values."""
    start = _stamp(sheet, report, styles)
    medians = roi.quantities.set_index("quantity")["median"]
    values = {"n_contacts": float(roi.n_contacts), "rate_control": float(medians["rate_control"]),
              "relative_rate": 1 + float(medians["relative_lift"])}  # fmt: skip
    notes = {"n_contacts": ("contacts", "roll-out", ""), "rate_control": ("share", "median of the draws", ""),
             "relative_rate": ("ratio", "median of the draws: treatment over control", "")}  # fmt: skip
    for row in roi.assumptions.itertuples():
        if row.parameter != "log_relative_effect":
            values[row.parameter] = float(row.median)
            notes[row.parameter] = (row.unit, row.source, row.grade if isinstance(row.grade, str) else "")
    sheet.write_row(start, 0, ["input", "value (change me)", "unit", "source", "grade"], styles["head"])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 24)
    sheet.set_column(3, 3, 70)
    for place, (name, value) in enumerate(values.items(), start=start + 1):
        sheet.write_string(place, 0, name)
        sheet.write_number(place, 1, value, styles["input"])
        for column, text in enumerate(notes[name], start=2):
            sheet.write_string(place, column, str(text))
        book.define_name(name, f"=Inputs!$B${place + 1}")
    sheet.freeze_panes(start + 1, 1)
    return values


def _result(
    book: Any, sheet: Any, roi: RoiEstimate, values: dict[str, float], report: Report, styles: dict[str, Any]
) -> None:
    """Write the live formulas with the values that they have now, beside the medians of all draws."""
    from segvspers.roi import Funnel

    start = _stamp(sheet, report, styles)
    funnel = Funnel()
    now = reply_model(int(values["n_contacts"]), funnel)(values)
    own: dict[str, float] = {}
    medians = roi.quantities.set_index("quantity")["median"].to_dict()
    sheet.write_row(start, 0, ["result", "at the inputs' medians (live)", "median of all draws"], styles["head"])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 2, 26)
    skipped = "retention" in values or "email_cost_usd" in values
    for place, (name, formula, amount, wording) in enumerate(CALCULATED, start=start + 1):
        own[name] = float(now[amount]) if amount else _side(name, values)
        sheet.write_string(place, 0, name)
        if skipped:
            sheet.write_number(place, 1, own[name], styles[wording])
        else:
            sheet.write_formula(place, 1, formula, styles[wording], own[name])
        book.define_name(name, f"=Result!$B${place + 1}")
        drawn = medians.get({"value_per_reply": "per_reply"}.get(name, name))
        if drawn is not None and drawn == drawn:  # noqa: PLR0124
            sheet.write_number(place, 2, float(drawn), styles[wording])


def _side(name: str, x: dict[str, float]) -> float:
    """Return a step of the calculation that the model keeps to itself."""
    tokens = x.get("tokens_in", 0) * x.get("price_in_usd", 0) + x.get("tokens_cached", 0) * x.get("price_cached_usd", 0)
    tokens += x.get("tokens_out", 0) * x.get("price_out_usd", 0)
    return {
        "template_cost": x["n_segments"] * x["n_steps"] * x["template_hours"] * x["writer_rate_usd"],
        "reply_cost": x["reply_minutes"] / 60 * x["seller_rate_usd"],
        "token_cost_per_email": (1 + x.get("retry_share", 0)) * tokens / 1e6,
        "review_cost_per_email": x["review_share"] * x["review_minutes"] / 60 * x["writer_rate_usd"],
    }[name]


def _table(sheet: Any, table: Table, report: Report, styles: dict[str, Any]) -> None:
    row = _stamp(sheet, report, styles)
    sheet.write_string(row, 0, table.caption, styles["strong"])
    frame: pd.DataFrame = table.frame
    for column, name in enumerate(frame.columns):
        sheet.write_string(row + 1, column, str(name).replace("_", " "), styles["head"])
        longest = max([len(str(name)), *(len(str(value)) for value in frame[name].head(200))])
        sheet.set_column(column, column, min(60, max(10, longest + 2)))
    for place, record in enumerate(frame.itertuples(index=False, name=None), start=row + 2):
        for column, value in enumerate(record):
            _cell(sheet, place, column, value, styles.get(table.formats.get(frame.columns[column], "")))
    sheet.freeze_panes(row + 2, 0)


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
