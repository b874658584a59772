"""The forms that emails can leave in: columns, limits and what to do with the files, one entry a form.

Limits are the vendors' own as read in November 2026: Mailchimp merge fields (mailchimp.com/developer, audience fields), HubSpot
properties and import (knowledge.hubspot.com), Klaviyo CSV upload and Bulk Import Profiles (help.klaviyo.com, developers.klaviyo.com),
Smartlead lead lists (api.smartlead.ai), Excel (Microsoft, specifications and limits); Mailchimp's subject line: VulcanJS/Vulcan
pull request 783.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that a part of an export may hold; `why` says what happens beyond it, and `mend` what to do."""

    part: str
    most: int
    unit: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes
    ----------
    name, vendor
        As `form=` names it, and as its makers do.
    ending
        Of the one file that it is; nothing when it is a folder.
    layout
        rows (an email a row), sequence (a contact a row, bodies whole), paragraphs (bodies cut at blank lines), merge (what a
        template needs), messages, or records.
    columns
        Their header for each of our columns of a contact; those not named are not told.
    limits, rows_a_file, bytes_a_file
        What it may hold; more rows or bytes go to further files.
    tokens
        How its templates name a field; see `vendor_tokens`.
    next_steps
        What to do with the files.
    """

    name: str
    vendor: str
    ending: str = ""
    layout: str = "rows"
    columns: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    rows_a_file: int | None = None
    bytes_a_file: int | None = None
    tokens: str = ""
    next_steps: tuple[str, ...] = ()


SUBJECT = Limit("subject", 998, "bytes", "a header line of an email holds no more (RFC 5322)", "shorten them")
PLAIN = {
    "email": "email", "first_name": "first_name", "last_name": "last_name", "company": "company_name",
    "contact_id": "contact_id", "campaign_id": "campaign_id", "segment_id": "segment_id", "variant": "variant",
}  # fmt: skip
CELL = "a cell of Excel holds no more"
OTHER_FORM = "shorten them, or choose form='jsonl' or 'eml'"
FORMS = {
    form.name: form
    for form in (
        Form("csv", "a table of text", ".csv", columns=PLAIN, limits=(SUBJECT,),
             next_steps=("Excel opens it as it is; a cell that a spreadsheet would carry out begins with an apostrophe.",)),
        Form("xlsx", "Excel", ".xlsx", columns=PLAIN, rows_a_file=1_048_575,
             limits=(SUBJECT, Limit("body", 32_767, "UTF-16 units", CELL, OTHER_FORM)),
             next_steps=("Cells are text; those that look like formulas carry Excel's own quote mark.",)),
        Form("jsonl", "JSON lines", ".jsonl", layout="records",
             next_steps=("One line an email for the audit: facts, writer, cost, approval; no address.",)),
        Form("eml", "messages", layout="messages", limits=(SUBJECT,),
             next_steps=("Mail programs open each file as a draft; index.csv says which email each is.",)),
        Form("mbox", "a mailbox", ".mbox", layout="messages", limits=(SUBJECT,),
             next_steps=("Import it into a mail program to read the emails side by side.",)),
        Form("sequencer", "sequencers such as Instantly, Smartlead, GMass and lemlist", layout="sequence", tokens="liquid",
             columns=PLAIN, limits=(SUBJECT,),
             next_steps=("Import contacts.csv as leads; every further column becomes a custom field.",
                         "The subject of step 1 is {{subject_1}} and its body {{body_html_1}} ({{body_1}} in a plain-text step).",
                         "The bodies carry their own way out: turn a footer that the sequencer adds off, or keep both.")),
        Form("smartlead", "Smartlead", layout="sequence", columns=PLAIN, limits=(SUBJECT,), rows_a_file=400,
             next_steps=("Post each file to /campaigns/ID/leads; one call takes 400 leads.",
                         "The subject of step 1 is {{subject_1}} and its body {{body_html_1}}.")),
        Form("hubspot", "HubSpot", layout="paragraphs", tokens="hubspot", rows_a_file=250_000, bytes_a_file=150 * MEGABYTE,
             columns={"email": "Email", "first_name": "First Name", "last_name": "Last Name", "company": "Company Name",
                      "campaign_id": "sv_campaign", "segment_id": "sv_segment", "variant": "sv_variant"},
             limits=(SUBJECT, Limit("paragraph", 65_536, "characters", "a HubSpot property holds no more", "shorten them")),
             next_steps=("Make a single-line contact property for each column that HubSpot does not know, then import contacts.csv.",
                         "Paste template.html into a coded email: HubSpot drops line breaks, so each paragraph is a property.")),
        Form("klaviyo", "Klaviyo", layout="paragraphs", tokens="klaviyo", bytes_a_file=50 * MEGABYTE,
             columns={"email": "Email", "first_name": "First Name", "last_name": "Last Name", "company": "Company",
                      "campaign_id": "sv_campaign", "segment_id": "sv_segment", "variant": "sv_variant"},
             limits=(SUBJECT, Limit("row", 100_000, "bytes", "a Klaviyo profile takes no more at once", "shorten them")),
             next_steps=("Upload contacts.csv to a list; columns that Klaviyo does not know become custom properties.",
                         "Paste template.html into a template of the type HTML.")),
        Form("mailchimp", "Mailchimp", layout="merge", tokens="mailchimp",
             columns={"email": "Email Address", "first_name": "FNAME", "last_name": "LNAME", "company": "COMPANY",
                      "segment_id": "SVSEGMENT", "variant": "SVVARIANT"},
             limits=(Limit("subject", 150, "characters", "a Mailchimp subject line holds no more", "shorten them"),
                     Limit("cell", 255, "bytes", "Mailchimp cuts a text merge field there", "leave them out or shorten them"),
                     Limit("opener", 255, "bytes", "Mailchimp cuts a text merge field there", "choose another form for them")),
             next_steps=("Import contacts.csv into the audience; each column is a text merge field of that tag.",
                         "Send each template to the contacts whose SVTEMPLATE names it.")),
    )
}  # fmt: skip
