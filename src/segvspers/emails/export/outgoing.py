"""Which emails leave, to whom: approvals, consent, addresses and steps are checked before a byte is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import few, require_columns
from segvspers._display import plural
from segvspers.emails.body import body_html
from segvspers.emails.campaign import Campaign
from segvspers.emails.export.approval import NEEDED, check_approval, may_not_get_email, shown_ids
from segvspers.emails.export.unsafe import fault_of, is_address, links_of
from segvspers.emails.names import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = ("first_name", "last_name", "company")
STRANGE_NAME = "left empty: it holds mark-up, a link, template marks or what can't be seen"
CUT_NAME = "the sign in front is left out: a spreadsheet would take it for a formula"


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """The emails that leave.

    Attributes
    ----------
    rows
        An email each: its columns, `step`, `campaign_id`, `body_html` made anew, and of its contact `email, first_name,
        last_name, company`.
    left_out
        `email_id, reason` of those that stay.
    changes
        `email_id, field, change` of what is told otherwise than in the tables given.
    problems
        Why nothing can be written, one sentence each.
    """

    rows: pd.DataFrame
    left_out: pd.DataFrame
    changes: pd.DataFrame
    problems: list[str]


def gather(
    emails: pd.DataFrame, contacts: pd.DataFrame | None, *, campaign: Campaign, by_contact: bool | None
) -> Outgoing:
    """Return the emails that leave with their contacts, and all that is wrong with them.

    `by_contact` says whether a contact gets one row with all steps, or nothing when even both variants may stand there.
    """
    require_columns(emails, NEEDED, table="emails")
    problems: list[str] = []
    ids = emails["email_id"]
    problems += counted(
        ids[ids.duplicated()], "email_id stands", "email_ids stand", "in more than one row; keep one row an email"
    )
    reasons = _reasons_to_stay(emails, contacts)
    stays = (reasons != "").to_numpy()
    rows = emails[~stays].copy()
    problems += _approval_problems(rows)
    rows["step"], wrong = _steps(rows)
    problems += counted(
        rows["email_id"][wrong], "email has", "emails have", "no whole number from 1 in step; number the steps"
    )
    rows["campaign_id"] = rows.get("campaign_id", campaign.campaign_id)
    for name in ("subject", "body_text"):
        rows[name] = rows[name].astype(object).where(rows[name].notna(), "").astype(str)
    problems += _text_problems(rows, campaign)
    rows["body_html"] = [body_html(text) for text in rows["body_text"]]
    changes = no_changes()
    if contacts is not None:
        rows, changes = _with_contacts(rows, contacts)
        problems += _address_problems(rows, contacts)
    if by_contact is not None:
        problems += _step_problems(rows, by_contact=by_contact)
    if not len(rows):
        told = reasons[stays].value_counts()
        problems.append("no email is left to export: " + "; ".join(f"{n:,} {reason}" for reason, n in told.items()))
    left_out = pd.DataFrame({"email_id": ids[stays].to_numpy(), "reason": reasons[stays].to_numpy()})
    return Outgoing(rows.reset_index(drop=True), left_out, changes, problems)


def no_changes() -> pd.DataFrame:
    """Return the empty table of changes."""
    return pd.DataFrame({"email_id": [], "field": [], "change": []}, dtype=object)


def _reasons_to_stay(emails: pd.DataFrame, contacts: pd.DataFrame | None) -> pd.Series:
    """Return why emails stay although nothing is wrong with them; an empty text for those that leave."""
    why = pd.Series("", index=emails.index, dtype=object)
    why[emails["status"] == "held"] = "held"
    if contacts is not None:
        require_columns(contacts, ["contact_id", "email"], table="contacts")
        once = contacts.drop_duplicates("contact_id")
        refused = emails["contact_id"].map(may_not_get_email(once)).fillna("")
        why[(why == "") & (refused != "")] = refused
        if "variant" in once.columns:
            assigned = emails["contact_id"].map(once.set_index("contact_id")["variant"].astype(object))
            why[assigned.notna() & (assigned != emails["variant"])] = "the contact was assigned to another variant"
    return why


def _approval_problems(rows: pd.DataFrame) -> list[str]:
    state = check_approval(rows)
    edited = state["state"] == "edited since it was approved"
    never = state["state"] == "not approved"
    return [
        *counted(rows["email_id"][edited], "email was", "emails were",
               "edited since approval; audit the table again and approve them again with approve_emails"),
        *counted(rows["email_id"][never], "email is", "emails are",
               "not approved; approve them with approve_emails, or leave them out (check_approval tells why)"),
    ]  # fmt: skip


def _text_problems(rows: pd.DataFrame, campaign: Campaign) -> list[str]:
    """Return which texts no approval would have let through, whoever wrote the state into the table."""
    links = links_of(campaign)
    texts = zip(rows["subject"], rows["body_text"], strict=True)
    faults = pd.Series([fault_of(subject, body, links) for subject, body in texts], index=rows.index, dtype=object)
    return [
        problem
        for fault in sorted(set(faults) - {""})
        for problem in counted(
            rows["email_id"][faults == fault], "email has", "emails have", f"{fault}; mend, audit and approve it"
        )
    ]


def _steps(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the step of each email and whether it is none."""
    if "step" not in rows.columns:
        return pd.Series(1, index=rows.index), pd.Series(False, index=rows.index)
    steps = pd.to_numeric(rows["step"], errors="coerce")
    wrong = ~((steps >= 1) & (steps == np.floor(steps)))
    return steps.where(~wrong, 1).astype(int), wrong


def _with_contacts(rows: pd.DataFrame, contacts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return emails with the address and the names of their contacts, and the names that are told otherwise."""
    once = contacts.drop_duplicates("contact_id").set_index("contact_id")
    changes = []
    found = rows.drop(columns=[name for name in ("email", *NAMES) if name in rows.columns])
    found["email"] = found["contact_id"].map(once["email"].astype(object))
    for name in NAMES:
        given = once[name].astype(object) if name in once.columns else pd.Series(None, index=once.index, dtype=object)
        given = given.where(given.notna(), "").astype(str)
        clean = given.map(clean_name)
        found[name] = found["contact_id"].map(clean).fillna("")
        signed = given.str.strip().str[:1].isin(list("-+－＋"))
        filled = given.str.strip() != ""
        for which, told in ((filled & (clean == ""), STRANGE_NAME), (signed & (clean != ""), CUT_NAME)):
            hit = found["contact_id"].isin(once.index[which])
            changes.append(pd.DataFrame({"email_id": found["email_id"][hit], "field": name, "change": told}))
    return found, pd.concat(changes, ignore_index=True)


def _address_problems(rows: pd.DataFrame, contacts: pd.DataFrame) -> list[str]:
    people = rows.drop_duplicates("contact_id")
    known = people["contact_id"].isin(contacts["contact_id"])
    empty = known & (people["email"].isna() | (people["email"].astype(str).str.strip() == ""))
    bad = known & ~empty & ~people["email"].map(is_address).astype(bool)
    good = people[known & ~empty & ~bad]
    shared = good[good["email"].str.lower().duplicated(keep=False)]
    who = people["contact_id"]
    return [
        *counted(who[~known], "contact is", "contacts are", "not in contacts=; give the whole list"),
        *counted(who[empty], "contact has", "contacts have", "no address; leave their emails out"),
        *counted(who[bad], "contact has", "contacts have",
               "an address that is no plain one (name@domain, letters of ASCII); correct it or leave their emails out"),
        *counted(shared["contact_id"], "contact shares", "contacts share",
               "an address with another one, who would get two emails; keep one of each"),
        *counted(contacts["contact_id"][contacts["contact_id"].duplicated()], "contact_id stands", "contact_ids stand",
               "in more than one row of contacts=; keep one row a contact"),
    ]  # fmt: skip


def _step_problems(rows: pd.DataFrame, *, by_contact: bool) -> list[str]:
    twice = rows.duplicated(["contact_id", "step"])
    problems = counted(rows["contact_id"][twice].drop_duplicates(), "contact would", "contacts would",
                     "get more than one email of a step; keep one variant, or give contacts= with the column variant that "
                     "assign_variants adds")  # fmt: skip
    if by_contact and not twice.any() and len(rows):
        n_steps = rows.groupby("contact_id")["step"].agg(["nunique", "max"])
        most = int(rows["step"].max())
        uneven = n_steps.index[(n_steps["nunique"] < most) | (n_steps["max"] < most)]
        problems += counted(uneven, "contact lacks", "contacts lack",
                          f"some of the steps 1 to {most} and would get an empty email; export them apart")  # fmt: skip
    return problems


def counted(ids: Iterable[Any], one: str, many: str, rest: str) -> list[str]:
    """Return a problem with its count and a few ids, or nothing."""
    listed = list(ids)
    return [f"{plural(len(listed), one, many)} {rest}: {few(shown_ids(listed))}"] if listed else []
