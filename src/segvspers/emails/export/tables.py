"""Tables as CSV and XLSX that every reader takes as the text they are."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from segvspers.emails.export.unsafe import FORMULA
from segvspers.emails.unseen import UNSEEN

APOSTROPHE = "an apostrophe stands in front: a spreadsheet would take it for a formula"


def long_table(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Return an email a row: the contact, the campaign, subject and body."""
    told = {
        **columns,
        "step": "step",
        "email_id": "email_id",
        "subject": "subject",
        "body_text": "body_text",
        "body_html": "body_html",
    }
    return plain_text(rows[list(told)].rename(columns=told))


def plain_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of texts: what can't be seen is left out, and a line ends in one way."""
    found = table.astype(object).where(table.notna(), "").astype(str)
    for name in found.columns:
        cells = found[name].astype(object)
        strange = cells.map(lambda text: bool(UNSEEN.search(text))).to_numpy()
        if strange.any():
            found[name] = np.where(strange, [UNSEEN.sub("", text.replace("\r\n", "\n")) for text in cells], cells)
    return found


def formulas_in(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return for each column with cells that a spreadsheet could carry out which ones they are."""
    found = {name: table[name].map(lambda text: bool(FORMULA.match(text))).to_numpy() for name in table.columns}
    return {name: hits for name, hits in found.items() if hits.any()}


def with_apostrophes(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before cells that a spreadsheet could carry out, and return `email_id, field, change` of them.

    The ids are those in the index.
    """
    changes = [pd.DataFrame({"email_id": [], "field": [], "change": []}, dtype=object)]
    for name, hits in formulas_in(table).items():
        table[name] = np.where(hits, "'" + table[name].astype(object), table[name].astype(object))
        changes.append(pd.DataFrame({"email_id": table.index[hits], "field": name, "change": APOSTROPHE}))
    return pd.concat(changes, ignore_index=True)


def write_csv(table: pd.DataFrame, path: Path, *, bom: bool) -> None:
    """Write a table of texts, every cell quoted; with the mark by which Excel knows UTF-8 when asked for."""
    encoding = "utf-8-sig" if bom else "utf-8"
    table.to_csv(path, index=False, quoting=csv.QUOTE_ALL, encoding=encoding, lineterminator="\r\n")


def write_xlsx(table: pd.DataFrame, path: Path) -> None:
    """Write a table of texts as one sheet; nothing in it is a formula, a link or a number."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("emails")
    head = book.add_format({"bold": True})
    quoted = book.add_format({"quote_prefix": True})
    live = formulas_in(table)
    for place, name in enumerate(table.columns):
        sheet.set_column(place, place, 60 if name.startswith("body") else 22)
        sheet.write_string(0, place, name, head)
    marks = [live.get(name) for name in table.columns]
    for number, cells in enumerate(table.itertuples(index=False, name=None)):
        for place, text in enumerate(cells):
            hits = marks[place]
            sheet.write_string(number + 1, place, text, quoted if hits is not None and hits[number] else None)
    sheet.freeze_panes(1, 0)
    book.close()
