"""Write approved emails to files, whole or not at all; all that is wrong is said at once, before anything is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from segvspers._checks import check_choice
from segvspers._files import replacing, replacing_folder, write_text
from segvspers.emails.campaign import Campaign
from segvspers.emails.export.approval import campaign_of
from segvspers.emails.export.forms import FORMS, Form
from segvspers.emails.export.outgoing import Outgoing, gather
from segvspers.emails.export.plan import Plan, Request, plan_export
from segvspers.emails.export.result import EmailExport
from segvspers.emails.templates import Template
from segvspers.errors import ArgumentError, raise_all

if TYPE_CHECKING:
    from segvspers.emails.run_store import RunStore

MANIFEST = "export.json"


def export_emails(
    emails: pd.DataFrame,
    path: str | Path,
    *,
    form: str,
    contacts: pd.DataFrame | None = None,
    campaign: Campaign | None = None,
    templates: Mapping[str, Template] | None = None,
    openers: bool = False,
    facts: pd.DataFrame | None = None,
    store: RunStore | None = None,
    overwrite: bool = False,
) -> EmailExport:
    """Write approved emails for the program that will send or show them; nothing is sent.

    Parameters
    ----------
    emails
        As `approve_emails` returns them; `step` (from 1) tells the emails of a sequence apart.
    path
        The file for csv, xlsx, jsonl and mbox; the folder for the others, made when missing.
    form
        csv, xlsx, jsonl, eml, mbox, sequencer, smartlead, hubspot, klaviyo or mailchimp.
    contacts
        The list as it is now, with `email`; needed by every form but jsonl. Who is suppressed or without consent
        by now is left out, and so are emails of another variant than its column `variant` says.
    campaign
        Sender, footer and fallbacks; the one noted with the emails when left out.
    templates
        As `write_templates` or `read_templates` gives them: emails of a segment leave as its template in the tokens
        of sequencer, hubspot, klaviyo or mailchimp, which must give exactly the texts approved. Mailchimp needs them.
    openers
        Mailchimp only: of an individual email its subject and first sentence travel, above the segment's template.
    facts, store
        For jsonl: what the cited facts say, and the requests that were bought.
    overwrite
        Replace the file, or the folder of an earlier export, that is there.

    Returns
    -------
    EmailExport
        Files, counts, what was changed and what was left out.

    Raises
    ------
    ArgumentError
        When the form, the path or a combination of options is not allowed.
    DataError
        With every problem at once: emails that are not approved as they stand, contacts without a usable address or
        with the address of another, several emails for one contact, and whatever the form can't hold.

    Examples
    --------
    See ``docs/export.md``.
    """
    check_choice("form", form, FORMS)
    chosen, target = FORMS[form], Path(path)
    _check_options(chosen, target, contacts, templates, openers=openers, overwrite=overwrite)
    asked = Request(emails, contacts, campaign_of(emails, campaign), chosen, templates, openers, facts, store)
    out = gather(emails, contacts, campaign=asked.campaign, by_contact=_by_contact(asked))
    plan = plan_export(out, asked) if len(out.rows) else Plan()
    raise_all("export", [*out.problems, *plan.problems])
    files = _write(plan, target, chosen, out)
    changes = pd.concat([out.changes, plan.changes], ignore_index=True)
    n_contacts = out.rows["contact_id"].nunique()
    return EmailExport(form, target, files, len(out.rows), n_contacts, out.left_out, changes, chosen.next_steps)


def _by_contact(asked: Request) -> bool | None:
    """Tell whether a contact is a row; nothing when a contact may even have emails of several variants."""
    if asked.form.layout == "records":
        return None
    return asked.templates is not None or asked.form.layout in {"sequence", "paragraphs", "merge"}


def _check_options(
    form: Form,
    path: Path,
    contacts: pd.DataFrame | None,
    templates: Mapping[str, Template] | None,
    *,
    openers: bool,
    overwrite: bool,
) -> None:
    problems = []
    if form.ending and path.suffix.lower() != form.ending:
        problems.append(f"form={form.name!r} is one file; end its name with {form.ending}")
    if not form.ending and path.suffix and not path.is_dir():
        problems.append(f"form={form.name!r} is a folder; give a name without an ending such as {path.suffix}")
    if contacts is None and form.layout != "records":
        problems.append("contacts= is missing: the list has the addresses, and says who may not be written to")
    if templates is not None and not form.tokens:
        with_tokens = ", ".join(one.name for one in FORMS.values() if one.tokens)
        problems.append(f"templates= is for {with_tokens}, not for {form.name}")
    if form.layout == "merge" and templates is None:
        problems.append(
            "Mailchimp cuts a text merge field at 255 bytes, so no body fits one; give templates=, as write_templates does"
        )
    if openers and form.name != "mailchimp":
        problems.append("openers= is for mailchimp alone; the other forms carry whole bodies")
    if path.exists() and not overwrite:
        problems.append(f"{path.name!r} is there already; choose another name, or overwrite=True")
    elif path.exists() and not _may_replace(path, form):
        problems.append(f"{path.name!r} is not what an earlier export left, so it is not replaced; choose another name")
    raise_all("export", problems, error=ArgumentError)


def _may_replace(path: Path, form: Form) -> bool:
    """Tell whether a path holds what an export left and nothing else."""
    if form.ending:
        return path.is_file()
    if not path.is_dir():
        return False
    there = {one.name for one in path.iterdir()}
    try:
        said = (
            {one["file"] for one in json.loads((path / MANIFEST).read_text(encoding="utf-8"))["files"]}
            if there
            else set()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return there <= {*said, MANIFEST}


def _write(plan: Plan, target: Path, form: Form, out: Outgoing) -> pd.DataFrame:
    """Write all files or none, and return them."""
    columns = ["file", "n_rows", "n_bytes"]
    if form.ending:
        write, n = plan.files[""]
        with replacing(target) as draft:
            write(draft)
        return pd.DataFrame([(target.name, n, target.stat().st_size)], columns=columns)
    with replacing_folder(target) as folder:
        for name, (write, _) in plan.files.items():
            write(folder / name)
        n_rows = {name: n for name, (_, n) in plan.files.items()}
        files = [
            (one.name, 1 if one.suffix == ".eml" else n_rows.get(one.name, n_rows.get("", 0)), one.stat().st_size)
            for one in sorted(folder.iterdir())
        ]
        manifest = {
            "form": form.name,
            "n_emails": len(out.rows),
            "n_contacts": int(out.rows["contact_id"].nunique()),
            "approved_by": sorted(set(out.rows["approved_by"])),
            "templates": plan.templates,
            "next_steps": list(form.next_steps),
            "files": [dict(zip(columns, one, strict=True)) | {"sha256": _sha(folder / one[0])} for one in files],
        }
        write_text(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return pd.DataFrame(files, columns=columns)


def _sha(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
