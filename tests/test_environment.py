"""environment.yml, constraints.txt and pyproject.toml say the same."""

import importlib.util
import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DEV = PROJECT["optional-dependencies"]["dev"]


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_environment_yml_is_what_pyproject_asks_for():
    assert (ROOT / "environment.yml").read_text() == script("environment").environment_yml()


def test_environment_yml_lists_every_dependency_with_its_floor():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict))
    assert set(PROJECT["dependencies"]) | set(DEV) == {entry for entry in pip if not entry.startswith("-")}
    assert f"python{PROJECT['requires-python']}" in conda["dependencies"]


def test_constraints_hold_a_version_that_every_requirement_admits():
    lines = (ROOT / "constraints.txt").read_text().split()
    pinned = dict(line.lower().replace("_", "-").split("==") for line in lines)
    for text in [*PROJECT["dependencies"], *DEV]:
        requirement = Requirement(text)
        assert Version(pinned[requirement.name.lower()]) in requirement.specifier, text


def test_constraints_hold_names_and_versions_and_no_address():
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+", line), line


def test_pre_commit_runs_what_ci_runs():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert {"ruff-check", "ruff-format", "mypy", "notebooks"} <= {hook["id"] for hook in hooks}
