"""A real model behind a real server: plumbing and guards, never the quality of an email.

Run by ``make test-llm``; skipped where the environment variable SEGVSPERS_LLM_PYTHON does not name an interpreter that
has the server and the model. The model is small enough to write fluent nonsense, which is what the guards are for.
"""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import segvspers as sv
from segvspers.emails.briefs import make_briefs, people_of
from segvspers.emails.llm.server.profile import Profile

PYTHON = os.environ.get("SEGVSPERS_LLM_PYTHON")
N_EMAILS = int(os.environ.get("SEGVSPERS_LLM_EMAILS", "3"))
PORT = 8137
pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(not PYTHON, reason="no local model: run make test-llm"),
]
SETTINGS = {
    "model": "SmolLM2-135M-Instruct", "concurrency": 2, "timeout_s": 600, "max_output_tokens": 700,
    "options": {"temperature": 0.5, "seed": 7, "repeat_penalty": 1.15}, "progress": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def url():
    script = Path(__file__).with_name("local_model.py")
    with subprocess.Popen(
        ["nice", PYTHON, str(script), str(PORT)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        address = server.stdout.readline().strip()
        assert address, "the server did not start"
        yield f"{address}/v1"
        server.terminate()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("live") / "run.sqlite"


@pytest.fixture
def keyed(monkeypatch):
    monkeypatch.setenv("LOCAL_KEY", "sk-local")
    return {"key_env": "LOCAL_KEY"}


@pytest.fixture(scope="module")
def tables(sample):
    contacts, history = sv.read_contacts(sample / "contacts.csv"), sv.read_history(sample / "history.csv")
    campaign = sv.read_campaign(sample / "campaign.yml")
    facts = sv.derive_facts(contacts, history, as_of="2026-11-01")
    audience = contacts.assign(segment_id=contacts["purchase_status"].astype(str))
    routes = sv.route_contacts(audience, facts, campaign=campaign)
    audience = audience[(routes["route"] == "individual").to_numpy()].head(N_EMAILS)
    return audience, facts[facts["contact_id"].isin(audience["contact_id"])], campaign, contacts


class Recorded:
    """The writer, with its drafts kept for a look at what the model invented."""

    def __init__(self, writer):
        self.name, self.report, self.trial, self.writer, self.drafts = writer.name, None, 0, writer, []

    def write(self, briefs):
        drafts = self.writer.write(briefs)
        self.drafts += drafts
        return drafts


def test_the_schema_holds_and_what_the_model_invents_never_leaves(url, keyed, tables, store, capsys):
    audience, facts, campaign, contacts = tables
    writer = Recorded(sv.OpenAIWriter(base_url=url, store=store, **keyed, **SETTINGS))
    emails = sv.write_emails(audience, facts, campaign=campaign, writer=writer)
    individual = emails[emails["variant"] == "individual"]
    kept = writer.writer.store.to_frame()
    profile = Profile.from_json(writer.writer.store.profile(f"{url}|{SETTINGS['model']}|"))
    assert profile.structured == "json_schema"
    assert (kept["status"] == "answered").mean() >= 0.8  # the rest was cut off at the longest length
    assert kept["tokens_out"].min() > 0
    assert sv.audit_emails(emails, facts, contacts=contacts, campaign=campaign).passed_share == 1
    fell_back = individual[individual["status"] == "fell_back"]
    assert set(individual["status"]) <= {"ready", "fell_back"}
    assert (fell_back["writer"] == "template").all()
    assert (fell_back["reason"] != "").all()
    said = [draft for draft in writer.drafts if draft.status == "written"]
    wrong = Counter(problem.split(" ", 2)[-1] for draft in said for problem in set(draft.problems))
    with capsys.disabled():
        figures = {
            "emails": len(individual), "requests": len(kept), "statuses": kept["status"].value_counts().to_dict(),
            "drafts of the right form": len(said), "refused": sum(bool(draft.problems) for draft in said),
            "fell back": len(fell_back), "left as the model wrote them": int((individual["status"] == "ready").sum()),
            "why": dict(wrong.most_common(8)), "reasons": individual["reason"].value_counts().to_dict(),
        }  # fmt: skip
        print("\n" + json.dumps(figures, indent=1))  # noqa: T201


def test_a_second_run_asks_for_nothing(url, keyed, tables, store):
    audience, facts, campaign, _ = tables
    writer = sv.OpenAIWriter(base_url=url, store=store, trial=0, **keyed, **SETTINGS)
    sv.write_emails(audience, facts, campaign=campaign, writer=writer)
    assert writer.report.n_attempts == 0


@pytest.fixture(scope="module")
def brief(tables):
    audience, facts, campaign, _ = tables
    return make_briefs(people_of(audience.head(1), campaign=campaign), facts, campaign=campaign)


def test_a_server_that_ignores_the_schema_of_one_api_is_found_out(url, keyed, brief):
    writer = sv.OpenAIWriter(base_url=url, store=None, api="responses", **keyed, **SETTINGS)
    (draft,) = writer.write(brief)
    profile = Profile.from_json(writer.store.profile(f"{url}|{SETTINGS['model']}|responses"))
    # The server takes `text.format` of the Responses API and does not keep to it.
    assert profile.structured != "json_schema" or draft.status in {"written", "truncated"}
    assert draft.status in {"written", "truncated", "malformed"}
    assert draft.tokens_out > 0


def test_with_placeholders_the_prompt_is_understood_as_well(url, keyed, brief):
    (draft,) = sv.OpenAIWriter(base_url=url, store=None, placeholders=True, **keyed, **SETTINGS).write(brief)
    assert draft.status in {"written", "truncated"}


def test_an_answer_that_is_too_long_is_cut_and_counted(url, keyed, brief):
    (draft,) = sv.OpenAIWriter(base_url=url, store=None, **keyed, **(SETTINGS | {"max_output_tokens": 50})).write(brief)
    assert (draft.status, draft.tokens_out) == ("truncated", 50)


def test_a_wrong_key_stops_the_run(url, monkeypatch, brief):
    monkeypatch.setenv("WRONG_KEY", "sk-canary")
    writer = sv.OpenAIWriter(base_url=url, store=None, key_env="WRONG_KEY", **SETTINGS)
    with pytest.raises(sv.WriterError, match="the key was refused; check the variable WRONG_KEY"):
        writer.write(brief)
