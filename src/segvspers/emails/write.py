"""Write the emails of an audience: the segment's and the individual one of every contact, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._checks import check_choice, require_columns
from segvspers._spark import is_spark
from segvspers.emails.audience import AudienceIndex, statement_codes
from segvspers.emails.audit import Listed
from segvspers.emails.batch import Run, write_batch
from segvspers.emails.brief import Brief, Draft, Writer
from segvspers.emails.campaign import Campaign
from segvspers.emails.merge_fields import check_fallbacks
from segvspers.emails.offline import OfflineWriter
from segvspers.emails.routing import route_contacts
from segvspers.emails.stream import WrittenEmails, stream_emails
from segvspers.emails.templates import Template, has_companies, write_blast, write_templates
from segvspers.errors import ArgumentError, raise_all

if TYPE_CHECKING:
    import pandas as pd

VARIANTS = ("blast", "segment", "individual")
FACT_COLUMNS = ["contact_id", "fact_id", "kind", "topic", "value", "fields", "bits"]


def write_emails(
    audience: pd.DataFrame | str | Path,
    facts: pd.DataFrame | str | Path,
    *,
    campaign: Campaign,
    writer: Writer | None = None,
    variants: Sequence[str] = ("segment", "individual"),
    templates: Mapping[str, Template] | None = None,
    recommended: Any = None,
    to: str | Path | None = None,
    progress: bool = False,
) -> pd.DataFrame | WrittenEmails:
    """Write the emails of every contact of an audience, in each variant.

    Parameters
    ----------
    audience
        Contacts with `segment_id`, as `Segmentation.assign` gives them; with `to`, a Parquet file of them too.
    facts
        As `derive_facts` returns them, or with `to` the Parquet file that it writes. With two PySpark frames the emails
        are written where the contacts lie, by `OfflineWriter`, and a PySpark frame is returned.
    campaign
        What the emails are for.
    writer
        Writes the individual emails; `OfflineWriter` when left out.
    variants
        Of blast, segment and individual.
    templates
        A team's own templates by segment, as `read_templates` gives them; written from sums when left out.
    recommended
        As `route_contacts` takes it: who is to get an individual email by `recommend_variant`.
    to
        A Parquet file to stream the emails to, in batches of about 20,000 contacts and flat memory.
    progress
        Show a progress bar.

    Returns
    -------
    pandas.DataFrame
        One row a contact and variant: `email_id, variant, contact_id, segment_id, subject, body_text, body_html,
        sentences` (list of text, role and fact ids), `status` (ready, fell_back or held), `reason, writer,
        tokens_in, tokens_out, cost_usd, audience_size, bits`, and `identity`, the names in the text that only
        address the reader. A contact of whom too little is known, or whose email failed its check twice, has the
        segment's email in the row of the individual one, with status `fell_back` and the reason; one who may not be
        written to has status `held`, and no writer is told of them. With `to`, a `WrittenEmails` that says what
        stands in the file.

    Raises
    ------
    DataError
        When a table lacks a column or a template, or facts are of contacts that the audience lacks.
    ArgumentError
        When an option is not known, or tables are files and `to` is left out.
    WriterError, BudgetError
        When the writer can't go on; what it finished is kept for the next run.

    Notes
    -----
    Every draft is audited as soon as it is there. One that fails is sent back to its writer once, with what is wrong,
    and then replaced: an email that says what the facts do not say never leaves. A contact's email depends on the
    contacts of its bucket of about 20,000 only, so that memory, a stream and a cluster give the same.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> history = sv.read_history("data/sample/history.csv")
    >>> facts = sv.derive_facts(contacts, history, as_of="2026-11-01")
    >>> audience = contacts.assign(segment_id=contacts["purchase_status"].astype(str))
    >>> campaign = sv.read_campaign("data/sample/campaign.yml")
    >>> emails = sv.write_emails(audience, facts, campaign=campaign)
    >>> emails.groupby("variant").size().to_dict()
    {'individual': 5000, 'segment': 5000}
    """
    for variant in variants:
        check_choice("variants", variant, VARIANTS)
    if is_spark(audience) or is_spark(facts):
        from segvspers.emails.on_spark import write_on_spark

        plain = writer or OfflineWriter()
        return write_on_spark(
            audience, facts, campaign=campaign, writer=plain, variants=variants, templates=templates, to=to
        )
    chosen = _watched(writer or OfflineWriter(), progress=progress)
    if to is not None:
        return stream_emails(
            audience,
            facts,
            campaign=campaign,
            writer=chosen,
            variants=variants,
            templates=templates,
            recommended=recommended,
            to=to,
        )
    if isinstance(audience, (str, Path)) or isinstance(facts, (str, Path)):
        raise ArgumentError("audience and facts are files, so say where the emails go, such as to='emails.parquet'.")
    _check_tables(audience, facts)
    used = dict(write_templates(audience, facts, campaign=campaign) if templates is None else templates)
    check_templates(used, set(audience["segment_id"].astype(str)), campaign=campaign)
    facts = facts.assign(statement=statement_codes(facts))
    run = Run(
        campaign, chosen, variants, used,
        write_blast(len(audience), campaign=campaign, company=has_companies(audience)),
        audience["segment_id"].astype(str).value_counts().to_dict(), len(audience), Listed.of(audience),
        AudienceIndex.of(facts["statement"].to_numpy(), facts["contact_id"].factorize()[0], len(audience)),
    )  # fmt: skip
    emails = write_batch(
        audience, facts, route_contacts(audience, facts, campaign=campaign, recommended=recommended), run=run
    )
    emails.attrs["campaign"] = campaign.model_dump(mode="json")
    return emails


def check_templates(templates: Mapping[str, Template], segments: set[str], *, campaign: Campaign) -> None:
    """Raise `DataError` when a segment has no template, or a template a field without a fallback."""
    lacking = sorted(segments - set(templates))
    told = f"no template for segments {lacking}; they are needed for whoever is not written to individually"
    raise_all("templates", [told] if lacking else [])
    check_fallbacks(templates, campaign=campaign)


def _check_tables(audience: pd.DataFrame, facts: pd.DataFrame) -> None:
    require_columns(audience, ["contact_id", "segment_id"], table="contacts")
    require_columns(facts, FACT_COLUMNS, table="facts")
    problems = []
    if audience["contact_id"].duplicated().any():
        problems.append("some contact_ids stand in more than one row; keep one row a contact")
    if audience["segment_id"].isna().any():
        problems.append("some contacts have no segment_id; assign every contact to a segment")
    raise_all("audience", problems)


def _watched(writer: Writer, *, progress: bool) -> Writer:
    """Return the writer with a progress bar around its briefs; one that shows its own costs needs none."""
    return writer if not progress or hasattr(writer, "report") else _WithBar(writer)


class _WithBar:
    """A writer whose briefs are counted as it takes them."""

    def __init__(self, writer: Writer) -> None:
        from tqdm.auto import tqdm

        self.name, self._writer = writer.name, writer
        self._bar = tqdm(desc="write individual emails", unit=" emails")

    def write(self, briefs: Iterable[Brief]) -> list[Draft]:
        def counted() -> Iterable[Brief]:
            for brief in briefs:
                yield brief
                self._bar.update(0 if brief.problems else 1)

        return self._writer.write(counted())
