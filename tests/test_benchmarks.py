"""The page of benchmarks is made of every script of the folder, and says where each figure comes from."""

import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import run_all


def test_every_script_is_run_or_is_part_of_one():
    scripts = {path.name for path in (ROOT / "benchmarks").glob("*.py")}
    assert scripts == set(run_all.RUNS) | run_all.PARTS


def test_every_script_says_what_it_measures():
    assert all(len(run_all.about(script)) > 30 for script in run_all.RUNS)


def test_a_run_is_measured_cleaned_and_kept_on_the_page(tmp_path, monkeypatch):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "one.py").write_text(
        '"""Count to a million, slowly."""\nimport sys\nsum(range(3_000_000))\nprint(__file__, sys.argv[1:])\n'
    )
    (tmp_path / "benchmarks" / "two.py").write_text('"""Fail."""\nraise SystemExit(3)\n')
    monkeypatch.setattr(run_all, "ROOT", tmp_path)
    monkeypatch.setattr(run_all, "RUNS", {"one.py": (("--peers", "{peers}"),), "two.py": ((),)})
    out = tmp_path / "page.md"
    monkeypatch.setattr(sys, "argv", ["run_all.py", "--out", str(out)])
    assert run_all.main() == 1
    text = out.read_text()
    assert "$ python benchmarks/one.py\nbenchmarks/one.py []" in text
    assert "**Failed.**" in text
    assert str(tmp_path) not in text
    (tmp_path / "benchmarks" / "two.py").write_text('"""Succeed."""\nprint(7)\n')
    monkeypatch.setattr(sys, "argv", ["run_all.py", "two.py", "--out", str(out)])
    assert run_all.main() == 0
    assert "Count to a million" in out.read_text()
    assert "**Failed.**" not in out.read_text()


def test_a_peer_is_named_but_not_where_it_lies():
    assert run_all.cleaned("TMP /somewhere/python 3 s\r100%\n", "/somewhere/python") == "100%"
    assert run_all.cleaned("/somewhere/python took 3 s", "/somewhere/python") == "PYTHON took 3 s"


def test_an_unknown_script_is_told(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["run_all.py", "none.py"])
    with pytest.raises(SystemExit):
        run_all.main()
    assert "'none.py'" in capsys.readouterr().err
