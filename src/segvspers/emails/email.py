"""One email as a typed row, and tables of emails read back or brought along, checked as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from segvspers._checks import few, require_columns
from segvspers.emails.body import body_html
from segvspers.emails.brief import Sentence
from segvspers.errors import DataError, raise_all
from segvspers.tables import Column, convert_columns, open_table
from segvspers.tables.convert import rename_columns

if TYPE_CHECKING:
    import pandas as pd

VARIANTS = ("blast", "segment", "individual")
STATUSES = ("ready", "fell_back", "held")
NEEDED = ("variant", "contact_id", "subject", "body_text")
COLUMNS = (
    *(
        Column(name)
        for name in ("email_id", "variant", "contact_id", "segment_id", "subject", "body_text", "body_html")
    ),
    *(Column(name) for name in ("status", "reason", "writer")),
    *(Column(name, "number") for name in ("tokens_in", "tokens_out", "cost_usd", "audience_size", "bits")),
)
LEFT_OUT: dict[str, Any] = {
    "segment_id": "", "status": "ready", "reason": "", "writer": "own", "tokens_in": 0, "tokens_out": 0, "cost_usd": 0.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Email:
    """One email of one variant to one contact; the columns of `write_emails` as attributes.

    Attributes
    ----------
    email_id, variant, contact_id, segment_id
        Which email it is: of blast, segment and individual, to whom, and of which segment they are.
    subject, body_text, body_html
        What the reader sees; not in the `repr`, which may end in a log.
    sentences
        Subject and sentences with their roles and the facts that they state.
    identity
        Names in the text that only address the reader.
    status, reason, writer
        Ready, fell_back or held, why, and who wrote it.
    tokens_in, tokens_out, cost_usd
        What it cost.
    audience_size, bits
        Of how many contacts it is true, and the bits of personalization; None when that was not counted.
    """

    email_id: str
    variant: str
    contact_id: str
    segment_id: str
    subject: str = field(repr=False)
    body_text: str = field(repr=False)
    body_html: str = field(repr=False)
    sentences: tuple[Sentence, ...] = field(repr=False)
    identity: tuple[str, ...] = field(repr=False)
    status: str
    reason: str
    writer: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    audience_size: int | None = None
    bits: float | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Email:
        """Return a row of a table of emails as an `Email`."""
        told = {name: row[name] for name in cls.__slots__ if name in row}
        told["sentences"] = tuple(
            Sentence(one["text"], one["role"], tuple(one["fact_ids"])) for one in row["sentences"]
        )
        told["identity"] = tuple(row["identity"])
        told |= {name: int(told[name]) for name in ("tokens_in", "tokens_out")} | {"cost_usd": float(told["cost_usd"])}
        counted = told.get("bits") is not None and told["bits"] == told["bits"]
        told["bits"] = float(told["bits"]) if counted else None
        told["audience_size"] = int(told["audience_size"]) if counted else None
        return cls(**told)

    def _repr_html_(self) -> str:
        size = "" if self.bits is None else f" · {self.bits:.1f} bits: true of {self.audience_size:,}"
        return (
            f'<div style="max-width:640px;border:1px solid #ccc;border-radius:4px;padding:8px 14px">'
            f"<small>{escape(self.variant)} · {escape(self.status)}{size}</small>"
            f"<p><b>{escape(self.subject)}</b></p>{body_html(self.body_text)}</div>"
        )


def get_email(emails: pd.DataFrame, contact_id: str, *, variant: str = "individual") -> Email:
    """Return the email of one contact and variant, to be read.

    Raises
    ------
    DataError
        When the contact has no email of that variant, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> own = pd.DataFrame({"variant": ["individual"], "contact_id": ["C1"], "subject": ["Hello"], "body_text": ["Hi,"]})
    >>> sv.get_email(sv.read_emails(own), "C1").status
    'ready'
    """
    require_columns(emails, [*NEEDED, "email_id", "sentences", "identity"], table="emails")
    found = emails[(emails["contact_id"] == contact_id) & (emails["variant"] == variant)]
    if len(found) != 1:
        variants = sorted(set(emails["variant"]))
        raise DataError(
            f"{len(found):,} emails of variant {variant!r} go to this contact; the table holds {variants}, one a contact."
        )
    return Email.of(found.iloc[0])


def read_emails(source: Any, *, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read emails that were written before, or elsewhere, so that they can be audited, compared and exported.

    Parameters
    ----------
    source
        A path (CSV, Parquet, XLSX, JSONL), a glob, or a table; one row a contact and variant with `variant, contact_id,
        subject, body_text` at least.
    columns
        ``{our name: their name}``, such as ``{"body_text": "body"}``.

    Returns
    -------
    pandas.DataFrame
        With the columns of `write_emails`. `email_id` is made of variant and contact where there is none; an email
        without `sentences` has its subject and its body as two that cite no fact, so that an audit says which
        values nothing vouches for.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        With every problem at once: missing columns, empty texts, unknown variants or states, doubled rows.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> own = pd.DataFrame({"variant": ["segment"], "contact_id": ["C1"], "subject": ["Hello"], "body_text": ["Hi,"]})
    >>> sv.read_emails(own)[["email_id", "status", "writer"]].values.tolist()
    [['segment-C1', 'ready', 'own']]
    """
    reading = open_table(source, table="emails")
    frame, mapping = rename_columns(reading.raw.to_pandas(), table="emails", columns=columns, aliases={})
    frame, problems = convert_columns(frame, COLUMNS)
    raise_all("emails", [*problems, *_problems(frame)])
    reading.mapping |= mapping
    return reading.finish(_completed(frame))


def _problems(frame: pd.DataFrame) -> Iterator[str]:
    lacking = [name for name in NEEDED if name not in frame.columns]
    if lacking:
        yield f"there is no column {few(lacking)}; name it with columns={{{lacking[0]!r}: ...}}"
        return
    for name in NEEDED:
        empty = frame[name].isna() | frame[name].astype(str).str.strip().eq("")
        if empty.any():
            yield f"{name!r} is empty in row {few((empty.to_numpy().nonzero()[0] + 1).tolist())}; fill it or leave the row out"
    for name, known in (("variant", VARIANTS), ("status", STATUSES)):
        if name in frame.columns:
            strange = sorted(set(frame[name].dropna().astype(str)) - set(known))
            if strange:
                yield f"{name!r} holds {few(strange)}; it must be one of {list(known)}"
    for keys in (["contact_id", "variant"], ["email_id"]):
        if set(keys) <= set(frame.columns):
            doubled = frame.duplicated(keys) & frame[keys].notna().all(axis=1)
            if doubled.any():
                rows = few((doubled.to_numpy().nonzero()[0] + 1).tolist())
                yield f"row {rows} repeats {' and '.join(keys)} of an earlier one; keep one row a contact and variant"
    for name in ("tokens_in", "tokens_out", "cost_usd", "bits"):
        if name in frame.columns and (frame[name] < 0).any():
            yield f"{name!r} is negative in row {few(((frame[name] < 0).to_numpy().nonzero()[0] + 1).tolist())}"


def _completed(frame: pd.DataFrame) -> pd.DataFrame:
    made = {name: value for name, value in LEFT_OUT.items() if name not in frame.columns}
    made |= {name: float("nan") for name in ("audience_size", "bits") if name not in frame.columns}
    frame = frame.assign(**made).fillna({name: value for name, value in LEFT_OUT.items() if name not in made})
    frame = frame.astype(dict.fromkeys(("tokens_in", "tokens_out"), "int64"))
    if "email_id" not in frame.columns:
        frame.insert(0, "email_id", frame["variant"].astype(str) + "-" + frame["contact_id"].astype(str))
    if "body_html" not in frame.columns:
        frame["body_html"] = [body_html(text) for text in frame["body_text"]]
    if "sentences" in frame.columns:
        frame["sentences"] = [_listed(sentences) for sentences in frame["sentences"]]
    else:
        pairs = zip(frame["subject"], frame["body_text"], strict=True)
        frame["sentences"] = [
            [_sentence(subject, "subject"), _sentence(body.split("\n--\n")[0], "body")] for subject, body in pairs
        ]
    if "identity" not in frame.columns:
        frame["identity"] = [[] for _ in range(len(frame))]
    else:
        frame["identity"] = [list(_parsed(names)) for names in frame["identity"]]
    return frame


def _sentence(text: str, role: str) -> dict[str, Any]:
    return {"text": text, "role": role, "fact_ids": []}


def _listed(sentences: Any) -> list[dict[str, Any]]:
    try:
        return [
            {"text": str(one["text"]), "role": str(one["role"]), "fact_ids": [str(fact) for fact in one["fact_ids"]]}
            for one in _parsed(sentences)
        ]
    except (KeyError, TypeError):
        raise DataError(
            "emails: 'sentences' must be lists of {text, role, fact_ids}; leave the column out when there are none."
        ) from None


def _parsed(value: Any) -> Any:
    """Return a list as it is, or read it from the JSON that text files hold."""
    import json

    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise DataError("emails: 'sentences' and 'identity' must be JSON lists in a text file.") from None
