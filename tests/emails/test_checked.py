"""Any writer is checked: what its drafts say wrong is repaired once, and then replaced by the segment's email."""

from dataclasses import replace

import pytest

import segvspers as sv
from segvspers.emails.brief import Draft, Sentence
from segvspers.emails.checked import told_problems
from segvspers.emails.offline import OfflineWriter
from segvspers.errors import WriterError


@pytest.fixture(scope="module")
def campaign(sample):
    return sv.read_campaign(sample / "campaign.yml")


@pytest.fixture(scope="module")
def audience(sample):
    contacts = sv.read_contacts(sample / "contacts.csv").head(120)
    return contacts.assign(segment_id=contacts["purchase_status"].astype(str))


@pytest.fixture(scope="module")
def facts(sample, audience):
    history = sv.read_history(sample / "history.csv")
    history = history[history["contact_id"].isin(audience["contact_id"])]
    return sv.derive_facts(audience, history, as_of="2026-11-01")


class Scripted:
    """A writer that spoils the drafts of the offline writer as it is told."""

    name = "scripted"

    def __init__(self, first, repaired=lambda draft: draft, *, trial=0):
        self.first, self.repaired, self.trial = first, repaired, trial
        self.asked = []

    def write(self, briefs):
        briefs = list(briefs)
        self.asked += briefs
        drafts = OfflineWriter().write([replace(brief, problems=()) for brief in briefs])
        return [
            replace(
                (self.repaired if brief.problems else self.first)(draft), tokens_in=100, tokens_out=10, cost_usd=0.001
            )
            for brief, draft in zip(briefs, drafts, strict=True)
        ]


def lying(draft):
    lie = Sentence("You bought 47 licences in 2019.", "story", draft.sentences[0].fact_ids)
    return replace(draft, sentences=(*draft.sentences, lie))


def none(status, why):
    return lambda _: Draft(Sentence("", "subject"), (), status=status, problems=(why,))


def individual(emails):
    return emails[emails["variant"] == "individual"].set_index("contact_id")


@pytest.fixture(scope="module")
def offline(audience, facts, campaign):
    return individual(sv.write_emails(audience, facts, campaign=campaign))


def test_a_draft_that_lies_is_repaired_with_what_was_wrong(audience, facts, campaign, offline):
    writer = Scripted(lying)
    emails = individual(sv.write_emails(audience, facts, campaign=campaign, writer=writer))
    own = offline.index[offline["writer"] == "offline"]
    assert len(own) > 40
    assert (emails.loc[own, "status"] == "ready").all()
    assert (emails.loc[own, "writer"] == "scripted").all()
    told = [brief.problems for brief in writer.asked if brief.problems]
    assert len(told) == len(own)
    assert all(any("2019" in problem for problem in problems) for problems in told)
    assert (emails.loc[own, "tokens_in"] == 200).all()
    assert emails.loc[own, "cost_usd"].to_numpy() == pytest.approx(0.002)


def test_a_draft_that_lies_twice_is_replaced_by_the_segments_email_and_its_cost_stays(
    audience, facts, campaign, offline
):
    everything = sv.write_emails(audience, facts, campaign=campaign, writer=Scripted(lying, lying))
    emails, segment = individual(everything), everything[everything["variant"] == "segment"].set_index("contact_id")
    own = offline.index[offline["writer"] == "offline"]
    assert (emails.loc[own, "status"] == "fell_back").all()
    assert (emails.loc[own, "writer"] == "template").all()
    assert (emails.loc[own, "body_text"] == segment.loc[own, "body_text"]).all()
    assert emails.loc[own, "reason"].str.contains("value not in the cited facts").all()
    assert emails.loc[own, "cost_usd"].to_numpy() == pytest.approx(0.002)
    assert "2019" not in emails["body_text"].str.cat()
    assert sv.audit_emails(everything, facts, contacts=audience).passed_share == 1


@pytest.mark.parametrize(
    ("status", "asks"), [("refused", 1), ("filtered", 1), ("failed", 1), ("truncated", 2), ("malformed", 2)]
)
def test_what_can_be_repaired_is_asked_for_twice_and_a_refusal_is_not(status, asks, audience, facts, campaign, offline):
    writer = Scripted(none(status, f"because {status}"), none(status, f"because {status}"))
    emails = individual(sv.write_emails(audience, facts, campaign=campaign, writer=writer))
    own = offline.index[offline["writer"] == "offline"]
    assert len(writer.asked) == asks * len(own)
    assert set(emails.loc[own, "reason"]) == {f"because {status}"}
    assert emails.loc[own, "cost_usd"].to_numpy() == pytest.approx(0.001 * asks)


def test_a_writer_is_tried_on_a_few_and_stopped_when_none_may_leave(audience, facts, campaign):
    writer = Scripted(lying, lying, trial=7)
    with pytest.raises(WriterError, match="none of the first 7 emails may leave.*x value not in the cited facts"):
        sv.write_emails(audience, facts, campaign=campaign, writer=writer)
    assert len(writer.asked) == 14


def test_a_trial_that_goes_well_is_part_of_the_run(audience, facts, campaign, offline):
    writer = Scripted(lambda draft: draft, trial=7)
    emails = individual(sv.write_emails(audience, facts, campaign=campaign, writer=writer))
    assert (emails["status"] == offline["status"]).all()
    contacts = [brief.contact_id for brief in writer.asked]
    assert len(contacts) == len(set(contacts)) == (offline["writer"] == "offline").sum()


def test_a_writer_is_told_of_nobody_who_may_not_be_written_to(audience, facts, campaign):
    writer = Scripted(lambda draft: draft)
    stopped = audience.assign(suppressed=[place % 2 == 0 for place in range(len(audience))])
    emails = individual(sv.write_emails(stopped, facts, campaign=campaign, writer=writer))
    held = set(stopped.loc[stopped["suppressed"], "contact_id"])
    assert writer.asked
    assert not held & {brief.contact_id for brief in writer.asked}
    assert (emails.loc[sorted(held), "status"] == "held").all()


def test_reasons_name_each_kind_once_and_no_words_of_the_text():
    problems = ("value not in the cited facts: 2019", "value not in the cited facts: 47", "sentence 2 states no fact")
    assert told_problems(problems) == "value not in the cited facts, sentence 2 states no fact"
