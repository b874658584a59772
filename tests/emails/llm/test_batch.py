"""Batches: many files, results in any order, expired and failed lines sent again, resumed by their ids."""

import json

import pytest

from scripted_server import ScriptedServer
from segvspers.emails.llm.batch import OpenAIBatchWriter
from segvspers.emails.llm.server.batch_wire import BatchWire
from segvspers.emails.run_batches import BatchBook
from segvspers.errors import ArgumentError, BudgetError, MissingFileError, WriterError

from .conftest import EACH_USD, PRICES


@pytest.fixture
def make_batch_writer():
    def make(server, **changes):
        settings = {"model": "scripted", "store": None, "prices": PRICES, "progress": False, "poll_s": 0.01}
        return OpenAIBatchWriter(**settings | {"base_url": server.url} | changes)

    return make


def lines_of(server):
    return [content.count(b"\n") for name, content in server.files.items() if name.startswith("file-")]


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_every_brief_gets_its_own_draft_from_many_files_in_any_order(api, make_batch_writer, make_briefs):
    with ScriptedServer() as server:
        writer = make_batch_writer(server, most_lines=8, api=api)
        drafts = writer.write(make_briefs(30))
        assert len(server.batches) == 4
        assert {batch["endpoint"] for batch in server.batches.values()} == {
            {"chat": "/v1/chat/completions", "responses": "/v1/responses"}[api]
        }
        assert [draft.sentences[0].fact_ids for draft in drafts] == [(f"q{i}",) for i in range(30)]
        assert not server.files  # all are deleted once they are collected
        assert writer.store.spent_usd == pytest.approx(30 * EACH_USD)
        assert writer.write(make_briefs(30))[7].status == "written"
        assert len(server.bodies) == 30
    assert writer.report.n_bought == 30
    assert writer.report.n_stored == 30


def test_no_file_is_larger_than_it_may_be(make_batch_writer, make_briefs):
    sizes = []
    with ScriptedServer() as server:
        writer = make_batch_writer(server, most_bytes=20_000)
        original = BatchWire.upload

        async def upload(self, token, content):
            sizes.append(len(content))
            return await original(self, token, content)

        BatchWire.upload = upload
        try:
            writer.write(make_briefs(20))
        finally:
            BatchWire.upload = original
    assert max(sizes) <= 20_000
    assert len(sizes) > 3


def test_expired_lost_and_failed_lines_are_sent_again(make_batch_writer, make_briefs):
    seen = {}

    def script(_, body):
        company = str(body)[str(body).index("Mill") :][:7]
        seen[company] = seen.get(company, 0) + 1
        first = {'Mill 1"': "expired", 'Mill 2"': "lost", 'Mill 3"': "500", 'Mill 4"': "429"}.get(company)
        return first if first and seen[company] == 1 else "ok"

    with ScriptedServer(script) as server:
        writer = make_batch_writer(server)
        drafts = writer.write(make_briefs(6))
        assert [draft.status for draft in drafts] == ["written"] * 6
        assert len(server.bodies) == 6 + 4
        assert writer.store.spent_usd == pytest.approx(6 * EACH_USD)
        assert max(server.sold.values()) == 1


@pytest.mark.parametrize(("behaviour", "n_sent"), [("400", 1), ("500", 3), ("lost", 3), ("expired", 3)])
def test_a_line_that_never_works_is_given_up(behaviour, n_sent, make_batch_writer, make_briefs):
    with ScriptedServer(lambda _, body: behaviour if "Mill 0" in str(body) else "ok") as server:
        writer = make_batch_writer(server)
        drafts = writer.write(make_briefs(3))
        assert [draft.status for draft in drafts] == ["failed", "written", "written"]
        assert drafts[0].problems[0]
        assert sum("Mill 0" in str(body) for body in server.bodies) == n_sent
        assert writer.store.spent_usd == pytest.approx(2 * EACH_USD)


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        ("refusal", "refused"),
        ("length", "truncated"),
        ("filter", "filtered"),
        ("not json", "malformed"),
        ("400 filter", "filtered"),
    ],
)
def test_outcomes_have_the_same_statuses_as_one_by_one(behaviour, status, make_batch_writer, make_briefs):
    with ScriptedServer(lambda *_: behaviour) as server:
        (draft,) = make_batch_writer(server).write(make_briefs(1))
    assert draft.status == status


def test_a_batch_that_expires_as_a_whole_is_finished_by_the_next(make_batch_writer, make_briefs):
    with ScriptedServer(lambda n, _: "lost" if n in {1, 3} else "ok") as server:
        server.ends = ["expired"]
        drafts = make_batch_writer(server).write(make_briefs(5))
        assert [draft.status for draft in drafts] == ["written"] * 5
        assert len(server.batches) == 2


def test_too_many_tokens_in_the_queue_means_smaller_files(make_batch_writer, make_briefs):
    with ScriptedServer() as server:
        server.ends = ["failed:token_limit_exceeded"]
        drafts = make_batch_writer(server, most_lines=8).write(make_briefs(8))
        assert [draft.status for draft in drafts] == ["written"] * 8
        assert len(server.batches) == 1 + 2


def test_a_refused_batch_is_one_clear_error_and_costs_nothing(make_batch_writer, make_briefs):
    with ScriptedServer() as server:
        server.ends = ["failed:invalid_json_line"]
        writer = make_batch_writer(server)
        with pytest.raises(WriterError, match=r"refused a batch \(invalid_json_line\); nothing of it was bought"):
            writer.write(make_briefs(3))
        assert writer.store.spent_usd == 0


def test_no_credit_stops_and_keeps_what_was_answered(make_batch_writer, make_briefs):
    with ScriptedServer(lambda _, body: "quota" if "Mill 2" in str(body) else "ok") as server:
        writer = make_batch_writer(server)
        with pytest.raises(WriterError, match="no credit left; what was answered is kept"):
            writer.write(make_briefs(4))
        assert len(writer.store.to_frame()) == 3


class Killed(BaseException):
    """Ends a run where a kill would."""


@pytest.mark.parametrize("moment", ["upload", "create", "state", "content", "delete"])
@pytest.mark.parametrize("before", [True, False])
def test_a_killed_run_finds_its_batches_and_buys_nothing_twice(
    moment, before, make_batch_writer, make_briefs, tmp_path, monkeypatch
):
    original = getattr(BatchWire, moment)

    async def killed(self, *args):
        if not before:
            await original(self, *args)
        raise Killed

    with ScriptedServer() as server:
        with monkeypatch.context() as patched:
            patched.setattr(BatchWire, moment, killed)
            writer = make_batch_writer(server, store=tmp_path / "run.sqlite", most_lines=4)
            with pytest.raises(Killed):
                writer.write(make_briefs(10))
            writer.store.close()
        writer = make_batch_writer(server, store=tmp_path / "run.sqlite", most_lines=4)
        drafts = writer.write(make_briefs(10))
        assert [draft.status for draft in drafts] == ["written"] * 10
        assert max(server.sold.values()) == 1
        assert writer.store.spent_usd == pytest.approx(10 * EACH_USD)
        assert BatchBook(writer.store).open() == []


def test_the_cap_is_kept_by_sending_less_at_a_time(make_batch_writer, make_briefs):
    with ScriptedServer() as server:
        writer = make_batch_writer(server, max_cost_usd=0.03)
        with pytest.raises(BudgetError, match="100 emails would cost about .* Nothing was bought now"):
            writer.write(make_briefs(100))
        assert not server.batches
        drafts = writer.write(make_briefs(22))
        assert len(drafts) == 22
        assert len(server.batches) > 1
        assert writer.store.spent_usd <= 0.03
        with pytest.raises(BudgetError):
            for start in range(22, 70, 4):
                writer.write(make_briefs(4, start=start))
        assert writer.store.spent_usd <= 0.03


def test_an_erased_contact_does_not_come_back_with_a_late_batch(make_batch_writer, make_briefs, tmp_path, monkeypatch):
    with ScriptedServer() as server:
        writer = make_batch_writer(server, store=tmp_path / "run.sqlite")
        with monkeypatch.context() as patched:

            async def killed(self, batch_id):
                raise Killed

            patched.setattr(BatchWire, "state", killed)
            with pytest.raises(Killed):
                writer.write(make_briefs(4))
        writer.store.erase_contact("C2")
        briefs = [brief for brief in make_briefs(4) if brief.contact_id != "C2"]
        assert len(writer.write(briefs)) == 3
        assert set(writer.store.to_frame()["contact_id"]) == {"C0", "C1", "C3"}
        assert writer.store.spent_usd == pytest.approx(4 * EACH_USD)  # it was paid for all the same


def test_batches_cost_half_of_what_the_table_says():
    batch = OpenAIBatchWriter(model="gpt-4.1-mini", store=None, base_url="https://api.openai.com/v1")
    assert 5000 * batch.prices.cost_usd(tokens_in=700, tokens_out=250, cached=500) == pytest.approx(2.65 / 2)


def test_files_for_vllm_hold_the_same_lines_and_their_results_are_read_back(make_batch_writer, make_briefs, tmp_path):
    with ScriptedServer() as server:
        writer = make_batch_writer(server, most_lines=4)
        paths = writer.write_requests(make_briefs(10), tmp_path)
        assert [len(path.read_text().splitlines()) for path in paths] == [4, 4, 2]
        line = json.loads(paths[0].read_text().splitlines()[0])
        assert set(line) == {"custom_id", "method", "url", "body"}
        assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
        assert line["body"]["response_format"]["type"] == "json_schema"
        assert writer.write_requests(make_briefs(10), tmp_path) == paths
        results = [answered(path) for path in reversed(paths)]
        assert writer.read_results(results) == 10
        drafts = writer.write(make_briefs(10))
        assert [draft.status for draft in drafts] == ["written"] * 10
        assert not server.batches
    assert writer.write_requests(make_briefs(10), tmp_path) == []


def answered(path):
    """What `vllm run-batch` writes for a file of requests."""
    from scripted_server import answer_of

    target = path.with_suffix(".out")
    with target.open("w") as out:
        for text in reversed(path.read_text().splitlines()):
            line = json.loads(text)
            response = {"status_code": 200, "request_id": "v", "body": answer_of("ok", line["body"], line["url"])[1]}
            out.write(
                json.dumps({"id": "v", "custom_id": line["custom_id"], "response": response, "error": None}) + "\n"
            )
    return target


def test_results_that_belong_to_nobody_are_an_error(make_batch_writer, make_briefs, tmp_path):
    with ScriptedServer() as server:
        writer = make_batch_writer(server)
        with pytest.raises(MissingFileError, match="results: no file at"):
            writer.read_results([tmp_path / "none.jsonl"])
        (path,) = writer.write_requests(make_briefs(2), tmp_path)
        results = answered(path)
        with pytest.raises(ArgumentError, match="no line answers a request of this store"):
            make_batch_writer(server).read_results([results])
        results.write_bytes(b"not json\n" + results.read_bytes())
        assert writer.read_results([results]) == 2


def test_no_batches_at_a_server_is_said_without_its_words(make_batch_writer, make_briefs, monkeypatch):
    monkeypatch.setattr("scripted_batches.filed", lambda *_: (404, {"error": {"message": "secret words"}}, {}))
    with ScriptedServer() as server, pytest.raises(WriterError, match="there is no such model or address") as caught:
        make_batch_writer(server).write(make_briefs(1))
    assert "secret" not in str(caught.value)


def test_briefs_are_taken_a_few_at_a_time(make_batch_writer, make_briefs, tmp_path, monkeypatch):
    monkeypatch.setattr("segvspers.emails.llm.batch.AT_ONCE", 3)
    taken, files = [], []

    def briefs():
        for one in make_briefs(10):
            taken.append(one.contact_id)
            yield one

    with ScriptedServer() as server:
        writer = make_batch_writer(server, most_lines=4)
        original = writer._batches.book.note

        def noted(token, lines, *, cap):
            files.append((len(lines), len(taken)))
            return original(token, lines, cap=cap)

        monkeypatch.setattr(writer._batches.book, "note", noted)
        assert len(writer.write_requests(briefs(), tmp_path)) == 3
    assert files == [(4, 6), (4, 9), (2, 10)]  # a file leaves as soon as it is full


def test_what_was_submitted_is_collected_by_a_later_write_and_bought_once(make_batch_writer, make_briefs):
    with ScriptedServer() as server:
        writer = make_batch_writer(server, most_lines=4)
        assert writer.submit(iter(make_briefs(10))) == 10
        assert writer.submit(iter(make_briefs(10))) == 0
        assert len(server.batches) == 3
        drafts = writer.write(make_briefs(10))
        assert [draft.status for draft in drafts] == ["written"] * 10
        assert len(server.bodies) == 10
        assert writer.store.spent_usd == pytest.approx(10 * EACH_USD)
    assert writer.submit(make_briefs(10)) == 0


def test_nothing_is_submitted_above_the_cap(make_batch_writer, make_briefs):
    with ScriptedServer() as server:
        writer = make_batch_writer(server, max_cost_usd=0.0)
        with pytest.raises(BudgetError, match="max_cost_usd=0.0 is reached"):
            writer.submit(make_briefs(3))
        assert not server.batches
