"""How the files of an export are written: one function a layout, and nothing is written yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segvspers.emails.campaign import Campaign
from segvspers.emails.export.by_contact import paragraph_problems, paragraph_table, sequence_table
from segvspers.emails.export.forms import Form
from segvspers.emails.export.limits import limit_problems
from segvspers.emails.export.messages import write_folder, write_mailbox
from segvspers.emails.export.outgoing import Outgoing, counted, no_changes
from segvspers.emails.export.records import write_leads, write_records
from segvspers.emails.export.tables import formulas_in, long_table, with_apostrophes, write_csv, write_xlsx
from segvspers.emails.export.vendor_templates import OPENER, paragraph_templates, with_templates
from segvspers.emails.templates import Template

if TYPE_CHECKING:
    from segvspers.emails.run_store import RunStore

Write = Callable[[Path], None]


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What was asked for."""

    emails: pd.DataFrame
    contacts: pd.DataFrame | None
    campaign: Campaign
    form: Form
    templates: Mapping[str, Template] | None = None
    openers: bool = False
    facts: pd.DataFrame | None = None
    store: RunStore | None = None


@dataclass(slots=True)
class Plan:
    """How each file is written and how many rows it has; a form of one file has no name for it."""

    files: dict[str, tuple[Write, int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    changes: pd.DataFrame = field(default_factory=no_changes)
    templates: list[dict[str, str]] = field(default_factory=list)


def plan_export(out: Outgoing, asked: Request) -> Plan:
    """Return how the files are written, and what can't be."""
    return LAYOUTS["merge" if asked.templates is not None else asked.form.layout](out.rows, out, asked)


def _records(rows: pd.DataFrame, _: Outgoing, asked: Request) -> Plan:
    return Plan({"": (lambda path: write_records(rows, path, facts=asked.facts, store=asked.store), len(rows))})


def _messages(rows: pd.DataFrame, _: Outgoing, asked: Request) -> Plan:
    write = write_mailbox if asked.form.ending else write_folder
    problems = limit_problems(asked.form, _texts(rows))
    return Plan({"": (lambda path: write(rows, path, asked.campaign), len(rows))}, problems)


def _rows(rows: pd.DataFrame, _: Outgoing, asked: Request) -> Plan:
    plan = Plan()
    table = _checked(long_table(rows, dict(asked.form.columns)), rows["email_id"], asked.form, _texts(rows), plan)
    write: Write = (
        (lambda path: write_csv(table, path, bom=True))
        if asked.form.name == "csv"
        else (lambda path: write_xlsx(table, path))
    )
    plan.files[""] = (write, len(table))
    if asked.form.rows_a_file is not None and len(table) > asked.form.rows_a_file:
        plan.problems.append(
            f"{len(table):,} emails are more than the {asked.form.rows_a_file:,} rows of a sheet; choose form='csv'"
        )
    return plan


def _sequence(rows: pd.DataFrame, _: Outgoing, asked: Request) -> Plan:
    plan = Plan()
    table = _checked(sequence_table(rows, dict(asked.form.columns)), _first_ids(rows), asked.form, _texts(rows), plan)
    plan.files = _pieces(table, asked.form)
    return plan


def _paragraphs(rows: pd.DataFrame, _: Outgoing, asked: Request) -> Plan:
    form, plan = asked.form, Plan(problems=paragraph_problems(rows, asked.campaign, asked.form.vendor))
    table = paragraph_table(rows, dict(form.columns), asked.campaign)
    table.index = pd.Index(_first_ids(rows))
    bodies = _cells(table[[name for name in table.columns if name.startswith("body_")]])
    table = _checked(table, _first_ids(rows), form, {**_texts(rows), "paragraph": bodies}, plan)
    plan.files = _pieces(table, form) | _text_files(paragraph_templates(table, asked.campaign, form.tokens))
    return plan


def _merge(rows: pd.DataFrame, out: Outgoing, asked: Request) -> Plan:
    found = with_templates(
        out, asked.emails, asked.contacts, templates=asked.templates or {}, campaign=asked.campaign, form=asked.form,
        openers=asked.openers,
    )  # fmt: skip
    plan = Plan(problems=found.problems, templates=found.listed)
    openers = pd.Series(found.table.get(OPENER, pd.Series(dtype=object)).to_numpy(), dtype=object)
    if asked.openers:
        openers.index = pd.Index(rows["email_id"])
    table = _checked(found.table, rows["email_id"], asked.form, {**_texts(rows), "opener": openers}, plan)
    plan.files = _pieces(table, asked.form) | _text_files(found.files)
    return plan


LAYOUTS: dict[str, Callable[[pd.DataFrame, Outgoing, Request], Plan]] = {
    "records": _records, "messages": _messages, "rows": _rows, "sequence": _sequence, "paragraphs": _paragraphs, "merge": _merge,
}  # fmt: skip


def _texts(rows: pd.DataFrame) -> dict[str, pd.Series]:
    ids = pd.Index(rows["email_id"])
    return {
        part: pd.Series(rows[name].to_numpy(), index=ids)
        for part, name in (("subject", "subject"), ("body", "body_text"))
    }


def _first_ids(rows: pd.DataFrame) -> pd.Series:
    """Return an id for each contact, in the order of the table."""
    return rows.sort_values("step", kind="stable").drop_duplicates("contact_id").set_index("contact_id")["email_id"].loc[
        rows["contact_id"].drop_duplicates()
    ]  # fmt: skip


def _cells(table: pd.DataFrame) -> pd.Series:
    """Return all cells of a table one below the other, each with the id of its row."""
    return pd.Series(table.to_numpy(dtype=object).ravel(), index=np.repeat(table.index.to_numpy(), len(table.columns)))


def _checked(table: pd.DataFrame, ids: pd.Series, form: Form, parts: dict[str, pd.Series], plan: Plan) -> pd.DataFrame:
    """Return a table in which no spreadsheet finds a formula; what is wrong with it is added to the plan.

    An apostrophe in front of a cell is for eyes only: what is imported elsewhere is refused instead.
    """
    table.index = pd.Index(ids.to_numpy())
    named = parts | {"cell": _cells(table.drop(columns=[OPENER], errors="ignore")), "row": table.sum(axis=1)}
    plan.problems += limit_problems(form, named)
    if form.name in {"xlsx", "smartlead"}:
        return table
    if form.name == "csv":
        plan.changes = with_apostrophes(table)
        return table
    for name, hits in formulas_in(table).items():
        plan.problems += counted(table.index[hits], f"email has {name}", f"emails have {name}",
                                 "that a spreadsheet would take for a formula, and an apostrophe in front would be sent; reword them, "
                                 "or choose form='smartlead', 'eml' or 'jsonl'")  # fmt: skip
    return table


def _pieces(table: pd.DataFrame, form: Form) -> dict[str, tuple[Write, int]]:
    """Return the files of a table, cut where the form holds no more rows or bytes."""
    places = np.arange(len(table)) // (form.rows_a_file or max(len(table), 1))
    if form.bytes_a_file is not None:
        sizes = table.map(lambda text: len(text.encode("utf-8", "surrogatepass")) + text.count('"') + 3).sum(axis=1)
        room = form.bytes_a_file - 100 * (len(table.columns) + 1)
        places = np.maximum(places, (sizes.cumsum() - 1).to_numpy() // room)
    pieces = [piece for _, piece in table.groupby(places, sort=True)]
    stem, kind = ("leads", "json") if form.name == "smartlead" else ("contacts", "csv")
    names = [
        f"{stem}-{place:03d}.{kind}" if len(pieces) > 1 else f"{stem}.{kind}" for place in range(1, len(pieces) + 1)
    ]
    return {name: (_piece_writer(piece, kind), len(piece)) for name, piece in zip(names, pieces, strict=True)}


def _piece_writer(piece: pd.DataFrame, kind: str) -> Write:
    return lambda path: write_leads(piece, path) if kind == "json" else write_csv(piece, path, bom=False)


def _text_files(texts: Mapping[str, str]) -> dict[str, tuple[Write, int]]:
    return {name: (partial(_write_words, text), 1) for name, text in texts.items()}


def _write_words(text: str, path: Path) -> None:
    path.write_bytes(text.encode("utf-8"))
