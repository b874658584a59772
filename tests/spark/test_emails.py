"""Emails of PySpark frames, and their audit, are those of pandas, row by row."""

import pandas as pd
import pytest

import segvspers as sv
from segvspers.emails import batch, on_spark
from segvspers.emails.audit import on_spark as audit_on_spark
from segvspers.errors import ArgumentError, DataError

pytestmark = pytest.mark.spark
TOLD = [
    "email_id", "variant", "contact_id", "segment_id", "subject", "body_text", "body_html", "status", "reason", "writer",
    "tokens_in", "cost_usd", "audience_size", "bits",
]  # fmt: skip


@pytest.fixture(scope="module")
def some(contacts):
    return (
        contacts.iloc[::8].assign(segment_id=lambda frame: frame["purchase_status"].astype(str)).reset_index(drop=True)
    )


@pytest.fixture(scope="module")
def known(facts, some):
    return facts[facts["contact_id"].isin(some["contact_id"])].reset_index(drop=True)


@pytest.fixture(scope="module")
def campaign(sample):
    return sv.read_campaign(sample / "campaign.yml")


def in_order(emails):
    frame = emails.toPandas() if not isinstance(emails, pd.DataFrame) else emails
    return frame.sort_values("email_id", ignore_index=True)


@pytest.fixture(scope="module")
def both(some, known, campaign, as_spark):
    """Emails in memory and on Spark, in several buckets."""
    variants = ["blast", "segment", "individual"]
    with pytest.MonkeyPatch.context() as patch:
        for room in (batch, on_spark):
            patch.setattr(room, "BUCKET", 300)
        made = sv.write_emails(some, known, campaign=campaign, variants=variants)
        frames = as_spark(some).repartition(3), as_spark(known).repartition(4)
        found = sv.write_emails(*frames, campaign=campaign, variants=variants)
        return made, found


def test_emails_are_those_of_pandas_row_by_row(both):
    made, found = (in_order(one) for one in both)
    pd.testing.assert_frame_equal(found[TOLD].astype(object), made[TOLD].astype(object), check_dtype=False)
    sentences = [[[(s["text"], s["role"], list(s["fact_ids"])) for s in one] for one in frame["sentences"]]
                 for frame in (made, found)]  # fmt: skip
    assert sentences[0] == sentences[1]
    assert set(found["status"]) == {"ready", "fell_back", "held"}
    assert (found["audience_size"] > 1).any()


def test_only_sums_come_to_the_driver(some, known, campaign, as_spark, collected, tmp_path, monkeypatch):
    monkeypatch.setattr(on_spark, "MOST_LISTED", 100)
    frames = as_spark(some), as_spark(known)
    with pytest.warns(UserWarning, match="more than 100 contacts, so drafts are judged without"):
        told = sv.write_emails(*frames, campaign=campaign, to=tmp_path / "emails")
    assert max(collected) < 100
    made = sv.write_emails(some, known, campaign=campaign)
    assert told.n_emails == len(made)
    assert told.counts == made.groupby(["variant", "status"]).size().to_dict()
    found = in_order(pd.read_parquet(told.path))
    pd.testing.assert_series_equal(found["bits"], in_order(made)["bits"])


def test_what_can_not_be_written_is_told_as_for_pandas(some, known, campaign, as_spark):
    rows, facts = as_spark(some), as_spark(known)
    with pytest.raises(DataError, match="audience: 2 problems"):
        bad = pd.concat([some.head(3), some.head(1)]).assign(segment_id=["a", None, "a", "a"])
        sv.write_emails(as_spark(bad), facts, campaign=campaign)
    with pytest.raises(DataError, match=r"contacts lacks \['segment_id'\]"):
        sv.write_emails(rows.drop("segment_id"), facts, campaign=campaign)
    with pytest.raises(ArgumentError, match="budget_usd ranks the whole list"):
        sv.write_emails(rows, facts, campaign=campaign.model_copy(update={"budget_usd": 5.0}))
    with pytest.raises(ArgumentError, match="on PySpark only OfflineWriter writes"):
        writer = sv.OpenAIBatchWriter(model="gpt-4.1-mini", store=None)
        sv.write_emails(rows, facts, campaign=campaign, writer=writer)
    with pytest.raises(DataError, match="audience is a PySpark frame and facts is not"):
        sv.write_emails(rows, known, campaign=campaign)


def test_the_audit_is_that_of_pandas(both, some, known, campaign, as_spark, collected, monkeypatch):
    made = both[0].reset_index(drop=True)
    made.loc[3, "body_text"] += "\nWe saw 47 orders from Acme!!"
    made.loc[700, "body_text"] = made.loc[700, "body_text"].replace("Hi ", "Hi Zed ", 1)
    made.loc[900, "subject"] = some["company"].dropna().iloc[4] + " {{ first_name }}"
    monkeypatch.setattr(audit_on_spark, "BUCKET_EMAILS", 500)
    frames = as_spark(made.drop(columns="identity").assign(identity=made["identity"])), as_spark(known), as_spark(some)
    expected = sv.audit_emails(made, known, contacts=some, campaign=campaign)
    found = sv.audit_emails(frames[0], frames[1], contacts=frames[2], campaign=campaign)
    assert max(n for n in collected) < 4_000  # a vocabulary is the longest
    assert (found.n_emails, found.n_passed) == (expected.n_emails, expected.n_passed)
    assert found.n_passed < found.n_emails
    pd.testing.assert_frame_equal(found.variants, expected.variants, check_dtype=False, rtol=1e-9)
    assert found.summary() == expected.summary()
    assert found.n_warned == expected.n_warned > 0
    ids = [audit.worst(3).emails["email_id"].tolist() for audit in (found, expected)]
    assert ids[0] == ids[1]
    assert "Audit of emails" in found._repr_html_()
    columns = list(expected.findings.columns)
    ours, theirs = (frame[columns].sort_values(columns, ignore_index=True).astype(object)
                    for frame in (expected.findings, found.findings.toPandas()))  # fmt: skip
    pd.testing.assert_frame_equal(theirs, ours, check_dtype=False)
    assert set(found.texts.toPandas()["email_id"]) == set(expected.texts["email_id"])


def test_what_an_audit_needs_is_told(both, known, some, campaign, as_spark, monkeypatch):
    rows, facts = as_spark(both[0].head(20)), as_spark(known)
    with pytest.raises(ArgumentError, match="a PySpark frame carries no campaign"):
        sv.audit_emails(rows, facts)
    with pytest.raises(DataError, match=r"emails lacks \['body_text'\]"):
        sv.audit_emails(rows.drop("body_text"), facts, campaign=campaign)
    monkeypatch.setattr(audit_on_spark, "MOST_LISTED", 10)
    with pytest.raises(ArgumentError, match="holds 625 contacts; .* up to 10"):
        sv.audit_emails(rows, facts, contacts=as_spark(some), campaign=campaign)
