"""The whole path on an analyst's own files."""

import pandas as pd
import pytest

from segvspers import cli
from segvspers.errors import MissingFileError, SegvspersError
from segvspers.pipeline import Inputs, run_path


@pytest.fixture(scope="module")
def own(sample, tmp_path_factory):
    """A smaller list in files of another shape: semicolons, Excel and other headers."""
    folder = tmp_path_factory.mktemp("own")
    contacts = pd.read_csv(sample / "contacts.csv", dtype=str).head(1200)
    contacts.rename(columns={"contact_id": "Record ID", "first_name": "First Name"}).to_csv(
        folder / "C.csv", sep=";", index=False
    )
    history = pd.read_csv(sample / "history.csv", dtype=str)
    history[history["contact_id"].isin(contacts["contact_id"])].to_parquet(folder / "H.parquet")
    outcomes = pd.read_csv(sample / "outcomes.csv", dtype=str)
    outcomes[outcomes["contact_id"].isin(contacts["contact_id"])].to_csv(folder / "O.csv", index=False)
    return folder


def inputs(own, sample, **more):
    files = {"contacts": own / "C.csv", "history": own / "H.parquet", "campaign": sample / "campaign.yml"}
    return Inputs(**(files | more))


def test_own_files_give_both_reports_and_all_emails(own, sample, tmp_path):
    steps = []
    written = run_path(
        inputs(own, sample, outcomes=own / "O.csv"), tmp_path / "out", as_of="2026-11-01", progress=steps.append
    )
    names = {path.name for path in written.files}
    assert {"emails.csv", "roi.html", "roi.xlsx", "roi.json", "roi.md", "roi-simulated.html"} <= names
    assert all(path.stat().st_size > 0 for path in written.files)
    assert len(pd.read_csv(tmp_path / "out" / "emails.csv")) == 2400
    assert len(steps) == 8
    assert "SIMULATED" in (tmp_path / "out" / "roi-simulated.html").read_text()
    assert ">SIMULATED<" not in (tmp_path / "out" / "roi.html").read_text()


def test_without_outcomes_the_report_is_simulated(own, sample, tmp_path):
    written = run_path(inputs(own, sample), tmp_path / "out", as_of="2026-11-01")
    assert written.headline.startswith("SIMULATED. ")
    assert {path.name for path in written.files} >= {"roi.html"}


def test_missing_files_are_named_together(tmp_path):
    with pytest.raises(MissingFileError, match="3 problems"):
        Inputs(contacts=tmp_path / "a.csv", history=tmp_path / "b.csv", campaign=tmp_path / "c.yml")


def test_bad_outcomes_leave_nothing_behind(own, sample, tmp_path):
    bad = pd.read_csv(own / "O.csv", dtype=str).assign(variant="segment")
    bad.to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(SegvspersError, match="only one variant, segment"):
        run_path(inputs(own, sample, outcomes=tmp_path / "bad.csv"), tmp_path / "out", as_of="2026-11-01")
    assert not (tmp_path / "out").exists()


def test_a_negative_cost_on_the_command_line_is_one_message(own, sample, tmp_path, monkeypatch, capsys):
    (tmp_path / "costs.yml").write_text("currency: USD\nwriter_rate_usd: -50\n")
    arguments = [
        "report",
        "--contacts",
        own / "C.csv",
        "--history",
        own / "H.parquet",
        "--campaign",
        sample / "campaign.yml",
    ]
    arguments += ["--costs", tmp_path / "costs.yml", "--out", tmp_path / "out"]
    monkeypatch.setattr("sys.argv", ["segvspers", *map(str, arguments)])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    assert leaving.value.code == 2
    told = capsys.readouterr().err
    assert "writer_rate_usd" in told
    assert "Traceback" not in told


def test_no_cell_of_a_written_table_is_a_formula(tmp_path):
    from segvspers.pipeline import _write_table

    table = pd.DataFrame(
        {"contact_id": ["=1+1", "C2"], "subject": ["@SUM(A1)", "-Anna"], "lift": [-1.5, 2.0], "ids": [["a"], []]}
    )
    back = pd.read_csv(_write_table(table, tmp_path / "table.csv"))
    assert back["contact_id"].tolist() == ["'=1+1", "C2"]
    assert back["subject"].tolist() == ["'@SUM(A1)", "'-Anna"]
    assert back["lift"].tolist() == [-1.5, 2.0]
    assert table["contact_id"].tolist() == ["=1+1", "C2"]
