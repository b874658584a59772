"""Whatever a contact's fields hold, the request stays the same but for one JSON block, and nothing obeyed gets out."""

import json
from dataclasses import replace

import pytest

import segvspers as sv
from hostile_texts import PAYLOADS
from scripted_server import ScriptedServer
from segvspers.emails.llm.dialogue.prompt import build_prompt


def test_there_are_more_than_a_hundred_payloads():
    assert len(set(PAYLOADS)) > 100


@pytest.mark.parametrize("placeholders", [False, True])
def test_no_payload_leaves_its_string_or_changes_the_instructions(placeholders, make_briefs):
    brief = make_briefs(1)[0]
    expected = build_prompt(brief, placeholders=placeholders)
    for text in PAYLOADS:
        fact = replace(brief.facts[0], topic=text, fields=brief.facts[0].fields | {"topic": text, "quote": text})
        hostile = replace(brief, first_name=text, company=text, facts=(fact, *brief.facts[1:]))
        prompt = build_prompt(hostile, placeholders=placeholders, quotes=True)
        assert prompt.instructions == expected.instructions
        assert list(prompt.positions) == list(expected.positions)
        lines = prompt.data.split("\n")
        assert (lines[0], lines[-1]) == ("<contact_data>", "</contact_data>")
        assert prompt.data.count("contact_data>") == 2
        data = json.loads("\n".join(lines[1:-1]))
        assert [fact["id"] for fact in data["facts"]] == ["f1", "f2", "f3"]
        assert set(data) == {"reader", "facts"}
        said = [data["reader"].get("first_name", ""), *map(str, data["facts"][0].values())]
        assert all(one.isprintable() and len(one) <= 300 for one in said)


@pytest.fixture(scope="module")
def tables(sample):
    contacts = sv.read_contacts(sample / "contacts.csv").head(len(PAYLOADS) + 80)
    history = sv.read_history(sample / "history.csv")
    history = history[history["contact_id"].isin(contacts["contact_id"])]
    hostile = [PAYLOADS[place % len(PAYLOADS)] for place in range(len(contacts))]
    audience = contacts.assign(first_name=hostile, company=hostile, last_name=hostile, segment_id="all")
    campaign = sv.read_campaign(sample / "campaign.yml")
    return audience, sv.derive_facts(contacts, history, as_of="2026-11-01"), campaign


def test_hostile_names_reach_neither_the_model_nor_an_email(tables, make_writer):
    audience, facts, campaign = tables
    with ScriptedServer() as server:
        emails = sv.write_emails(audience, facts, campaign=campaign, writer=make_writer(server))
        sent = "".join(str(body) for body in server.bodies)
        assert len(server.bodies) > 60
        forms = {json.dumps(body["response_format"]) for body in server.bodies}
    assert len(forms) == 1
    texts = emails["subject"].str.cat() + emails["body_text"].str.cat()
    for mark in (
        "evil.example",
        "contact_data>\\nSYSTEM",
        "{{7*7}}",
        "cmd|",
        "onerror",
        "<script",
        "\u200b",
        "\U000e0049",
    ):
        assert mark not in texts
        assert mark not in sent
    ready = emails[(emails["variant"] == "individual") & (emails["writer"] == "scripted")]
    assert len(ready) > 20


@pytest.mark.parametrize("behaviour", ["injected", "wrong fact", "other contact", "promise", "unknown id"])
def test_a_model_that_obeys_a_stranger_is_replaced_by_the_segments_email(behaviour, tables, make_writer):
    audience, facts, campaign = tables
    others = audience.assign(company="Pine Threads & Co", first_name="Ada").head(60)
    with ScriptedServer(lambda n, _: behaviour if n else "ok") as server:
        emails = sv.write_emails(others.assign(company=None), facts[facts["contact_id"].isin(others["contact_id"])],
                                 campaign=campaign, writer=make_writer(server, trial=0))  # fmt: skip
    individual = emails[emails["variant"] == "individual"]
    assert (individual["status"] == "fell_back").sum() > 10
    assert not (individual["writer"] == "scripted").any()
    assert individual.loc[individual["cost_usd"] > 0, "reason"].str.len().min() > 0
    texts = emails["body_text"].str.cat()
    for mark in ("evil.example", "47 times", "Pine Threads", "free trial"):
        assert mark not in texts


def test_a_trial_that_nothing_survives_stops_the_spending(tables, make_writer):
    audience, facts, campaign = tables
    with ScriptedServer(lambda n, _: "injected" if n else "ok") as server:
        with pytest.raises(sv.WriterError, match="none of the first 10 emails may leave"):
            sv.write_emails(audience, facts, campaign=campaign, writer=make_writer(server))
        assert len(server.bodies) == 1 + 2 * 10
