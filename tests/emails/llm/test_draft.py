"""What a model wrote becomes a draft only as far as it may: citations shown, no promise, no link, no frame."""

import json

import pytest

from segvspers.emails.llm.dialogue.boundary import allowed_words, said_wrong
from segvspers.emails.llm.dialogue.draft import draft_of
from segvspers.emails.llm.dialogue.prompt import build_prompt

PAID = {"tokens_in": 1, "tokens_out": 2, "cost_usd": 0.5}


@pytest.fixture
def read(make_briefs):
    brief = make_briefs(1)[0]

    def read(sentences, *, subject="A short note", placeholders=False, status="answered"):
        said = [
            {"role": role, "fact_ids": ids, "text": text, "opens_paragraph": place == 0}
            for place, (role, ids, text) in enumerate(sentences)
        ]
        text = json.dumps({"subject": {"text": subject, "fact_ids": ["f1"]}, "sentences": said})
        prompt = build_prompt(brief, placeholders=placeholders)
        return draft_of(status, text, brief, prompt, placeholders=placeholders, quotes=False, paid=PAID)

    return read


LEAD = ("lead", ["f1"], "You asked us about SMS last month.")
OFFER = ("offer", [], "We could go through it in a 20-minute review of your setup.")


def test_a_good_answer_becomes_a_draft_with_the_question_at_its_end(read, campaign):
    draft = read(
        [LEAD, ("story", ["f2", "f3"], "You bought Plan B in May and opened two emails about deliverability."), OFFER]
    )
    assert draft.problems == ()
    assert [one.fact_ids for one in draft.sentences] == [("q0",), ("p0", "e0"), (), ()]
    assert draft.sentences[-1].text == campaign.asked
    assert draft.subject.fact_ids == ()  # it shows nothing of the fact that it cites
    assert draft.cost_usd == 0.5


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        (("lead", [], "You are a fine customer."), "sentence 2 is a lead but states no fact"),
        (("story", ["f3"], "We hope that you are well."), "sentence 2 cites a fact that it does not show"),
        (("story", ["f7"], "You asked us about SMS."), "sentence 2 cites a fact that was not given"),
        (("claim", [], "You recently bought something from us."), "sentence 2 states something of the reader but cites no fact"),
        (("claim", [], "Thank you for your recent interest in us."), "sentence 2 states something of the reader but cites no fact"),
        (("claim", [], "As discussed, we can help."), "sentence 2 states something of the reader but cites no fact"),
        (("offer", [], "Get 10% off with our holiday discount."), "sentence 2 promises or claims what the campaign does not say"),
        (("offer", [], "Many of our customers use it."), "sentence 2 promises or claims what the campaign does not say"),
        (("offer", [], "Read more at https://evil.example/x."), "sentence 2 holds a link or an address"),
        (("offer", [], "Write to boss@evil.example now."), "sentence 2 holds a link or an address"),
        (("offer", [], "<b>Act</b> at once."), "sentence 2 holds mark-up or an unfilled token"),
        (("offer", [], "Dear {{ name }} of {company}."), "sentence 2 holds mark-up or an unfilled token"),
        (("offer", [], "[click](x) here."), "sentence 2 holds mark-up or an unfilled token"),
        (("offer", [], "Hello Sarah, how are things?"), "sentence 2 is a greeting, a signature or a footer, which are added"),
        (("offer", [], "Best regards, Maya"), "sentence 2 is a greeting, a signature or a footer, which are added"),
        (("offer", [], "Click to unsubscribe from this."), "sentence 2 is a greeting, a signature or a footer, which are added"),
        (("offer", [], "As an AI, I can't say."), "sentence 2 talks about the instructions"),
        (("offer", [], "Please name f1 in fact_ids."), "sentence 2 talks about the instructions"),
        (("offer", [], "Мы хотели бы помочь вам завтра."), "sentence 2 is not in English"),
        (("offer", [], "\u200b"), "sentence 2 is empty"),
        (("story", ["f2"], "You asked us about Plan B in May."), "sentence 2 says what the facts it cites are not about"),
        (("story", ["f2"], "You bought Plan C in May."), "sentence 2 says what the facts it cites are not about"),
        (("story", ["f1"], "A question about templates came last month."), "sentence 2 says what the facts it cites are not about"),
        (("story", ["f3"], "Your ticket about deliverability is open."), "sentence 2 says what the facts it cites are not about"),
        (LEAD, "sentence 2 repeats another"),
    ],
)  # fmt: skip
def test_what_must_not_be_said_is_named_without_its_words(read, sentence, problem):
    assert problem in read([LEAD, sentence, OFFER]).problems


def test_a_subject_that_feigns_a_reply_is_refused(read):
    assert "the subject feigns a reply" in read([LEAD, OFFER], subject="Re: your order").problems


@pytest.mark.parametrize(
    "claim",
    ["On SMS, texts can join the flows you already run, with consent kept apart from email.", "We can work out which plan is cheapest for the list you have."],
)  # fmt: skip
def test_what_the_campaign_says_itself_may_be_said(read, claim):
    assert read([LEAD, ("claim", [], claim), OFFER]).problems == ()


def test_every_claim_and_offer_of_the_sample_passes(campaign):
    for text in (campaign.offer, *campaign.claims.values()):
        assert list(said_wrong(text, cites=False, ours=allowed_words(campaign))) == []


def test_the_message_of_a_campaign_stands_in_every_email_as_it_is(make_briefs):
    from dataclasses import replace

    brief = make_briefs(1)[0]
    brief = replace(brief, campaign=brief.campaign.model_copy(update={"message": "Prices stay as they are."}))
    said = [{"role": role, "fact_ids": ids, "text": text, "opens_paragraph": True} for role, ids, text in (LEAD, OFFER)]
    text = json.dumps({"subject": {"text": "SMS", "fact_ids": []}, "sentences": said})
    prompt = build_prompt(brief)
    draft = draft_of("answered", text, brief, prompt, placeholders=False, quotes=False, paid=PAID)
    assert [one.text for one in draft.sentences[-2:]] == ["Prices stay as they are.", brief.campaign.asked]
    assert "Prices stay as they are." in prompt.instructions


def test_a_second_sentence_about_a_fact_need_not_name_it_again(read):
    assert read([LEAD, ("story", ["f1"], "We have not answered it yet."), OFFER]).problems == ()


@pytest.mark.parametrize("status", ["refused", "filtered", "truncated", "malformed"])
def test_an_answer_that_is_none_keeps_its_status_and_its_cost(read, status):
    draft = read([LEAD, OFFER], status=status)
    assert (draft.status, draft.cost_usd, draft.sentences) == (status, 0.5, ())
    assert draft.problems


def test_placeholders_are_filled_after_you_only(read):
    draft = read([("lead", ["f1"], "You {f1}, and {f3}."), ("offer", [], "A review for {company}")], placeholders=True)
    assert draft.problems == ()
    assert (
        draft.sentences[0].text
        == "You asked us about SMS last month, and opened two of the twelve emails we sent you about deliverability."
    )
    assert draft.sentences[0].fact_ids == ("q0", "e0")
    assert draft.sentences[1].text == "A review for Mill 0."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("We saw {f1}.", 'sentence 1 has a placeholder that does not follow "you"'),
        ("You {f8}.", "sentence 1 holds a placeholder that was not given"),
        ("You {first_thing} us.", "sentence 1 holds mark-up or an unfilled token"),
        ("You asked us about it.", "sentence 1 is a lead but states no fact"),
    ],
)
def test_placeholders_that_can_not_be_filled_are_problems(read, text, problem):
    assert problem in read([("lead", ["f1"], text), OFFER], placeholders=True).problems
