"""The command: help with examples, one message for bad input, and nothing half-written."""

import shutil
import subprocess
import sys

import pytest

from conftest import ROOT
from segvspers import cli
from segvspers.cli import steps
from segvspers.errors import ArgumentError


def run(*arguments, cwd):
    command = [sys.executable, "-m", "segvspers.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_help_lists_the_commands_with_examples(tmp_path):
    shown = run("--help", cwd=tmp_path)
    assert shown.returncode == 0
    for words in ("demo", "report", "notebooks", "segvspers report --contacts C.csv"):
        assert words in shown.stdout


def test_all_missing_files_are_named_at_once_without_a_traceback(tmp_path):
    shown = run("report", "--contacts", "a.csv", "--history", "b.csv", "--campaign", "c.yml", cwd=tmp_path)
    assert shown.returncode == 2
    assert "3 problems" in shown.stderr
    assert "no file at a.csv (--contacts)" in shown.stderr
    assert "no file at c.yml (--campaign)" in shown.stderr
    assert "Traceback" not in shown.stderr
    assert not list(tmp_path.iterdir())


def test_a_missing_option_is_told_in_one_line(tmp_path):
    shown = run("report", cwd=tmp_path)
    assert shown.returncode == 2
    assert "Missing option" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_problems_of_a_table_come_as_one_message(tmp_path, sample):
    for name in ("history.csv", "campaign.yml"):
        shutil.copy(sample / name, tmp_path / name)
    (tmp_path / "contacts.csv").write_text("name,phone\nAda,12\n")
    shown = run(
        "report",
        "--contacts",
        "contacts.csv",
        "--history",
        "history.csv",
        "--campaign",
        "campaign.yml",
        cwd=tmp_path,
    )
    assert shown.returncode == 2
    assert "contact_id" in shown.stderr
    assert "Traceback" not in shown.stderr
    assert "ada@example.com" not in shown.stderr
    assert not (tmp_path / "reports").exists()


def test_ctrl_c_ends_with_130_and_says_that_files_are_whole(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["segvspers", "notebooks"])

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("segvspers.cli.steps.copy_notebooks", interrupt)
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    assert leaving.value.code == 130
    assert "nothing is half-written" in capsys.readouterr().err


def test_notebooks_are_copied_once_and_never_overwritten_unasked(tmp_path):
    copied = steps.copy_notebooks(tmp_path, force=False)
    ours = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert [path.name for path in copied] == ours
    assert len(ours) >= 6
    with pytest.raises(ArgumentError, match="already holds .* --force to overwrite"):
        steps.copy_notebooks(tmp_path, force=False)
    assert len(steps.copy_notebooks(tmp_path, force=True)) == len(ours)


def test_a_model_writes_when_it_is_named_and_its_answers_are_kept(tmp_path, sample):
    from scripted_server import ScriptedServer

    shutil.copy(sample / "campaign.yml", tmp_path / "campaign.yml")
    lines = (sample / "contacts.csv").read_text().splitlines(keepends=True)[:801]
    known = {line.split(",")[0] for line in lines}
    events = (sample / "history.csv").read_text().splitlines(keepends=True)
    (tmp_path / "contacts.csv").write_text("".join(lines))
    (tmp_path / "history.csv").write_text("".join(line for line in events if line.split(",")[0] in known))
    with ScriptedServer() as server:
        options = ("--model", "scripted", "--base-url", server.url, "--max-cost-usd", "1", "--out", "out")
        files = ("--contacts", "contacts.csv", "--history", "history.csv", "--campaign", "campaign.yml")
        shown = run("report", *files, *options, cwd=tmp_path)
        assert shown.returncode == 0, shown.stderr
        assert "bought with" in shown.stdout
        asked = len(server.bodies)
        assert asked > 40
        again = run("report", *files, *options, cwd=tmp_path)
        assert again.returncode == 0
        assert len(server.bodies) == asked
    assert (tmp_path / "out" / "emails.sqlite").is_file()
    assert ",scripted," in (tmp_path / "out" / "emails.csv").read_text()


def test_approved_emails_are_exported_and_others_are_not(tmp_path, sample):
    import segvspers as sv

    contacts = sv.read_contacts(sample / "contacts.csv").head(20)
    history = sv.read_history(sample / "history.csv")
    facts = sv.derive_facts(contacts, history[history["contact_id"].isin(contacts["contact_id"])], as_of="2026-11-01")
    audience = contacts.assign(segment_id="all")
    emails = sv.write_emails(
        audience, facts, campaign=sv.read_campaign(sample / "campaign.yml"), variants=["individual"]
    )
    audit = sv.audit_emails(emails, facts, contacts=contacts)
    sv.approve_emails(emails, audit=audit, approver="MS", contacts=contacts).to_parquet(tmp_path / "approved.parquet")
    emails.to_parquet(tmp_path / "drafts.parquet")
    options = ("--contacts", sample / "contacts.csv", "--form", "klaviyo")
    shown = run("export", "--emails", "approved.parquet", *options, "--out", "klaviyo", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "went into 2 files as klaviyo; nothing was sent" in shown.stdout
    assert "wrote klaviyo" in shown.stdout
    assert sorted(path.name for path in (tmp_path / "klaviyo").iterdir()) == [
        "contacts.csv",
        "export.json",
        "template.html",
    ]
    refused = run("export", "--emails", "drafts.parquet", *options, "--out", "other", cwd=tmp_path)
    assert refused.returncode == 2
    assert "not approved; approve them with approve_emails" in refused.stderr
    assert not (tmp_path / "other").exists()


def test_a_file_that_holds_no_emails_is_told(tmp_path, sample):
    options = ("--contacts", sample / "contacts.csv", "--form", "csv", "--out", "e.csv")
    assert "no file at a.parquet" in run("export", "--emails", "a.parquet", *options, cwd=tmp_path).stderr
    shown = run("export", "--emails", sample / "contacts.csv", *options, cwd=tmp_path)
    assert shown.returncode == 2
    assert "contacts.csv is no Parquet file; write it with approved.to_parquet(...)" in shown.stderr
