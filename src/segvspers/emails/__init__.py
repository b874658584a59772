"""Emails of a segment and of one person, from the same facts and for the same campaign; nothing is ever sent."""

from segvspers.emails.audit import EmailAudit, audit_emails
from segvspers.emails.brief import Brief, Draft, Fact, Sentence, Writer
from segvspers.emails.brief_file import read_brief
from segvspers.emails.campaign import Campaign, read_campaign
from segvspers.emails.cost import estimate_cost
from segvspers.emails.duplicates import NearDuplicates, find_near_duplicates
from segvspers.emails.email import Email, get_email, read_emails
from segvspers.emails.export.approval import approve_emails, check_approval, withdraw_approval
from segvspers.emails.export.export import export_emails
from segvspers.emails.export.result import EmailExport
from segvspers.emails.lint import lint_emails
from segvspers.emails.llm import OpenAIBatchWriter, OpenAIWriter, TokenPrices, build_prompt
from segvspers.emails.merge_fields import check_merge_fields
from segvspers.emails.offline import OfflineWriter
from segvspers.emails.own_templates import read_templates
from segvspers.emails.preview import Preview, preview
from segvspers.emails.routing import route_contacts
from segvspers.emails.run_store import RunStore
from segvspers.emails.stream import WrittenEmails, stream_briefs
from segvspers.emails.templates import write_templates
from segvspers.emails.write import write_emails

__all__ = [
    "Brief",
    "Campaign",
    "Draft",
    "Email",
    "EmailAudit",
    "EmailExport",
    "Fact",
    "NearDuplicates",
    "OfflineWriter",
    "OpenAIBatchWriter",
    "OpenAIWriter",
    "Preview",
    "RunStore",
    "Sentence",
    "TokenPrices",
    "Writer",
    "WrittenEmails",
    "approve_emails",
    "audit_emails",
    "build_prompt",
    "check_approval",
    "check_merge_fields",
    "estimate_cost",
    "export_emails",
    "find_near_duplicates",
    "get_email",
    "lint_emails",
    "preview",
    "read_brief",
    "read_campaign",
    "read_emails",
    "read_templates",
    "route_contacts",
    "stream_briefs",
    "withdraw_approval",
    "write_emails",
    "write_templates",
]
