"""Every example that a reader can copy runs: docstrings, README and docs."""

import doctest
import importlib
import pkgutil
import re

import matplotlib as mpl
import pytest

import segvspers as sv
from conftest import ROOT

mpl.use("Agg")
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(sv.__path__, "segvspers.") if not module.name.endswith("__main__")
)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sample").symlink_to(ROOT / "data" / "sample")
    monkeypatch.chdir(tmp_path)
    scope = {"__name__": "__page__"}
    for number, block in enumerate(
        re.findall(r"^```python\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL), start=1
    ):
        exec(compile(block, f"{page.name} block {number}", "exec"), scope)
