"""The worst emails as a reader sees them, with the words in question marked; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from segvspers._display import plural

if TYPE_CHECKING:
    from collections.abc import Hashable

STYLE = {
    "fail": "background:#F8D0CB;border-bottom:2px solid #B3261E;color:#222",
    "warn": "background:#FFF0C2;border-bottom:2px dashed #8A6100;color:#222",
}
_BOX = "border:1px solid #D9D9D9;border-radius:6px;margin:8px 0;padding:8px 12px;max-width:760px;text-align:left"
_TEXT = "white-space:pre-wrap;font-family:Georgia,serif;font-size:14px;line-height:1.45;margin:6px 0"
MOST_FINDINGS = 12  # told below one email


@dataclass(frozen=True, slots=True, eq=False)
class WorstEmails:
    """Some emails, the worst first, and their findings.

    Attributes
    ----------
    emails
        One row an email: `email_id, variant, n_failures, n_warnings, checks, subject, body_text`.
    findings
        Their findings, in the order of their places.
    """

    emails: pd.DataFrame
    findings: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row an email."""
        return self.emails.copy()

    def _repr_html_(self) -> str:
        by_email: dict[Hashable, list[Any]] = {}
        for row in self.findings.itertuples(index=False):
            by_email.setdefault(row.email_id, []).append(row)
        shown = [
            _email(row, by_email.get(row.email_id, []), opened=place == 0)
            for place, row in enumerate(self.emails.itertuples(index=False))
        ]
        title = f"<p><strong>{_title(len(self.emails))}</strong></p>"
        return f"<div>{title}{''.join(shown)}</div>"


def worst_of(findings: pd.DataFrame, texts: pd.DataFrame, n: int) -> WorstEmails:
    """Return the emails with the most failures, then the most warnings, then by id."""
    counted = findings.assign(n_failures=findings["severity"].eq("fail"), n_warnings=findings["severity"].eq("warn"))
    sums = counted.groupby("email_id", sort=True)[["n_failures", "n_warnings"]].sum()
    checks = findings.groupby("email_id")["check"].agg(lambda told: ", ".join(dict.fromkeys(told)))
    order = sums.assign(checks=checks).sort_values(["n_failures", "n_warnings"], ascending=False, kind="stable").head(n)
    emails = order.reset_index().merge(texts, on="email_id", how="left") if len(order) else _none()
    columns = ["email_id", "variant", "n_failures", "n_warnings", "checks", "subject", "body_text"]
    kept = findings[findings["email_id"].isin(emails["email_id"])]
    return WorstEmails(emails[columns], kept.sort_values(["email_id", "part", "start"], ignore_index=True))


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=["email_id", "variant", "n_failures", "n_warnings", "checks", "subject", "body_text"])


def _title(n: int) -> str:
    if not n:
        return "No email has a finding."
    return "The email with the most findings" if n == 1 else f"The {n} emails with the most findings"


def _email(row: Any, findings: Sequence[Any], *, opened: bool) -> str:
    numbered = list(enumerate(findings, start=1))
    subject = _marked(str(row.subject), [pair for pair in numbered if pair[1].part == "subject"])
    body = _marked(str(row.body_text), [pair for pair in numbered if pair[1].part == "body"])
    told = "".join(_line(number, one) for number, one in numbered[:MOST_FINDINGS])
    more = len(numbered) - MOST_FINDINGS
    rest = f"<p>and {plural(more, 'more finding')}</p>" if more > 0 else ""
    counts = f"{plural(int(row.n_failures), 'failure')}, {plural(int(row.n_warnings), 'warning')}"
    head = f"<summary><strong>{escape(str(row.email_id))}</strong> ({escape(str(row.variant))}): {counts}</summary>"
    return (
        f'<details style="{_BOX}"{" open" if opened else ""}>{head}<div style="{_TEXT}"><strong>{subject}</strong></div>'
        f'<div style="{_TEXT}">{body}</div><ol style="margin:4px 0;padding-left:24px;font-size:13px">{told}</ol>{rest}</details>'
    )


def _line(number: int, one: Any) -> str:
    span = f": “{escape(str(one.span))}”" if one.span else ""
    where = " in a noted sentence that the body does not hold" if one.part == "sentences" else ""
    mark = "must be mended" if one.severity == "fail" else "to be looked at"
    return f'<li value="{number}">{escape(str(one.check))}{span}{where} ({mark})</li>'


def _marked(text: str, numbered: Iterable[tuple[int, Any]]) -> str:
    """Return a text escaped, with a numbered mark around the words of each finding; marks that overlap are one."""
    parts, end = [], 0
    for low, high, severity, numbers in _together(numbered):
        note = f'<sup style="font-size:10px"> {",".join(map(str, numbers))}</sup>'
        parts += [escape(text[end:low]), f'<mark style="{STYLE[severity]}">{escape(text[low:high])}{note}</mark>']
        end = high
    return "".join([*parts, escape(text[end:])])


def _together(numbered: Iterable[tuple[int, Any]]) -> list[tuple[int, int, str, list[int]]]:
    spans: list[tuple[int, int, str, list[int]]] = []
    for number, one in sorted(numbered, key=lambda pair: (pair[1].start, pair[1].end)):
        if one.end <= one.start:
            continue
        if spans and one.start < spans[-1][1]:
            low, high, severity, numbers = spans[-1]
            spans[-1] = (
                low,
                max(high, one.end),
                "fail" if "fail" in {severity, one.severity} else "warn",
                [*numbers, number],
            )
        else:
            spans.append((int(one.start), int(one.end), str(one.severity), [number]))
    return spans
