"""Check a table of emails without any model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import require_columns
from segvspers._spark import is_spark
from segvspers.emails.audit.checks import Checks
from segvspers.emails.audit.finding import COLUMNS, Finding
from segvspers.emails.audit.frame import without_footer
from segvspers.emails.audit.leaks import Text, find_leaks, relabel_address
from segvspers.emails.audit.listed import Listed
from segvspers.emails.audit.masking import mask
from segvspers.emails.audit.readability import reading_ease
from segvspers.emails.audit.report import EmailAudit
from segvspers.emails.audit.terms import Terms, read_terms
from segvspers.emails.campaign import Campaign, make_campaign
from segvspers.emails.digest import text_digests
from segvspers.errors import ArgumentError

NEEDED = ["email_id", "variant", "subject", "body_text", "sentences", "identity"]
FAMILIAR = re.compile(r"(?<![\w’'])[a-z]{2,}")
Found = list[tuple[int, Finding]]


def audit_emails(
    emails: pd.DataFrame,
    facts: pd.DataFrame,
    *,
    contacts: pd.DataFrame | Listed | None = None,
    campaign: Campaign | None = None,
) -> EmailAudit:
    """Check every email against the facts that its sentences cite, and against all that must not stand in it.

    Parameters
    ----------
    emails
        As `write_emails` returns them; a PySpark frame is checked where it lies, with `facts` and `contacts` as PySpark
        frames too. The findings and texts of the audit are then PySpark frames, and it holds no digests.
    facts
        As `derive_facts` returns them.
    contacts
        The whole list, to look for other contacts' names, companies and addresses in a text.
    campaign
        What may stand in every email: offer, claims, sender, footer, links; the one that `write_emails` noted
        with the emails when left out.

    Returns
    -------
    EmailAudit
        With a finding for every value, name or mark that should not be there, each with its place in the text.

    Raises
    ------
    DataError
        When a table lacks a column.
    ArgumentError
        When the emails carry no campaign and none is given.

    Notes
    -----
    A value must be a field of a fact that the same sentence cites, a declared derivation of one, or words of the campaign.
    `docs/audit.md` lists every check, and what none of them can see: wrong verbs, tone, claims without a value.
    A masked twin is an email that equals another one once names, numbers and dates are masked.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv").head(200).assign(segment_id="all")
    >>> history = sv.read_history("data/sample/history.csv")
    >>> facts = sv.derive_facts(contacts, history, as_of="2026-11-01", unknown_contacts="drop")
    >>> campaign = sv.read_campaign("data/sample/campaign.yml")
    >>> emails = sv.write_emails(contacts, facts, campaign=campaign)
    >>> wrong = emails.assign(body_text=emails["body_text"] + " Call us before 2019!!")
    >>> audit = sv.audit_emails(wrong.head(1), facts, contacts=contacts, campaign=campaign)
    >>> audit.findings[["check", "span"]].values.tolist()[0]
    ['text that no sentence accounts for', ...]
    """
    if is_spark(emails) or is_spark(facts):
        from segvspers.emails.audit.on_spark import audit_on_spark

        return audit_on_spark(emails, facts, contacts=contacts, campaign=campaign)
    require_columns(emails, NEEDED, table="emails")
    require_columns(facts, ["fact_id", "fields"], table="facts")
    findings = find_problems(emails, facts, listed=contacts, campaign=_campaign(emails, campaign))
    failed = set(findings.loc[findings["severity"] == "fail", "email_id"])
    columns = ["email_id", "variant", "subject", "body_text"]
    shown = emails.loc[emails["email_id"].isin(set(findings["email_id"])), columns].reset_index(drop=True)
    digests = frozenset(text_digests(emails))
    n_warned = findings.loc[findings["severity"] == "warn", "email_id"].nunique()
    return EmailAudit(
        len(emails), len(emails) - len(failed), findings, _variants(emails, failed), digests, shown, n_warned
    )


def find_problems(
    emails: pd.DataFrame,
    facts: pd.DataFrame,
    *,
    listed: pd.DataFrame | Listed | None,
    campaign: Campaign,
    familiar: frozenset[str] | None = None,
) -> pd.DataFrame:
    """Return the findings alone, one row each, for whoever judges drafts in a run, or one part of it.

    `familiar` are the words in small letters of all emails, when `emails` are a part of them.
    """
    checks = Checks(campaign, _known(emails, facts))
    found = _each(emails, checks)
    if listed is not None:
        found = _with_leaks(
            emails, found, listed if isinstance(listed, Listed) else Listed.of(listed), checks, familiar
        )
    return _table(emails, found)


def _campaign(emails: pd.DataFrame, campaign: Campaign | None) -> Campaign:
    if campaign is not None:
        return campaign
    noted = emails.attrs.get("campaign")
    if noted is None:
        raise ArgumentError("these emails carry no campaign; give the one they were written for with campaign=.")
    return make_campaign(noted)


def _known(emails: pd.DataFrame, facts: pd.DataFrame) -> dict[str, Terms]:
    """Return the facts that any sentence cites."""
    cited = {one for sentences in emails["sentences"] for sentence in sentences for one in sentence["fact_ids"]}
    used = facts[facts["fact_id"].isin(cited)]
    kinds: Iterable[str] = used["kind"] if "kind" in used.columns else [""] * len(used)
    return {
        one: read_terms(kind, fields) for one, kind, fields in zip(used["fact_id"], kinds, used["fields"], strict=True)
    }


def _each(emails: pd.DataFrame, checks: Checks) -> Found:
    columns = [*NEEDED, *(["body_html"] if "body_html" in emails.columns else [])]
    rows = emails[columns] if "body_html" in columns else emails[columns].assign(body_html=None)
    return [(place, finding) for place, row in enumerate(rows.itertuples(index=False)) for finding in checks.email(row)]


def _with_leaks(
    emails: pd.DataFrame, found: Found, listed: Listed, checks: Checks, familiar: frozenset[str] | None
) -> Found:
    ids = emails["contact_id"].astype(str).tolist() if "contact_id" in emails.columns else [""] * len(emails)
    kept: Found = []
    for place, finding in found:
        told = relabel_address(finding, ids[place], listed) if finding.check == "address not allowed" else finding
        kept += [] if told is None else [(place, told)]
    texts = _texts(emails, ids, checks)
    if familiar is None:
        familiar = frozenset(FAMILIAR.findall(" ".join(told.text for told in texts)))
    familiar |= checks.grounding.familiar
    return sorted([*kept, *find_leaks(texts, listed, familiar=familiar)], key=lambda pair: pair[0])


def _texts(emails: pd.DataFrame, ids: Sequence[str], checks: Checks) -> list[Text]:
    campaign = checks.campaign
    sender = campaign.sender
    fixed = (*checks.grounding.fixed, *campaign.products, *campaign.topics, sender.name, sender.company, sender.title)
    texts = []
    rows = zip(emails["subject"], emails["body_text"], emails["sentences"], emails["identity"], ids, strict=True)
    for place, (subject, body, sentences, identity, contact_id) in enumerate(rows):
        words = tuple(_words(sentences, checks.known))
        allowed = (*identity, *fixed, *words)
        texts.append(Text(place, "subject", subject, contact_id, allowed))
        texts.append(Text(place, "body", without_footer(body), contact_id, allowed))
    return texts


def _words(sentences: Iterable[Mapping[str, Any]], known: Mapping[str, Terms]) -> Iterable[str]:
    """Return what the facts that an email cites say in words, such as a quotation."""
    for sentence in sentences:
        for one in sentence["fact_ids"]:
            if one in known:
                yield from known[one].words


def _table(emails: pd.DataFrame, found: Found) -> pd.DataFrame:
    ids, variants = emails["email_id"].to_numpy(), emails["variant"].to_numpy()
    rows = [
        (ids[place], variants[place], one.check, one.severity, one.part, one.start, one.end, one.span)
        for place, one in found
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _variants(emails: pd.DataFrame, failed: set[str]) -> pd.DataFrame:
    rows = []
    for variant, group in emails.groupby("variant", sort=True):
        masked = [mask(text, names) for text, names in zip(group["body_text"], group["identity"], strict=True)]
        own = group["writer"].to_numpy() != "template"
        twins = pd.Series(masked)[own if own.any() else slice(None)].duplicated(keep=False)
        rows.append(
            {
                "variant": variant,
                "n_emails": len(group),
                "n_passed": int((~group["email_id"].isin(failed)).sum()),
                "n_fell_back": int((group["status"] == "fell_back").sum()),
                "n_held": int((group["status"] == "held").sum()),
                "distinct_bodies": group["body_text"].nunique(),
                "masked_twin_share": float(twins.mean()) if len(twins) else float("nan"),
                "median_bits": float(group["bits"].median()),
                "bits_90": float(np.quantile(group["bits"], 0.9)),
                "median_words": float(group["body_text"].str.split().str.len().median()),
                "median_reading_ease": float(group["body_text"].map(without_footer).map(reading_ease).median()),
            }
        )
    return pd.DataFrame(rows)
