"""The package as a whole: what it exports, what its import costs, and how its findings behave."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys

import pytest

import segvspers as sv
from conftest import ROOT

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(sv.__path__, "segvspers.") if not module.name.endswith("__main__")
)


def classes():
    for name in MODULES:
        module = importlib.import_module(name)
        for _, thing in inspect.getmembers(module, inspect.isclass):
            if thing.__module__ == name:
                yield thing


def test_every_public_name_can_be_loaded_and_is_documented():
    assert sv.__all__ == sorted(set(sv.__all__))
    for name in sv.__all__:
        thing = getattr(sv, name)
        assert (thing.__doc__ or "").strip(), name
        assert name in dir(sv)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'read_minds'"):
        sv.read_minds  # noqa: B018


def test_the_import_alone_loads_no_heavy_package():
    heavy = [
        "pandas",
        "numpy",
        "matplotlib",
        "sklearn",
        "scipy",
        "statsmodels",
        "openai",
        "duckdb",
        "IPython",
    ]
    code = f"import sys, segvspers; print([name for name in {heavy} if name in sys.modules])"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


def test_plots_take_an_axes_by_keyword_and_findings_can_be_told():
    found = [thing for thing in classes() if dataclasses.is_dataclass(thing) and callable(getattr(thing, "plot", None))]
    assert found
    for finding in found:
        ax = inspect.signature(finding.plot).parameters.get("ax")
        assert ax is not None, finding
        assert ax.kind is inspect.Parameter.KEYWORD_ONLY, finding
        assert ax.default is None, finding
        for method in ("to_frame", "summary", "_repr_html_"):
            assert callable(getattr(finding, method, None)), f"{finding.__name__} lacks {method}"
        assert finding.__dataclass_params__.frozen, finding


def test_public_functions_take_options_by_keyword_only():
    for name in sv.__all__:
        thing = getattr(sv, name)
        if not inspect.isfunction(thing) or thing.__module__ == "segvspers.assumptions":
            continue
        positional = [
            parameter
            for parameter in list(inspect.signature(thing).parameters.values())[2:]
            if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]
        assert not positional, f"{name}: {positional}"


def tracked_files():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\n") if name]


def test_no_tracked_file_holds_an_absolute_path_or_a_registry_host():
    foreign = re.compile(r"/(?:home|root|Users|work)/\w|files\.python" + r"hosted|pypi" + r"\.org|registry\.npm")
    for path in tracked_files():
        if path.suffix in {".png", ".parquet", ".xlsx"} or not path.exists():
            continue
        found = foreign.search(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{path.relative_to(ROOT)}: {found.group()}"
