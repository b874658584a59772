"""What is approved is exactly one text: edits, failed audits, held and suppressed contacts are not."""

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError

STATE = ["approved_at", "approved_by", "approval_digest", "not_approved"]


def states(emails):
    return sv.check_approval(emails).set_index("email_id")["state"]


def ready(emails):
    return emails.loc[emails["status"] == "ready", "email_id"].tolist()


def test_all_that_may_leave_is_approved_and_the_rest_says_why(drafts, approved):
    held = approved[approved["status"] == "held"]
    others = approved[approved["status"] != "held"]
    assert len(held) > 0
    assert held["not_approved"].eq("held").all()
    assert held[STATE[:3]].isna().all(axis=None)
    assert states(others).eq("approved").all()
    assert others["approved_by"].eq("MS").all()
    assert others["approved_at"].eq(pd.Timestamp("2026-11-02 09:00", tz="UTC")).all()
    pd.testing.assert_frame_equal(approved.drop(columns=STATE), drafts)


def test_the_table_given_is_not_changed(drafts, audit):
    before = drafts.copy()
    sv.approve_emails(drafts, audit=audit, approver="MS")
    pd.testing.assert_frame_equal(drafts, before)


@pytest.mark.parametrize(
    ("column", "value"),
    [("subject", "Hi"), ("body_text", "Hi!"), ("contact_id", "C00099"), ("variant", "blast"), ("step", 2)],
)
def test_whatever_is_edited_afterwards_is_not_approved(column, value, approved, passing):
    edited = approved.copy()
    first = edited.index[edited["status"] == "ready"][0]
    if column == "step":
        edited["step"] = 1
        edited = sv.approve_emails(edited, audit=passing(approved), approver="MS", only=[edited.loc[first, "email_id"]])
    edited.loc[first, column] = value
    found = states(edited)
    assert found[approved.loc[first, "email_id"]] == "edited since it was approved"
    if column != "step":
        assert found.value_counts()["approved"] == states(approved).value_counts()["approved"] - 1


def test_an_edited_text_needs_a_new_audit_before_it_is_approved_again(approved, audit, known, people, campaign):
    one = ready(approved)[0]
    edited = approved.copy()
    edited.loc[edited["email_id"] == one, "body_text"] = edited["body_text"].str.replace("Best,", "All the best,")
    edited = edited.drop(columns="body_html")
    with pytest.raises(DataError, match="1 email not audited as it stands"):
        sv.approve_emails(edited, audit=audit, approver="MS", only=[one])
    again = sv.audit_emails(edited, known, contacts=people, campaign=campaign)
    assert states(sv.approve_emails(edited, audit=again, approver="MS", only=[one]))[one] == "approved"


def test_html_that_says_something_else_is_told(approved, audit):
    one = ready(approved)[0]
    edited = approved.copy()
    edited.loc[edited["email_id"] == one, "body_html"] = "<p>Something else</p>"
    with pytest.raises(DataError, match="body_html says something else than body_text; drop the column"):
        sv.approve_emails(edited, audit=audit, approver="MS", only=[one])


def test_an_email_that_failed_the_audit_is_not_approved(drafts, known, people, campaign):
    bad = drafts.drop(columns="body_html").copy()
    first = bad.index[bad["status"] == "ready"][0]
    bad.loc[first, "body_text"] = bad.loc[first, "body_text"].split("\n\n--\n")[0]
    audit = sv.audit_emails(bad, known, contacts=people, campaign=campaign)
    found = sv.approve_emails(bad, audit=audit, approver="MS")
    assert found.loc[first, "not_approved"].startswith("failed the audit: ")
    assert states(found)[bad.loc[first, "email_id"]] == "not approved"


@pytest.mark.parametrize(
    ("flag", "value", "reason"), [("suppressed", True, "suppressed"), ("consent", False, "no consent")]
)
def test_a_contact_who_may_not_be_written_to_any_more_is_left_out(flag, value, reason, drafts, audit, people):
    who = drafts.loc[drafts["status"] == "ready", "contact_id"].iloc[0]
    now = people.copy()
    now.loc[now["contact_id"] == who, flag] = value
    found = sv.approve_emails(drafts, audit=audit, approver="MS", contacts=now)
    assert found.loc[found["contact_id"] == who, "not_approved"].eq(reason).all()


def test_some_are_approved_by_flags_or_ids_and_earlier_approvals_stay(drafts, audit):
    individual = sv.approve_emails(drafts, audit=audit, approver="MS", only=drafts["variant"] == "individual")
    found = sv.check_approval(individual)
    assert set(individual.loc[found["state"] == "approved", "variant"]) == {"individual"}
    other = individual.loc[(individual["variant"] == "segment") & (individual["status"] == "ready"), "email_id"].iloc[0]
    both = sv.check_approval(sv.approve_emails(individual, audit=audit, approver="JB", only=other))
    assert both["approved_by"].value_counts()["JB"] == 1
    assert (both["state"] == "approved").sum() == (found["state"] == "approved").sum() + 1


def test_a_withdrawn_approval_is_gone(approved):
    one = ready(approved)[0]
    found = sv.check_approval(sv.withdraw_approval(approved, only=[one])).set_index("email_id")
    assert found.loc[one, ["state", "reason"]].tolist() == ["not approved", "withdrawn"]
    assert (found["state"] == "approved").sum() == (states(approved) == "approved").sum() - 1
    assert not states(sv.withdraw_approval(approved)).eq("approved").any()


def test_a_date_written_by_hand_is_no_approval(drafts):
    forged = drafts.assign(approved_at=pd.Timestamp("2026-11-02", tz="UTC"), approved_by="MS")
    assert states(forged).eq("not approved").all()


def test_approvals_survive_parquet(approved, tmp_path):
    approved.to_parquet(tmp_path / "emails.parquet")
    again = pd.read_parquet(tmp_path / "emails.parquet")
    assert states(again).tolist() == states(approved).tolist()


def test_nothing_approved_is_an_error_that_counts_the_reasons(drafts, audit):
    held = drafts[drafts["status"] == "held"]
    with pytest.raises(DataError, match=f"none can be approved: {len(held)} emails held \\(nov-outreach-"):
        sv.approve_emails(held, audit=audit, approver="MS")
    with pytest.raises(DataError, match="no email was chosen"):
        sv.approve_emails(drafts, audit=audit, approver="MS", only=[False] * len(drafts))


def test_unknown_ids_and_strange_approvers_are_refused(drafts, audit):
    with pytest.raises(DataError, match=r"1 id of only= can't be found, such as nov-x; give values of email_id"):
        sv.approve_emails(drafts, audit=audit, approver="MS", only=["nov-x"])
    with pytest.raises(DataError, match=r"\(an id with an address\)"):
        sv.withdraw_approval(drafts, only=["a@b.example"])
    for name in ("", "ms@postwell.example", "x" * 61, "M\u200bS", None):
        with pytest.raises(ArgumentError, match="approver must be a name or initials of at most 60 characters"):
            sv.approve_emails(drafts, audit=audit, approver=name)
    with pytest.raises(ArgumentError, match="carry no campaign"):
        sv.approve_emails(pd.DataFrame(drafts.to_dict("records")), audit=audit, approver="MS")
    with pytest.raises(DataError, match="some email_ids stand in more than one row"):
        sv.approve_emails(pd.concat([drafts, drafts.head(1)]), audit=audit, approver="MS")
