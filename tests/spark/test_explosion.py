"""The explosion of a PySpark frame is that of pandas."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from explosion_lists import COLUMNS as BY
from explosion_lists import COUNTS as TOLD
from explosion_lists import mixed_list
from segvspers.errors import DataError

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def many():
    return mixed_list()


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
