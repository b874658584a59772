"""Check emails without any model: every value in the text must trace to the facts that its sentence cites.

What it can't see: a wrong verb, a wrong tone, a claim without a value. It finds wrong values, not wrong words.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import require_columns
from segvspers._display import count, html_finding, percent
from segvspers.emails.campaign import Campaign, make_campaign
from segvspers.emails.digest import text_digests
from segvspers.emails.offline.words import SPELLED, exact, since, when
from segvspers.emails.offline.words import day_of as day
from segvspers.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
VALUES = re.compile(
    r"[$€£]?\d[\d,.]*\d|\d|\b(?:" + "|".join([*SPELLED[2:], *MONTHS, *WEEKDAYS])
    + r"|last month|earlier this month|last year|this month|last week|yesterday|both)\b"
)  # fmt: skip
STATUS = {
    "open": re.compile(r"\b(?:still open|not (?:been )?solved|is open)\b"),
    "solved": re.compile(r"\b(?:was solved|ticket solved|closed your ticket)\b"),
    "unanswered": re.compile(r"\b(?:owe you|answered you yet|waiting for an answer|not yet answered|left open)\b"),
}
UNFILLED = re.compile(r"\{\{|\}\}|\{%|%\}|\{[a-z_]+\}|\*\|[A-Z]+\|\*|\[[A-Z][A-Za-z ]+\]")
CAPITALS = re.compile(r"\b[A-Z][\w&’'-]*(?:(?: &)? [A-Z][\w’'-]*)*")
SHOUTING = re.compile(r"!!|\b(?:FREE|ACT NOW|URGENT|100%)\b")
QUOTE = re.compile(r"“([^”]*)”")
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, eq=False)
class EmailAudit:
    """What was found in a run of emails.

    Attributes
    ----------
    n_emails, n_passed
        Emails checked, and those without any failure.
    findings
        One row a finding: `email_id, variant, check, severity` (fail or warn), `span` (the words in question).
    variants
        One row a variant: emails, passed, fell back, distinct bodies, masked twins, median and 90th percentile of
        bits, words.
    digests
        Of the texts as they were checked, so that one edited since is noticed.
    """

    n_emails: int
    n_passed: int
    findings: pd.DataFrame
    variants: pd.DataFrame
    digests: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def passed_share(self) -> float:
        """Share of emails without a failure."""
        return self.n_passed / self.n_emails if self.n_emails else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variant."""
        return self.variants.copy()

    def summary(self) -> str:
        """Return the outcome in one or two sentences."""
        first = f"{count(self.n_passed)} of {count(self.n_emails)} emails passed every check ({percent(self.passed_share)})."
        bits = {row.variant: row.median_bits for row in self.variants.itertuples()}
        told = ", ".join(f"{variant} {value:.1f}" for variant, value in bits.items())
        return f"{first} Median bits of personalization: {told}."

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the bits of each variant on one axis."""
        from segvspers.plots.emails import draw_bits

        return draw_bits(self.variants, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Audit of emails", self.summary(), self.variants)


def audit_emails(
    emails: pd.DataFrame, facts: pd.DataFrame, *, contacts: pd.DataFrame | None = None, campaign: Campaign | None = None
) -> EmailAudit:
    """Check every email against the facts that its sentences cite.

    Parameters
    ----------
    emails
        As `write_emails` returns them.
    facts
        As `derive_facts` returns them.
    contacts
        The whole list, to look for other contacts' companies and addresses in a text.
    campaign
        What may stand in every email: offer, claims, sender, footer, links; the one that `write_emails` noted
        with the emails when left out.

    Returns
    -------
    EmailAudit
        With a finding for every value, name or mark that should not be there.

    Raises
    ------
    DataError
        When a table lacks a column.
    ArgumentError
        When the emails carry no campaign and none is given.

    Notes
    -----
    A number, amount, month, weekday or relative time must be a value, or the wording of a date, of the facts that
    the same sentence cites; in offers, claims and calls to action it must stand in the campaign. A masked twin is
    an email that equals another one once names, numbers and dates are masked.
    """
    require_columns(emails, ["email_id", "variant", "subject", "body_text", "sentences", "identity"], table="emails")
    require_columns(facts, ["fact_id", "fields"], table="facts")
    cited = {one for sentences in emails["sentences"] for sentence in sentences for one in sentence["fact_ids"]}
    used = facts[facts["fact_id"].isin(cited)]
    known = {fact_id: json.loads(fields) for fact_id, fields in zip(used["fact_id"], used["fields"], strict=True)}
    companies = (
        set() if contacts is None or "company" not in contacts else set(contacts["company"].dropna().astype(str))
    )
    if campaign is None:
        noted = emails.attrs.get("campaign")
        if noted is None:
            raise ArgumentError("these emails carry no campaign; give the one they were written for with campaign=.")
        campaign = make_campaign(noted)
    check = _Checks(campaign, known, companies)
    found: list[tuple[str, str, str, str, str]] = []
    for row in emails[["email_id", "variant", "subject", "body_text", "sentences", "identity"]].itertuples(index=False):
        found += [(row.email_id, row.variant, *finding) for finding in check.email(row)]
    findings = pd.DataFrame(found, columns=["email_id", "variant", "check", "severity", "span"])
    failed = set(findings.loc[findings["severity"] == "fail", "email_id"])
    digests = frozenset(text_digests(emails))
    return EmailAudit(len(emails), len(emails) - len(failed), findings, _variants(emails, failed), digests)


class _Checks:
    """All checks of one email; what was said before need not be checked again."""

    def __init__(self, campaign: Campaign, known: Mapping[str, dict[str, Any]], companies: set[str]) -> None:
        self.campaign, self.known, self.companies = campaign, known, companies
        fixed = [campaign.offer, campaign.message, campaign.asked, *campaign.claims.values(), *campaign.products]
        self.allowed = {value.lower() for text in fixed for value in VALUES.findall(text)}
        self.seen: dict[tuple[str, tuple[str, ...]], list[tuple[str, str, str]]] = {}
        footer = campaign.footer
        self.links = {footer.unsubscribe_url, *campaign.links}

    def email(self, row: Any) -> Iterable[tuple[str, str, str]]:
        for sentence in row.sentences:
            key = (sentence["text"], tuple(sentence["fact_ids"]))
            if key not in self.seen:
                self.seen[key] = list(self._sentence(*key))
            yield from self.seen[key]
        yield from self._whole(row)

    def _sentence(self, text: str, fact_ids: tuple[str, ...]) -> Iterable[tuple[str, str, str]]:
        unknown = [one for one in fact_ids if one not in self.known]
        if unknown:
            yield ("unknown fact", "fail", unknown[0])
            return
        facts = [self.known[one] for one in fact_ids]
        quoted = QUOTE.findall(text)
        for quote in quoted:
            if quote not in {fields.get("quote") for fields in facts}:
                yield ("quote not in the cited facts", "fail", quote)
        text = QUOTE.sub("", text)
        lent = Counter(value for fields in facts for value in set(self._words(fields)))
        for span, times in Counter(span.lower().rstrip(".,") for span in VALUES.findall(text)).items():
            # A value that stands twice needs two facts that lend it: one of them may be another fact's, swapped.
            if span not in self.allowed and times > lent[span]:
                yield ("value not in the cited facts", "fail", span)
        for status, wording in STATUS.items():
            if wording.search(text) and not _has_status(status, facts):
                yield ("status contradicts the fact", "fail", wording.search(text).group())  # type: ignore[union-attr]
        for product in self.campaign.products:
            if product in text and not _mentions(product, facts):
                yield ("product not in the cited facts", "fail", product)

    def _words(self, fields: dict[str, Any]) -> Iterable[str]:
        """Return every word that a fact's fields allow: values, and dates as they may be told."""
        for name, value in fields.items():
            if isinstance(value, bool) or value is None:
                continue
            if isinstance(value, int):
                yield from (str(value), f"{value:,}", *([SPELLED[value]] if value < len(SPELLED) else []))
                if value == 2:
                    yield "both"
            elif isinstance(value, float):
                yield from (f"{value:g}", f"{value:,.0f}", f"{value:,.2f}")
            elif name.endswith("_on") or name == "on":
                moment = day(value)
                send_on = self.campaign.send_on
                told = {
                    when(moment, send_on),
                    since(moment, send_on),
                    *(exact(moment, one) for one in ("en_US", "en_GB")),
                }
                yield from (part.lower() for text in told for part in VALUES.findall(text))
            else:
                yield from (part.lower().rstrip(".,") for part in VALUES.findall(str(value)))

    def _whole(self, row: Any) -> Iterable[tuple[str, str, str]]:
        text = f"{row.subject}\n{row.body_text}"
        yield from (("unfilled token", "fail", span) for span in UNFILLED.findall(text))
        yield from (("link not allowed", "fail", span) for span in LINK.findall(text) if span not in self.links)
        yield from (("shouting", "warn", span) for span in SHOUTING.findall(text))
        if self.campaign.footer.postal_address not in text or self.campaign.footer.unsubscribe_url not in text:
            yield ("no legal footer", "fail", "")
        if not 1 <= len(row.subject) <= 78:
            yield ("subject length", "warn", row.subject)
        if "\n" in row.subject or "\r" in row.subject:
            yield ("line break in the subject", "fail", "")
        if len(row.body_text.split("\n\n--\n")[0].split()) > self.campaign.max_words:
            yield ("too long", "warn", "")
        own = set(row.identity) | {self.campaign.sender.company}
        body = row.body_text.split("\n\nBest,")[0]
        for span in set(CAPITALS.findall(f"{row.subject}\n{body}")) & self.companies - own:
            yield ("another contact's company", "fail", span)


def _has_status(status: str, facts: list[dict[str, Any]]) -> bool:
    if status == "unanswered":
        return any(fields.get("answered") is False for fields in facts) or any(
            fields.get("status") == "open" for fields in facts
        )
    return any(fields.get("status") == status for fields in facts)


def _mentions(product: str, facts: list[dict[str, Any]]) -> bool:
    return any(product in (fields.get("product"), fields.get("plan")) or product in str(fields.get("quote") or "")
               for fields in facts)  # fmt: skip


def mask(text: str, identity: Iterable[str]) -> str:
    """Return a text with names, numbers and dates masked: what is left is the frame of a mail merge."""
    for name in sorted(identity, key=len, reverse=True):
        text = text.replace(name, "NAME")
    return VALUES.sub("VALUE", text)


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
            }
        )
    return pd.DataFrame(rows)
