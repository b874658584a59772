"""The whole path in one call: from an analyst's files to the emails, both analyses and the ROI report."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._files import replacing
from segvspers.contacts import read_contacts
from segvspers.emails import Writer, audit_emails, read_campaign, write_emails
from segvspers.emails.export.tables import with_apostrophes
from segvspers.errors import DataError, MissingFileError, NotEstimableError, raise_all
from segvspers.experiment import (
    World,
    assign_variants,
    check_health,
    compare_by_segment,
    compare_over_time,
    compare_reply_rates,
    compare_revenue,
    read_outcomes,
    simulate_outcomes,
)
from segvspers.explosion import explode_segments
from segvspers.facts import derive_facts
from segvspers.history import read_history
from segvspers.report import build_report
from segvspers.roi import Costs, Funnel, estimate_roi
from segvspers.segments import fit_segments

if TYPE_CHECKING:
    import pandas as pd

GROUPED_BY = ("purchase_status", "segment_id", "engagement_level")
SPLIT_BY = ["industry", "company_size", "engagement_level", "purchase_status"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Files of one run; `outcomes` is the table of a finished test and may be missing."""

    contacts: Path
    history: Path
    campaign: Path
    outcomes: Path | None = None

    def __post_init__(self) -> None:
        """Raise one error that names every file that is not there."""
        named = {
            "contacts": self.contacts,
            "history": self.history,
            "campaign": self.campaign,
            "outcomes": self.outcomes,
        }
        missing = [
            f"no file at {path} (--{name}); check the spelling and the folder"
            for name, path in named.items()
            if path is not None and not Path(path).is_file()
        ]
        raise_all("input files", missing, error=MissingFileError)


@dataclass(frozen=True, slots=True)
class Written:
    """Files that a run left behind, and the sentence that leadership reads first."""

    headline: str
    files: list[Path] = field(default_factory=list)


def run_path(
    inputs: Inputs,
    out: str | Path,
    *,
    as_of: str | None = None,
    costs: Costs | None = None,
    funnel: Funnel | None = None,
    rng: int = 7,
    writer: Writer | None = None,
    progress: Callable[[str], object] = str,
) -> Written:
    """Run the whole path on an analyst's files and write every result to a folder.

    Parameters
    ----------
    inputs
        The files to read.
    out
        Folder for the results; made when missing. Each file is written whole or not at all.
    as_of
        Day up to which history may be used; the day before the campaign's send date when left out.
    costs, funnel
        What the variants cost and what follows a reply; the cited defaults when left out.
    rng
        Seed of everything that is drawn.
    writer
        Writes the individual emails; the offline writer when left out. What a model cost goes into the report.
    progress
        Called with the name of each step before it starts.

    Returns
    -------
    Written
        The files written and the report's first sentence.

    Raises
    ------
    SegvspersError
        When an input can't be used; nothing is written then.

    Notes
    -----
    With a finished test the ROI report rests on it, and the simulated one is written beside it, stamped as
    such; without one there is only the simulated report.
    """
    folder = Path(out)
    progress("read contacts, history and campaign")
    campaign = read_campaign(inputs.campaign)
    contacts, history = read_contacts(inputs.contacts), read_history(inputs.history)
    outcomes = None if inputs.outcomes is None else read_outcomes(inputs.outcomes)

    progress("derive facts")
    facts = derive_facts(contacts, history, as_of=as_of or campaign.day_before_send)

    progress("count and fit segments")
    explosion = explode_segments(contacts, by=[name for name in SPLIT_BY if name in contacts.columns])
    segmentation = fit_segments(contacts, history, n_segments="auto", rng=rng)
    audience = assign_variants(segmentation.assign(contacts), within="segment_id", cluster=_cluster(contacts), rng=rng)

    progress("write both emails of every contact")
    emails = write_emails(audience, facts, campaign=campaign, writer=writer)
    if writer is not None:
        costs = (costs or Costs()).observe(emails)
    progress("audit the emails")
    audit = audit_emails(emails, facts, contacts=contacts, campaign=campaign)

    settings: dict[str, Any] = {"costs": costs or Costs(), "funnel": funnel or Funnel(), "rng": rng}
    shared = [explosion, segmentation, emails, audit]
    progress("simulate a test")
    simulated = simulate_outcomes(audience, emails, world=World(), rng=rng)
    reports = {"roi-simulated": [*shared, *_findings(simulated, **settings)]}
    if outcomes is not None:
        progress("analyse the finished test")
        reports["roi"] = [*shared, *_findings(outcomes, **settings)]
    else:
        reports = {"roi": reports["roi-simulated"]}

    progress("write the reports")
    written = [
        _write_table(emails, folder / "emails.csv"),
        _write_table(simulated, folder / "simulated-outcomes.csv"),
    ]
    headline = ""
    for name, findings in reports.items():
        report = build_report(*findings, title=campaign.name)
        written += [
            report.to_html(folder / f"{name}.html"),
            report.to_xlsx(folder / f"{name}.xlsx"),
            report.to_json(folder / f"{name}.json"),
            report.to_markdown(folder / f"{name}.md"),
        ]
        if find_spec("pptx") is not None:  # an extra: slides are made where their package is
            written.append(report.to_pptx(folder / f"{name}.pptx"))
        headline = report.headline
    return Written(headline=headline, files=written)


def _findings(outcomes: pd.DataFrame, *, costs: Costs, funnel: Funnel, rng: int) -> list[Any]:
    """Compare the variants of one outcomes table and value the difference."""
    cluster = _cluster(outcomes)
    control = "segment"
    replies = compare_reply_rates(outcomes, control=control, cluster=cluster)
    findings: list[Any] = [check_health(outcomes, cluster=cluster), replies]
    if "replied_at" in outcomes.columns:
        with suppress(NotEstimableError, DataError):  # no curve where times are missing; the health checks say so
            findings.append(compare_over_time(outcomes, control=control, cluster=cluster))
    group = next((name for name in GROUPED_BY if _has_groups(outcomes, name)), None)
    if group is not None:
        with suppress(NotEstimableError):  # groups too small to tell leave the part of the report empty, and say so
            findings.append(compare_by_segment(outcomes, control=control, group=group, cluster=cluster))
    if "revenue_usd" in outcomes.columns and outcomes["revenue_usd"].fillna(0).gt(0).any():
        findings.append(compare_revenue(outcomes, control=control, cluster=cluster))
    for harm in ("unsubscribed", "spam_reported"):
        if harm in outcomes.columns and outcomes[harm].fillna(False).astype(bool).any():
            harmed = compare_reply_rates(outcomes, control=control, cluster=cluster, outcome=harm)
            findings += [harmed]
    return [*findings, estimate_roi(replies, costs=costs, funnel=funnel, rng=rng)]


def _has_groups(outcomes: pd.DataFrame, name: str) -> bool:
    return name in outcomes.columns and len(outcomes[name].dropna().unique()) > 1


def _cluster(table: pd.DataFrame) -> str | None:
    return "company_id" if "company_id" in table.columns and table["company_id"].notna().any() else None


def _write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV; an apostrophe stands before texts that a spreadsheet would carry out."""
    texts = [name for name in table.columns if table[name].map(lambda cell: isinstance(cell, str)).all()]
    guarded = table[texts].astype(object)
    with_apostrophes(guarded)
    with replacing(path) as draft:
        table.assign(**{str(name): guarded[name] for name in texts}).to_csv(draft, index=False, lineterminator="\n")
    return path
