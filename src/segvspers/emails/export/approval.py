"""Approval: who says that exactly this text may leave. A text that changes afterwards is not approved any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import few, require_columns
from segvspers._display import plural
from segvspers.emails.audit import EmailAudit
from segvspers.emails.body import body_html
from segvspers.emails.campaign import Campaign, make_campaign
from segvspers.emails.digest import text_digests
from segvspers.emails.export.unsafe import fault_of, links_of
from segvspers.emails.unseen import UNSEEN
from segvspers.errors import ArgumentError, DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEEDED = ["email_id", "contact_id", "variant", "subject", "body_text", "status"]
STATE = ["approved_at", "approved_by", "approval_digest", "not_approved"]


def approve_emails(
    emails: pd.DataFrame,
    *,
    audit: EmailAudit | Sequence[EmailAudit],
    approver: str,
    only: Any = None,
    contacts: pd.DataFrame | None = None,
    campaign: Campaign | None = None,
    at: Any = None,
) -> pd.DataFrame:
    """Approve emails as they stand, which `export_emails` asks for.

    Parameters
    ----------
    emails
        As `write_emails` returns them.
    audit
        As `audit_emails` returned it for exactly these texts; several for the steps of a sequence.
    approver
        Who approves: a name or initials, no address.
    only
        The emails in question: their ids, or a flag for each row. All when left out.
    contacts
        The list as it is now; its `suppressed` and `consent` are heeded.
    campaign
        Its links may stand in the texts; the one noted with the emails when left out.
    at
        The time of approval; now when left out.

    Returns
    -------
    pandas.DataFrame
        A copy with `approved_at` (UTC), `approved_by`, `approval_digest` (of id, contact, variant, step, subject and body)
        and `not_approved`, the reason for each email in question that can't be approved: it is held, its contact is
        suppressed or gave no consent, the audit did not see this text or failed it, or it holds something that the
        approver can't have seen or that another program would carry out. Earlier approvals stay.

    Raises
    ------
    DataError
        When a table lacks a column, ids are not there or can't be approved, or nothing at all can be approved.
    ArgumentError
        When `approver` is no name, or the emails carry no campaign and none is given.

    Notes
    -----
    The digest notices a change; it does not prove who approved, since whoever can write the table can make it anew.

    Examples
    --------
    See ``docs/export.md``.
    """
    require_columns(emails, NEEDED, table="emails")
    if emails["email_id"].duplicated().any():
        raise DataError("emails: some email_ids stand in more than one row; keep one row an email.")
    _check_approver(approver)
    chosen = chosen_rows(emails, only)
    why = _refusals(
        emails, [audit] if isinstance(audit, EmailAudit) else list(audit), contacts, campaign_of(emails, campaign)
    )
    refused = chosen & (why != "")
    if only is not None and not _is_flags(only, emails) and refused.any():
        raise DataError(f"emails: {_told(emails, why, refused)} Leave them out, or mend and audit them again.")
    if not (chosen & ~refused).any():
        raise DataError(f"emails: none can be approved: {_told(emails, why, refused)}" if refused.any()
                        else "emails: no email was chosen to approve.")  # fmt: skip
    return _with_state(emails, chosen & ~refused, refused, why, approver.strip(), at)


def withdraw_approval(emails: pd.DataFrame, *, only: Any = None) -> pd.DataFrame:
    """Return a copy of emails without the approval of some of them, or of all.

    Parameters
    ----------
    emails
        As `approve_emails` returns them.
    only
        The emails in question: their ids, or a flag for each row. All when left out.

    Raises
    ------
    DataError
        When ids are not there.

    Examples
    --------
    See ``docs/export.md``.
    """
    require_columns(emails, ["email_id"], table="emails")
    chosen = chosen_rows(emails, only)
    found = _blank(emails)
    for name in STATE[:3]:
        found.loc[chosen, name] = pd.NaT if name == "approved_at" else None
    found.loc[chosen, "not_approved"] = "withdrawn"
    return found


def check_approval(emails: pd.DataFrame) -> pd.DataFrame:
    """Tell of each email whether it is approved as it stands.

    Parameters
    ----------
    emails
        With or without the columns that `approve_emails` adds.

    Returns
    -------
    pandas.DataFrame
        `email_id, state` (approved, edited since it was approved, or not approved), `approved_by, approved_at` and
        `reason`, in the order of `emails`.

    Examples
    --------
    See ``docs/export.md``.
    """
    require_columns(emails, ["email_id"], table="emails")
    state = _blank(emails)
    given = (state["approval_digest"].notna() & state["approved_at"].notna() & state["approved_by"].notna()).to_numpy()
    same = given & (state["approval_digest"].to_numpy() == np.array(_digests(emails), dtype=object))
    return pd.DataFrame(
        {
            "email_id": emails["email_id"].to_numpy(),
            "state": np.select([same, given], ["approved", "edited since it was approved"], default="not approved"),
            "approved_by": state["approved_by"].to_numpy(),
            "approved_at": state["approved_at"].to_numpy(),
            "reason": state["not_approved"].to_numpy(),
        },
        index=emails.index,
    )


def campaign_of(emails: pd.DataFrame, campaign: Campaign | None) -> Campaign:
    """Return the campaign given, or the one that `write_emails` noted with the emails."""
    noted = emails.attrs.get("campaign")
    if campaign is None and noted is None:
        raise ArgumentError("these emails carry no campaign; give the one they were written for with campaign=.")
    return campaign if campaign is not None else make_campaign(noted)


def may_not_get_email(contacts: pd.DataFrame) -> pd.Series:
    """Return why a contact may not be written to, by id; an empty text where they may."""
    told = np.full(len(contacts), "", dtype=object)
    if "consent" in contacts.columns:
        told[~contacts["consent"].astype("boolean").fillna(False).to_numpy(dtype=bool)] = "no consent"
    if "suppressed" in contacts.columns:
        told[contacts["suppressed"].astype("boolean").fillna(False).to_numpy(dtype=bool)] = "suppressed"
    return pd.Series(told, index=contacts["contact_id"].to_numpy())


def chosen_rows(emails: pd.DataFrame, only: Any) -> NDArray[np.bool_]:
    """Return a flag for each email: all, those flagged, or those named by their ids."""
    if only is None:
        return np.ones(len(emails), dtype=bool)
    if _is_flags(only, emails):
        return np.asarray(only, dtype=bool)
    if isinstance(only, str) or not isinstance(only, Iterable):
        only = [only]
    ids = pd.Index(list(only))
    missing = ids[~ids.isin(emails["email_id"])]
    if len(missing):
        raise DataError(
            f"emails: {plural(len(missing), 'id')} of only= can't be found, such as {few(shown_ids(missing), limit=3)}; "
            "give values of email_id, or one flag for each row."
        )
    return emails["email_id"].isin(ids).to_numpy()


def shown_ids(ids: Iterable[Any]) -> list[str]:
    """Return ids as a message may tell them: those that hold an address or what can't be seen are not told."""
    return ["(an id with an address)" if "@" in str(one) else UNSEEN.sub("", str(one))[:80] for one in ids]


def _is_flags(only: Any, emails: pd.DataFrame) -> bool:
    flags = getattr(only, "dtype", None)
    if flags is None and isinstance(only, (list, tuple)):
        return len(only) == len(emails) and all(isinstance(one, (bool, np.bool_)) for one in only)
    return flags is not None and pd.api.types.is_bool_dtype(flags) and len(only) == len(emails)


def _refusals(
    emails: pd.DataFrame, audits: Sequence[EmailAudit], contacts: pd.DataFrame | None, campaign: Campaign
) -> NDArray[np.object_]:
    """Return why each email can't be approved, the strongest reason first; an empty text where it can."""
    why = np.full(len(emails), "", dtype=object)
    links = links_of(campaign)
    faults = [
        fault_of(subject, body, links)
        for subject, body in zip(_text(emails["subject"]), _text(emails["body_text"]), strict=True)
    ]
    why[:] = faults
    if "body_html" in emails.columns:
        made = [body_html(text) for text in _text(emails["body_text"])]
        other = emails["body_html"].notna().to_numpy() & (
            emails["body_html"].to_numpy() != np.array(made, dtype=object)
        )
        why[(why == "") & other] = "body_html says something else than body_text; drop the column, it is made anew"
    for audit in audits:
        failed = audit.findings[audit.findings["severity"] == "fail"].drop_duplicates("email_id")
        check = emails["email_id"].map(dict(zip(failed["email_id"], failed["check"], strict=True)))
        why[check.notna().to_numpy()] = "failed the audit: " + check.dropna().to_numpy(dtype=object)
    seen = frozenset().union(*(audit.digests for audit in audits))
    why[[one not in seen for one in text_digests(emails)]] = "not audited as it stands"
    if contacts is not None:
        require_columns(contacts, ["contact_id"], table="contacts")
        refused = emails["contact_id"].map(may_not_get_email(contacts.drop_duplicates("contact_id")))
        bad = refused.notna().to_numpy() & (refused != "").to_numpy()
        why[bad] = refused.to_numpy()[bad]
    why[(emails["status"] == "held").to_numpy()] = "held"
    return why


def _with_state(
    emails: pd.DataFrame,
    approved: NDArray[np.bool_],
    refused: NDArray[np.bool_],
    why: NDArray[np.object_],
    approver: str,
    at: Any,
) -> pd.DataFrame:
    found = _blank(emails)
    moment = pd.Timestamp.now(tz="UTC") if at is None else pd.Timestamp(at)
    moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    found.loc[approved, "approved_at"] = moment.floor("s").as_unit("us")
    found.loc[approved, "approved_by"] = approver
    found.loc[approved, "approval_digest"] = np.array(_digests(emails), dtype=object)[approved]
    found.loc[approved, "not_approved"] = ""
    found.loc[refused, "approved_at"] = pd.NaT
    found.loc[refused, ["approved_by", "approval_digest"]] = None
    found.loc[refused, "not_approved"] = why[refused]
    return found


def _blank(emails: pd.DataFrame) -> pd.DataFrame:
    """Return a copy that has the columns of the state, as they stand or empty."""
    found = emails.copy()
    for name in STATE[1:]:
        given = found[name].astype(object) if name in found else pd.Series(None, index=found.index, dtype=object)
        found[name] = given.where(given.notna(), "" if name == "not_approved" else None)
    moments = found["approved_at"] if "approved_at" in found else pd.Series(pd.NaT, index=found.index)
    found["approved_at"] = pd.to_datetime(moments, utc=True).astype("datetime64[us, UTC]")
    return found.loc[:, [*(name for name in found.columns if name not in STATE), *STATE]]


def _digests(emails: pd.DataFrame) -> list[str]:
    return text_digests(emails, also=("step",))


def _text(column: pd.Series) -> list[str]:
    return column.astype(object).where(column.notna(), "").astype(str).tolist()


def _check_approver(approver: str) -> None:
    if (
        not isinstance(approver, str)
        or not 0 < len(approver.strip()) <= 60
        or "@" in approver
        or UNSEEN.search(approver)
    ):
        raise ArgumentError("approver must be a name or initials of at most 60 characters, and no address.")


def _told(emails: pd.DataFrame, why: NDArray[np.object_], refused: NDArray[np.bool_]) -> str:
    """Return the reasons with their counts and a few ids."""
    reasons = pd.Series(why[refused]).groupby(why[refused]).size().sort_values(ascending=False, kind="stable")
    parts = []
    for reason, n in reasons.items():
        ids = emails["email_id"].to_numpy()[refused & (why == reason)]
        parts.append(f"{plural(int(n), 'email')} {reason} ({few(shown_ids(ids), limit=3)})")
    return "; ".join(parts) + "."
