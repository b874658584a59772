"""Fixtures that every room shares: the sample, the shared data sets, and quiet pictures."""

import os
from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import settings

mpl.use("Agg")
settings.register_profile("seeded", derandomize=True, deadline=None)  # the same examples in every run
settings.load_profile("seeded")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def sample():
    """Folder of the sample data."""
    return ROOT / "data" / "sample"


@pytest.fixture(scope="session")
def shared_data():
    """Folder of the published data sets, or a skip that says how to name one."""
    named = os.environ.get("SEGVSPERS_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no published data sets: set SEGVSPERS_DATA to their folder (looked at {folder.name!r})")
    return folder


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    import sys

    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
