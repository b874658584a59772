"""Emails streamed to Parquet equal those made in memory, and a failed run leaves nothing half-written."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import segvspers as sv
from segvspers.emails import batch, stream
from segvspers.emails.batch import buckets_of
from segvspers.errors import ArgumentError, DataError, MissingFileError


@pytest.fixture(scope="module")
def some(audience):
    return audience.iloc[::5].reset_index(drop=True)


@pytest.fixture(scope="module")
def known(facts, some):
    return facts[facts["contact_id"].isin(some["contact_id"])].reset_index(drop=True)


@pytest.fixture
def small_buckets(monkeypatch):
    monkeypatch.setattr(batch, "BUCKET", 150)
    monkeypatch.setattr(stream, "BUCKET", 150)


def in_order(emails):
    return emails.sort_values("email_id").reset_index(drop=True)


def same(streamed, made):
    columns = ["email_id", "subject", "body_text", "status", "reason", "writer", "audience_size", "bits"]
    pd.testing.assert_frame_equal(
        in_order(streamed)[columns].astype(dict.fromkeys(columns[:6], object)),
        in_order(made)[columns].astype(dict.fromkeys(columns[:6], object)),
        check_dtype=False,
    )


def test_a_stream_in_many_buckets_equals_the_run_in_memory(some, known, campaign, tmp_path, small_buckets):
    variants = ["blast", "segment", "individual"]
    told = sv.write_emails(some, known, campaign=campaign, variants=variants, to=tmp_path / "emails.parquet")
    made = sv.write_emails(some, known, campaign=campaign, variants=variants)
    same(pd.read_parquet(tmp_path / "emails.parquet"), made)
    assert told.n_emails == len(made) == 3 * len(some)
    assert told.counts == made.groupby(["variant", "status"]).size().to_dict()
    assert str(told).startswith("3,000 emails in emails.parquet: ")


def test_files_in_give_what_frames_in_give(some, known, campaign, tmp_path):
    plain = some.assign(
        **{name: some[name].astype(object) for name in some.columns if str(some[name].dtype) == "category"}
    )
    plain.to_parquet(tmp_path / "contacts.parquet")
    known.to_parquet(tmp_path / "facts.parquet")
    told = sv.write_emails(
        tmp_path / "contacts.parquet", str(tmp_path / "facts.parquet"), campaign=campaign, to=tmp_path / "out.parquet"
    )
    same(pd.read_parquet(told.path), sv.write_emails(some, known, campaign=campaign))
    assert pq.read_schema(told.path).equals(stream.email_schema())


def test_a_streamed_file_can_be_audited(some, known, campaign, tmp_path):
    told = sv.write_emails(some, known, campaign=campaign, to=tmp_path / "emails.parquet")
    audit = sv.audit_emails(pd.read_parquet(told.path), known, contacts=some, campaign=campaign)
    assert audit.n_passed == audit.n_emails == told.n_emails


def test_an_email_depends_on_its_bucket_only(some, known, campaign, small_buckets):
    buckets = buckets_of(some["contact_id"].tolist(), len(some))
    assert len(set(buckets)) == -(-len(some) // 150)
    made = sv.write_emails(some, known, campaign=campaign, variants=["individual"])
    turned = sv.write_emails(some.iloc[::-1], known.iloc[::-1], campaign=campaign, variants=["individual"])
    pd.testing.assert_series_equal(in_order(made)["body_text"], in_order(turned)["body_text"])


def test_buckets_are_even_and_follow_from_the_id_alone():
    ids = [f"C{place:06d}" for place in range(50_000)]
    buckets = buckets_of(ids, 100_000)
    assert np.bincount(buckets).min() > 0.95 * len(ids) / 5
    assert (buckets_of(ids[:10], 100_000) == buckets[:10]).all()
    assert set(buckets_of(ids[:100], 20_000)) == {0}


def test_a_run_that_fails_leaves_the_file_as_it_was(some, known, campaign, tmp_path, monkeypatch):
    path = tmp_path / "emails.parquet"
    path.write_bytes(b"before")

    def fails(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(stream, "write_batch", fails)
    with pytest.raises(KeyboardInterrupt):
        sv.write_emails(some, known, campaign=campaign, to=path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_stream_can_not_do_is_told(some, known, campaign, tmp_path):
    out = tmp_path / "out.parquet"
    with pytest.raises(ArgumentError, match="audience and facts are files, so say where the emails go"):
        sv.write_emails("a.parquet", "b.parquet", campaign=campaign)
    with pytest.raises(MissingFileError, match="audience: no file at"):
        sv.write_emails(tmp_path / "none.parquet", known, campaign=campaign, to=out)
    with pytest.raises(ArgumentError, match="budget_usd ranks the whole list"):
        sv.write_emails(some, known, campaign=campaign.model_copy(update={"budget_usd": 5.0}), to=out)
    with pytest.raises(DataError, match=r"audience lacks \['segment_id'\]"):
        sv.write_emails(some.drop(columns="segment_id"), known, campaign=campaign, to=out)
    with pytest.raises(DataError, match="audience: 2 problems"):
        bad = pd.concat([some.head(3), some.head(1)]).assign(segment_id=["a", None, "a", "a"])
        sv.write_emails(bad, known, campaign=campaign, to=out)
    assert not out.exists()


def test_own_templates_stand_beside_individual_emails(some, known, campaign, tmp_path):
    from segvspers.emails.own_templates import make_templates

    segments = sorted(set(some["segment_id"]))
    own = make_templates(
        {one: {"subject": "News for {{ company }}", "body": "We have news for you."} for one in segments}
    )
    made = sv.write_emails(some, known, campaign=campaign, templates=own)
    assert made.loc[made["variant"] == "segment", "body_text"].str.contains("We have news for you.", regex=False).all()
    with pytest.raises(DataError, match="no template for segments"):
        sv.write_emails(some, known, campaign=campaign, templates={segments[0]: own[segments[0]]})


def test_briefs_come_in_the_order_in_which_a_stream_writes(some, known, campaign, tmp_path, small_buckets):
    briefs = list(sv.stream_briefs(some, known, campaign=campaign))
    told = sv.write_emails(some, known, campaign=campaign, variants=["individual"], to=tmp_path / "emails.parquet")
    written = pd.read_parquet(told.path).query("status == 'ready'")
    assert [one.contact_id for one in briefs] == written["contact_id"].tolist()
    assert {one.campaign.campaign_id for one in briefs} == {campaign.campaign_id}
