"""What a form can't hold, said with counts and ids before anything is written."""

from __future__ import annotations

import pandas as pd

from segvspers._checks import few
from segvspers._display import plural
from segvspers.emails.export.approval import shown_ids
from segvspers.emails.export.forms import Form, Limit


def limit_problems(form: Form, parts: dict[str, pd.Series]) -> list[str]:
    """Return what exceeds the limits of a form.

    Parameters
    ----------
    form
        Its limits name parts.
    parts
        The texts of each part, with the ids that a message may tell as index; several of one email may stand there.
    """
    return [told for limit in form.limits if limit.part in parts for told in _beyond(form, limit, parts[limit.part])]


def _beyond(form: Form, limit: Limit, texts: pd.Series) -> list[str]:
    lengths = lengths_of(texts, limit.unit)
    over = lengths > limit.most
    if not over.any():
        return []
    ids = texts.index[over].unique()
    told = plural(len(ids), f"{limit.part} has", f"{limit.part}s have")
    over_by = f"{told} up to {int(lengths.max()):,} {limit.unit}, and {form.vendor} takes {limit.most:,}: {limit.why}."
    return [f"{over_by} Mend: {limit.mend} ({few(shown_ids(ids))})"]


def lengths_of(texts: pd.Series, unit: str) -> pd.Series:
    """Return how long texts are in characters, in bytes of UTF-8 or in UTF-16 units."""
    plain = texts.astype(object)
    if unit == "bytes":
        return plain.map(lambda text: len(text.encode("utf-8", "surrogatepass")))
    if unit == "UTF-16 units":
        return plain.map(lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2)
    return plain.map(len)
