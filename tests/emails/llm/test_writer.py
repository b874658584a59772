"""The writer against a server that does what a script says: outcomes, money, order, pace, and what is kept."""

import asyncio
import threading
import time

import pytest

from scripted_server import ScriptedServer
from segvspers.emails.llm.money.prices import TokenPrices
from segvspers.emails.llm.writer import OpenAIWriter
from segvspers.errors import ArgumentError, BudgetError, WriterError

from .conftest import EACH_USD


def only(behaviour, *places):
    """A script that behaves so at these requests (the first is the probe's), and well at others."""
    return lambda n, _: behaviour if n in places else "ok"


def always(behaviour):
    return lambda n, _: behaviour if n > 0 else "ok"


def test_every_brief_gets_its_own_draft_in_order(make_writer, make_briefs):
    briefs = make_briefs(40)
    with ScriptedServer() as server:
        drafts = make_writer(server).write(briefs)
    assert [draft.sentences[0].fact_ids for draft in drafts] == [(f"q{i}",) for i in range(40)]
    assert all(draft.status == "written" and not draft.problems for draft in drafts)
    assert drafts[0].sentences[0].text == "You asked us about SMS last month."
    assert drafts[0].sentences[-1].text == briefs[0].campaign.asked
    assert {(draft.tokens_in, draft.tokens_out) for draft in drafts} == {(700, 250)}
    assert drafts[0].cost_usd == pytest.approx(EACH_USD)


@pytest.mark.parametrize("structured", ["bounded", "json_schema", "json_object", "prompt_only"])
@pytest.mark.parametrize("api", ["chat", "responses"])
def test_one_request_finds_out_what_a_server_understands(api, structured, make_writer, make_briefs):
    understood = {"bounded": 4, "json_schema": 3, "json_object": 2, "prompt_only": 1}[structured]

    def script(_, body):
        form = body.get("response_format") or body.get("text", {}).get("format") or {}
        asked = {"json_schema": 3, "json_object": 2}.get(form.get("type"), 1) + ("maxLength" in str(form))
        return "400" if asked > understood else "ok"

    with ScriptedServer(script) as server:
        writer = make_writer(server, api=api)
        drafts = writer.write(make_briefs(3))
        assert [draft.status for draft in drafts] == ["written"] * 3
        assert len(server.bodies) == 3 + (5 - understood)
        sent = str(server.bodies[-1])
        assert ("JSON schema" in sent) == (understood < 3)
        assert server.bodies[-1]["store"] is False
        writer.write(make_briefs(3, start=3))
        assert len(server.bodies) == 6 + (5 - understood)


def test_a_server_that_ignores_the_schema_is_asked_in_words(make_writer, make_briefs):
    with ScriptedServer(
        lambda _, body: "fenced" if "JSON schema" in str(body["messages"][0]) else "not json"
    ) as server:
        drafts = make_writer(server).write(make_briefs(2))
    assert [draft.status for draft in drafts] == ["written"] * 2
    assert server.bodies[-1]["response_format"] == {"type": "json_object"}


OUTCOMES = {
    "refusal": ("refused", EACH_USD), "filter": ("filtered", EACH_USD), "length": ("truncated", EACH_USD),
    "truncated json": ("malformed", EACH_USD), "not json": ("malformed", EACH_USD), "400 filter": ("filtered", 0.0),
    "400": ("failed", 0.0), "fenced": ("written", EACH_USD),
}  # fmt: skip


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("behaviour", OUTCOMES)
def test_each_outcome_has_its_status_and_its_cost_counts(behaviour, api, make_writer, make_briefs):
    status, cost = OUTCOMES[behaviour]
    with ScriptedServer(only(behaviour, 1)) as server:
        writer = make_writer(server, api=api, concurrency=1)
        drafts = writer.write(make_briefs(2))
        assert [draft.status for draft in drafts] == [status, "written"]
        assert drafts[0].cost_usd == pytest.approx(cost)
        assert writer.store.spent_usd == pytest.approx(cost + 2 * EACH_USD)
        if status != "failed":
            writer.write(make_briefs(2))
            assert len(server.bodies) == 3  # what was paid for is never asked for again


@pytest.mark.parametrize("behaviour", ["wrong fact", "other contact", "injected", "unknown id", "promise"])
def test_what_a_model_must_not_say_is_found(behaviour, make_writer, make_briefs):
    with ScriptedServer(always(behaviour)) as server:
        drafts = make_writer(server).write(make_briefs(2))
    expected = {"injected": "link", "unknown id": "not given", "promise": "promises"}.get(behaviour)
    for draft in drafts:
        assert draft.status == "written"
        if expected:  # the other two are the audit's, which knows the values and the other contacts
            assert any(expected in problem for problem in draft.problems)


@pytest.mark.parametrize("behaviour", ["429", "429 after", "500", "503 after", "cut"])
def test_a_passing_fault_is_overcome(behaviour, make_writer, make_briefs):
    with ScriptedServer(only(behaviour, 2, 4)) as server:
        writer = make_writer(server)
        drafts = writer.write(make_briefs(6))
        assert [draft.status for draft in drafts] == ["written"] * 6
        assert len(server.bodies) == 1 + 6 + 2
        assert max(server.sold.values()) == 1
    assert sum(writer.report.faults.values()) == 2
    assert (writer.report.unconfirmed_usd > 0) == (behaviour == "cut")


def test_a_request_that_takes_too_long_is_sent_again_and_counts_as_if_billed(make_writer, make_briefs):
    with ScriptedServer(only("slow", 1)) as server:
        writer = make_writer(server, timeout_s=0.4)
        assert [draft.status for draft in writer.write(make_briefs(2))] == ["written"] * 2
    assert writer.report.faults == {"the server did not answer in time": 1}
    assert writer.store.spent_usd == pytest.approx(3 * EACH_USD + writer.report.unconfirmed_usd)
    assert writer.report.unconfirmed_usd > EACH_USD


def test_retry_after_is_honoured_by_everybody(make_writer, make_briefs):
    with ScriptedServer(only("429 after", 1)) as server:
        make_writer(server, concurrency=1).write(make_briefs(3))
        gaps = [later - earlier for earlier, later in zip(server.sent_at[1:], server.sent_at[2:], strict=False)]
    assert gaps[0] >= 0.3
    assert max(gaps[1:]) < 0.3


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("quota", "the account has no credit left \\(insufficient_quota\\)"),
        ("401", "the key was refused"),
        ("404", "there is no such model or address"),
        ("long wait", "the server asks to wait 60 minutes"),
    ],
)
def test_what_no_repeat_can_mend_stops_the_run_and_keeps_what_was_bought(behaviour, told, make_writer, make_briefs):
    script = lambda n, _: behaviour if n > 5 else "ok"  # noqa: E731
    with ScriptedServer(script) as server:
        writer = make_writer(server, concurrency=1)
        with pytest.raises(WriterError, match=f"{told}.*5 of 30 answers are kept in memory") as caught:
            writer.write(make_briefs(30))
        assert len(server.bodies) == 7
        assert "sk-can" not in str(caught.value)
        server.script = lambda *_: "ok"
        assert len(writer.write(make_briefs(30))) == 30
        assert len(server.bodies) == 7 + 25


def test_a_server_that_never_answers_is_given_up_soon(make_writer, make_briefs):
    with ScriptedServer(always("500")) as server:
        writer = make_writer(server, max_retries=0, concurrency=4)
        with pytest.raises(
            WriterError, match="12 requests in a row brought no answer, the last because the server answered 500"
        ):
            writer.write(make_briefs(200))
        assert len(server.bodies) < 20


def test_nobody_at_home_is_one_clear_error(make_briefs):
    writer = OpenAIWriter(model="m", base_url="http://127.0.0.1:9/v1", store=None, max_retries=0, progress=False)
    with pytest.raises(WriterError, match="can't be reached"):
        writer.write(make_briefs(1))


def test_the_cap_is_never_passed_and_the_run_goes_on_when_it_is_raised(make_writer, make_briefs):
    briefs = make_briefs(60)
    with ScriptedServer(latency=0.005) as server:
        writer = make_writer(server, max_cost_usd=20 * EACH_USD)
        with pytest.raises(BudgetError, match="60 emails would cost about .* Nothing was bought now"):
            writer.write(briefs)
        assert len(server.bodies) == 1
        # Ten at a time the estimate fits; the cap itself must then hold.
        with pytest.raises(BudgetError, match=r"max_cost_usd=0.0106 .*raise max_cost_usd"):
            for start in range(0, 60, 5):
                writer.write(briefs[start : start + 5])
        assert sum(server.sold.values()) * EACH_USD == pytest.approx(writer.store.spent_usd)
        assert writer.store.spent_usd <= 20 * EACH_USD
        assert sum(server.sold.values()) >= 14
        writer.max_cost_usd = 1.0
        assert len(writer.write(briefs)) == 60
        assert max(server.sold.values()) == 1


def test_an_answer_without_a_count_costs_what_was_reserved(make_writer, make_briefs):
    with ScriptedServer(always("no usage")) as server:
        writer = make_writer(server)
        drafts = writer.write(make_briefs(2))
    assert all(draft.cost_usd > EACH_USD for draft in drafts)
    assert writer.store.spent_usd == pytest.approx(EACH_USD + sum(draft.cost_usd for draft in drafts))


def test_the_estimate_starts_from_characters_and_learns_from_answers(make_writer, make_briefs):
    briefs = make_briefs(30)
    with ScriptedServer() as server:
        writer = make_writer(server)
        guessed = writer.estimate(briefs)
        assert (guessed.n_emails, guessed.n_stored, guessed.n_seen) == (30, 0, 0)
        assert len(server.bodies) == 0
        writer.write(briefs[:10])
        learned = writer.estimate(briefs)
    assert (learned.n_to_buy, learned.n_stored, learned.n_seen) == (20, 10, 10)
    assert (learned.tokens_in, learned.tokens_out) == (20 * 700, 20 * 250)
    assert learned.expected_usd == pytest.approx((14_000 * 0.4 + 5_000 * 1.6) / 1e6)
    assert learned.most_usd > learned.expected_usd
    assert "20 emails by scripted should cost about $0.0136" in learned.summary()
    assert "10 more are paid for already. By 10 answers seen" in learned.summary()
    assert learned.to_frame().loc[0, "n_emails"] == 30
    assert "Cost before the run" in learned._repr_html_()


def test_one_changed_contact_buys_one_email(make_writer, make_briefs, tmp_path):
    briefs = make_briefs(25)
    with ScriptedServer() as server:
        make_writer(server, store=tmp_path / "run.sqlite").write(briefs)
        changed = [*briefs[:7], make_briefs(1, start=500)[0], *reversed(briefs[8:])]
        drafts = make_writer(server, store=tmp_path / "run.sqlite").write(changed)
        assert len(server.bodies) == 1 + 25 + 1
    assert [draft.sentences[0].fact_ids[0] for draft in drafts[:8]] == [*(f"q{i}" for i in range(7)), "q500"]


@pytest.mark.parametrize(
    "change",
    [{"model": "other"}, {"max_output_tokens": 900}, {"options": {"temperature": 0.1}}, {"placeholders": True}],
)
def test_another_request_is_another_answer(change, make_writer, make_briefs, tmp_path):
    with ScriptedServer() as server:
        make_writer(server, store=tmp_path / "run.sqlite").write(make_briefs(3))
        before = len(server.bodies)
        make_writer(server, store=tmp_path / "run.sqlite", **change).write(make_briefs(3))
        assert len(server.bodies) - before >= 3


def test_two_contacts_of_whom_the_same_is_known_get_two_answers(make_writer, make_briefs, campaign):
    from dataclasses import replace

    twins = [replace(make_briefs(1)[0], contact_id=f"T{i}") for i in range(3)]
    with ScriptedServer() as server:
        writer = make_writer(server)
        assert len(writer.write(twins)) == 3
        assert len(server.bodies) == 1 + 3
        writer.write(twins)
        assert len(server.bodies) == 1 + 3


def test_a_repair_shows_the_model_its_draft_and_what_was_wrong(make_writer, make_briefs):
    from dataclasses import replace

    with ScriptedServer() as server:
        writer = make_writer(server)
        brief = make_briefs(1)[0]
        writer.write([brief])
        writer.write([replace(brief, problems=("value not in the cited facts: 2019",))])
        talk = server.bodies[-1]["messages"]
    assert [one["role"] for one in talk] == ["system", "user", "assistant", "user"]
    assert "You asked us about SMS" in talk[2]["content"]
    assert "value not in the cited facts: 2019" in talk[3]["content"]


def test_with_placeholders_names_never_leave_and_come_back_from_here(make_writer, make_briefs):
    from dataclasses import replace

    with ScriptedServer() as server:
        writer = make_writer(server, placeholders=True)
        briefs = make_briefs(3)
        drafts = writer.write(briefs)
        writer.write([replace(briefs[0], problems=("another contact's company: Mill 7",))])
        sent = str(server.bodies[1:])
    assert drafts[1].sentences[0].text == "You asked us about SMS last month."
    assert drafts[1].sentences[0].fact_ids == ("q1",)
    assert not drafts[1].problems
    for held_back in ("Sarah", "Mill", "Plan B in May", "last month"):
        assert held_back not in sent.replace(str(briefs[0].campaign.claims), "") or held_back == "last month"
    assert "another contact's company" in str(server.bodies[-1])
    assert "Mill 7" not in str(server.bodies[-1])


def test_the_number_under_way_grows_and_is_halved_by_complaints(make_writer, make_briefs):
    with ScriptedServer(latency=0.02, at_once=20) as server:
        writer = make_writer(server, concurrency=64)
        drafts = writer.write(make_briefs(300))
        assert {draft.status for draft in drafts} == {"written"}
        assert 8 < writer.report.peak <= 64
        assert 0 < server.refused < 120


def test_limits_told_by_the_server_are_kept(make_writer, make_briefs):
    headers = {
        "x-ratelimit-limit-requests": "600", "x-ratelimit-remaining-requests": "4", "x-ratelimit-reset-requests": "59.6s"
    }  # fmt: skip
    with ScriptedServer(headers=headers) as server:
        started = time.monotonic()
        make_writer(server, concurrency=8).write(make_briefs(20))
        assert time.monotonic() - started > 0.5  # ten a second once the four are used


def test_limits_given_by_the_user_are_kept(make_writer, make_briefs):
    with ScriptedServer() as server:
        writer = make_writer(server, requests_per_minute=120, concurrency=8)
        stopped = threading.Timer(1.0, lambda: setattr(server, "script", lambda *_: "quota"))
        stopped.start()
        with pytest.raises(WriterError):
            writer.write(make_briefs(400))
        assert len(server.bodies) <= 126


def test_it_runs_inside_a_loop_that_runs_already(make_writer, make_briefs):
    async def notebook(server):
        return make_writer(server).write(make_briefs(5))

    async def awaited(server):
        return await make_writer(server).write_async(make_briefs(5))

    with ScriptedServer() as server:
        assert len(asyncio.run(notebook(server))) == 5
        assert len(asyncio.run(awaited(server))) == 5


def test_ctrl_c_waits_for_what_is_paid_and_keeps_all_of_it(make_writer, make_briefs, tmp_path):
    import _thread

    with ScriptedServer(latency=0.3) as server:
        writer = make_writer(server, store=tmp_path / "run.sqlite", concurrency=4)
        threading.Timer(1.0, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt, match="answers are kept in run.sqlite"):
            writer.write(make_briefs(100))
        sold = sum(server.sold.values())
        assert 1 < sold < 40
        assert len(writer.store.to_frame()) == sold - 1  # the probe's answer is no email
        assert writer.store.spent_usd == pytest.approx(sold * EACH_USD)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"base_url": "ftp://x/v1"}, "base_url: it must be an address"),
        ({"base_url": "http://key@127.0.0.1/v1"}, "hold no user, password or query"),
        ({"base_url": "https://models.example/v1"}, "key_env: name the environment variable"),
        (
            {"base_url": "https://models.example/v1", "key_env": "K"},
            "no price is known for model='m' at models.example",
        ),
        ({"model": "gpt-99"}, "no price is known for model='gpt-99' at api.openai.com.*gpt-4.1-mini"),
        ({"options": {"messages": []}}, r"options: \['messages'\] are set by the writer"),
        ({"concurrency": 0, "timeout_s": -1}, "2 problems"),
        ({"api": "soap"}, "api='soap' is none of"),
        ({"model": ""}, "model is empty"),
        ({"store": "no/such/folder/run.sqlite"}, "there is no folder 'no/such/folder'"),
    ],
)
def test_wrong_settings_are_told_before_anything_is_sent(wrong, told):
    with pytest.raises(ArgumentError, match=told):
        OpenAIWriter(
            **{"model": "m", "base_url": "http://127.0.0.1:9/v1", "store": None}
            | ({"base_url": None} if wrong.get("model", "").startswith("gpt") else {})
            | wrong
        )


def test_a_missing_key_names_the_variable_and_the_way_without(monkeypatch, make_briefs):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    writer = OpenAIWriter(model="gpt-4.1-mini", store=None, progress=False)
    with pytest.raises(ArgumentError, match=r"OPENAI_API_KEY is not set.*sv.OfflineWriter\(\)"):
        writer.write(make_briefs(1))


@pytest.mark.parametrize(
    ("model", "dollars"), [("gpt-6-luna", 0.75), ("gpt-4.1-mini", 2.65), ("gpt-5.4-mini", 6.56), ("gpt-5.5", 43.75)]
)
def test_five_thousand_emails_cost_what_an_independent_table_says(model, dollars):
    # Computed with genai-prices for 700 tokens in, of which 500 were cached, and 250 out.
    writer = OpenAIWriter(model=model, store=None, base_url="https://api.openai.com/v1")
    assert isinstance(writer.prices, TokenPrices)
    assert 5000 * writer.prices.cost_usd(tokens_in=700, tokens_out=250, cached=500) == pytest.approx(dollars, abs=0.005)
    assert writer.prices.read_on >= "2026-11-01"
