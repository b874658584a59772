"""What an export wrote, what it told otherwise than the tables, and what it left out."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from segvspers._display import count, html_finding, plural

MOST_FILES = 20


@dataclass(frozen=True, slots=True, eq=False)
class EmailExport:
    """An export of approved emails.

    Attributes
    ----------
    form, path
        The form, and the file or folder that it is in.
    files
        One row a file: `file, n_rows, n_bytes`.
    n_emails, n_contacts
        Emails that were written, and contacts who would get them.
    left_out
        `email_id, reason` of emails that stay: held, suppressed since, or of the variant that was not assigned.
    changes
        `email_id, field, change` of what a file tells otherwise than the tables given; no value is repeated.
    next_steps
        What to do with the files; nothing was sent.
    """

    form: str
    path: Path
    files: pd.DataFrame
    n_emails: int
    n_contacts: int
    left_out: pd.DataFrame
    changes: pd.DataFrame
    next_steps: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a file (a kind of file when they are many), a kind of change, a reason to stay: `what, detail, n`."""
        files = self.files[["file", "n_rows"]]
        if len(files) > MOST_FILES:
            kinds = files.groupby(files["file"].str.rsplit(".", n=1).str[-1], sort=True)["n_rows"].agg(["size", "sum"])
            files = pd.DataFrame(
                {"file": [plural(int(n), f".{kind} file") for kind, n in kinds["size"].items()], "n_rows": kinds["sum"]}
            )
        rows = [("written", str(name), int(n)) for name, n in zip(files["file"], files["n_rows"], strict=True)]
        changed = self.changes.groupby(["field", "change"], sort=True).size()
        rows += [("changed", f"{field}: {change}", int(n)) for (field, change), n in changed.items()]
        rows += [
            ("left out", str(reason), int(n)) for reason, n in self.left_out.groupby("reason", sort=True).size().items()
        ]
        return pd.DataFrame(rows, columns=["what", "detail", "n"])

    def summary(self) -> str:
        """Return what was written, changed and left out, in a few sentences."""
        went = f"{plural(self.n_emails, 'approved email')} to {plural(self.n_contacts, 'contact')} went into"
        told = [f"{went} {plural(len(self.files), 'file')} as {self.form}; nothing was sent."]
        if len(self.changes):
            other = (
                "" if self.form in {"jsonl", "eml"} else "; form='jsonl' and form='eml' need no such change in a text"
            )
            told.append(f"{plural(len(self.changes), 'cell differs', 'cells differ')} from the tables given{other}.")
        reasons = self.left_out.groupby("reason").size().sort_values(ascending=False, kind="stable")
        if len(reasons):
            told.append("Left out: " + ", ".join(f"{count(n)} ({reason})" for reason, n in reasons.items()) + ".")
        return " ".join(told)

    def _repr_html_(self) -> str:
        steps = "".join(f"<li>{escape(step, quote=False)}</li>" for step in self.next_steps)
        return f"{html_finding('Export of emails', self.summary(), self.to_frame(), n='count')}<ol>{steps}</ol>"
