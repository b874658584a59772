"""Check emails without any model: every value in the text must trace to the facts that its sentence cites.

What it can't see: a wrong verb, a wrong tone, a claim without a value. It finds wrong values, not wrong words.
"""

from segvspers.emails.audit.listed import Listed
from segvspers.emails.audit.masking import mask
from segvspers.emails.audit.report import EmailAudit
from segvspers.emails.audit.run import audit_emails, find_problems

__all__ = ["EmailAudit", "Listed", "audit_emails", "find_problems", "mask"]
