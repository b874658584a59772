"""A digest of exactly what an email says and to whom, so that a change after a check or an approval is noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SAID = ("email_id", "contact_id", "variant", "subject", "body_text")


def text_digests(emails: pd.DataFrame, *, also: Sequence[str] = ()) -> list[str]:
    """Return a SHA-256 of each email's id, contact, variant, subject and body, and of further columns where they stand.

    It notices a change; it is no signature, because whoever changes a text can make its digest anew.

    Examples
    --------
    >>> import pandas as pd
    >>> one = pd.DataFrame({"email_id": ["a"], "subject": ["Hi"], "body_text": ["Hello"]})
    >>> text_digests(one) == text_digests(one.assign(body_text="Hello!"))
    False
    """
    named = [name for name in (*SAID, *also) if name in emails.columns]
    columns = [emails[name].astype(object).where(emails[name].notna(), None).tolist() for name in named]
    return [
        hashlib.sha256(json.dumps(dict(zip(named, map(_plain, said), strict=True))).encode()).hexdigest()
        for said in zip(*columns, strict=True)
    ]


def _plain(value: object) -> str:
    """Return a value as text; a step is the same step as a whole number and as a float."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
