"""The explosion of a PySpark frame is that of pandas."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import DataError

pytestmark = pytest.mark.spark
BY = ["industry", "plan", "region"]
TOLD = (
    "n_contacts", "n_placed", "n_possible", "n_occupied", "n_single", "n_below_minimum", "n_cells_80", "chao1",
)  # fmt: skip


@pytest.fixture(scope="module")
def many():
    r = np.random.default_rng(6)
    frame = pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(4_000)],
            "industry": r.choice(list("abcdefgh"), 4_000, p=r.dirichlet(np.ones(8))),
            "plan": r.choice(["A", "B", "C"], 4_000),
            "region": r.choice(["US", "UK"], 4_000),
            "spend": r.lognormal(size=4_000),
        }
    )
    frame["region"] = frame["region"].mask(r.random(4_000) < 0.1)
    return frame.assign(replied=r.random(4_000) < 0.1 + 0.15 * (frame["plan"] == "A"))


def test_cells_growth_and_scores_are_those_of_pandas(many, as_spark):
    rows = as_spark(many)
    found = sv.explode_segments(rows, by=BY, outcome="replied")
    expected = sv.explode_segments(many, by=BY, outcome="replied")
    assert {name: getattr(found, name) for name in TOLD} == {name: getattr(expected, name) for name in TOLD}
    pd.testing.assert_frame_equal(found.growth, expected.growth)
    np.testing.assert_allclose(found.subsets["explained_in_sample"], expected.subsets["explained_in_sample"], rtol=1e-9)
    assert "plan" in found.best_attributes
    assert len(found.pair)
    assert found.explore() is not None
    banded = sv.explode_segments(rows, by=["spend", "plan"], missing="level")
    assert banded.n_possible == 15
    assert banded.cells["n_contacts"].min() > 150


def test_a_column_of_ids_is_refused(many, as_spark):
    with pytest.raises(DataError, match=r"'contact_id' has about [\d,]+ levels in 4,000 rows"):
        sv.explode_segments(as_spark(many), by=["contact_id"])
