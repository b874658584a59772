"""Put findings together as one report; every number in it was computed before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers import __version__
from segvspers._files import replacing, write_text
from segvspers.report import evidence_parts, money_parts
from segvspers.report.blocks import Part
from segvspers.report.found import Found, digest, sort_findings

if TYPE_CHECKING:
    import pandas as pd


STATUSES = {
    "adopt": "Adopt",
    "adopt for these groups": "Adopt for these groups",
    "test more": "Test more",
    "do not adopt": "Do not adopt",
    "": "No decision",
}


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Findings as one report; write it with the `to_` methods.

    Attributes
    ----------
    title, parts, evidence, evidence_label, evidence_note, status, status_label, headline, footer
        What the page shows, in order.
    """

    title: str
    parts: tuple[Part, ...]
    evidence: str
    evidence_label: str
    evidence_note: str
    decision: str
    headline: str
    footer: str
    found: Found

    @property
    def simulated(self) -> bool:
        """Tell whether the evidence is simulated, which every form stamps."""
        return self.evidence == "simulated"

    @property
    def status(self) -> str:
        """The decision as one word for a style sheet."""
        return {"do not adopt": "do_not", "adopt for these groups": "adopt_for_groups"}.get(
            self.decision, self.decision.replace(" ", "_")
        )

    @property
    def status_label(self) -> str:
        """The decision as a badge."""
        return STATUSES[self.decision]

    def to_html(self, path: str | Path) -> Path:
        """Write one self-contained page; return its path."""
        from segvspers.report.html import render_html

        return write_text(path, render_html(self))

    def to_xlsx(self, path: str | Path) -> Path:
        """Write a workbook whose inputs sheet drives the result by live formulas; return its path."""
        from segvspers.report.xlsx import write_xlsx

        with replacing(path) as draft:
            write_xlsx(self, draft)
        return Path(path)

    def to_pptx(self, path: str | Path) -> Path:
        """Write five slides with native charts, which needs the extra ``pptx``; return its path."""
        from segvspers.report.pptx import write_pptx

        with replacing(path) as draft:
            write_pptx(self, draft)
        return Path(path)

    def to_json(self, path: str | Path) -> Path:
        """Write every figure as JSON; return its path."""
        from segvspers.report.json_form import render_json

        return write_text(path, render_json(self))

    def to_markdown(self, path: str | Path) -> Path:
        """Write Markdown to paste into an email; return its path."""
        from segvspers.report.markdown import render_markdown

        return write_text(path, render_markdown(self))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a part: whether it is there, and its first sentence."""
        import pandas as pd

        rows = [
            {"part": one.title, "present": one.present, "says": (*one.sentences, one.missing)[0]} for one in self.parts
        ]
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Return the sentence that leadership reads first."""
        return self.headline

    def _repr_html_(self) -> str:
        from segvspers._display import html_finding

        return html_finding(self.title, self.headline, self.to_frame())


def build_report(*findings: Any, title: str | None = None, show_names: bool = False) -> Report:
    """Put findings together as one report.

    Parameters
    ----------
    findings
        What `explode_segments`, `fit_segments`, `write_emails`, `audit_emails`, `compare_*`, `check_health` and
        `estimate_roi` return, in any order; parts without an input say so.
    title
        Title of the page.
    show_names
        Leave the names in the emails shown; masked otherwise.

    Returns
    -------
    Report
        Write it with `to_html`, `to_xlsx`, `to_pptx`, `to_json` or `to_markdown`.

    Raises
    ------
    ArgumentError
        When something is no finding, is given twice, or the evidence of two findings differs.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> replies = sv.compare_reply_rates(outcomes, control="segment", cluster="company_id")
    >>> report = sv.build_report(replies, sv.estimate_roi(replies, rng=7))
    >>> report.evidence, len(report.parts)
    ('randomised', 17)
    """
    found = sort_findings(findings)
    kind = evidence_parts.evidence_kind(found)
    hashed = digest(found)
    parts = (
        money_parts.decision(found),
        money_parts.headline(found),
        evidence_parts.evidence(found),
        evidence_parts.reply_rates(found),
        money_parts.break_even(found),
        money_parts.cost_build_up(found),
        money_parts.funnel(found),
        money_parts.tornado(found),
        money_parts.scenarios(found),
        money_parts.segment_curve(found),
        evidence_parts.who_gains(found),
        evidence_parts.guardrails(found),
        money_parts.payback(found),
        evidence_parts.health(found),
        money_parts.assumptions(found),
        money_parts.next_test(found),
        evidence_parts.appendix(found, named=show_names, hashed=hashed, version=__version__),
    )
    roi, replies = found.roi, found.replies
    note = (
        f"{replies.n_control + replies.n_treatment:,} contacts, {replies.control} against {replies.treatment}{evidence_parts.dates(found)}."
        if replies is not None
        else evidence_parts.EXPLAINED[kind]
    )
    first = (
        roi.decision_sentence
        if roi is not None
        else replies.summary()
        if replies is not None
        else "Nothing was decided."
    )
    stamp = "SIMULATED. " if kind == "simulated" else ""
    return Report(
        title=title or "Individual against segment email",
        parts=parts,
        evidence=kind,
        evidence_label=evidence_parts.LABELS[kind],
        evidence_note=note,
        decision=roi.decision if roi is not None else "",
        headline=f"{stamp}{first}",
        footer=f"{stamp}Made by segvspers {__version__}; digest {hashed}. Figures are medians unless said otherwise.",
        found=found,
    )
