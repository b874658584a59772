"""Moments and comparisons of PySpark frames are those of pandas."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.engine import ROWS, Value, open_source

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(3)
    n = 900
    company = rng.integers(0, 120, n)
    return pd.DataFrame(
        {
            "variant": np.where(company < 60, "segment", "individual"),
            "segment_id": rng.choice(["a", "b"], n),
            "company_id": company,
            "replied": rng.random(n) < 0.15,
            "revenue_usd": np.where(rng.random(n) < 0.3, rng.gamma(1, 40, n), 0.0) + 1e6,
            "prior_usd": rng.gamma(1, 30, n),
        }
    )


def test_moments_and_units_are_those_of_pandas(spark, rows):
    values = [Value("replied"), Value("revenue_usd"), Value("prior_usd")]
    ours, theirs = (open_source(one, table="rows") for one in (rows, spark.createDataFrame(rows)))
    one, two = (table.moments(["variant", "segment_id"], values) for table in (ours, theirs))
    assert (one.n == two.n).all()
    np.testing.assert_allclose(two.above, one.above, rtol=1e-9, atol=1e-6)
    scale = np.sqrt(np.einsum("gii->gi", one.comoment))
    assert (np.abs(two.comoment - one.comoment) / (scale[:, :, None] * scale[:, None, :])).max() < 1e-9
    one, two = (table.collapse(["variant", "company_id"], values).moments(["variant"], [Value(ROWS), values[0]])
                for table in (ours, theirs))  # fmt: skip
    np.testing.assert_allclose(two.comoment, one.comoment, rtol=1e-9)


def test_comparisons_are_those_of_pandas(spark, rows):
    cubes = [
        sv.aggregate_outcomes(one, amounts=["revenue_usd"], covariates=["prior_usd"], cluster="company_id")
        for one in (rows, spark.createDataFrame(rows))
    ]
    one, two = (sv.compare_reply_rates(cube, control="segment") for cube in cubes)
    assert (two.lift_low, two.p_value) == pytest.approx((one.lift_low, one.p_value), rel=1e-9)
    one, two = (sv.compare_revenue(cube, control="segment", covariates=["prior_usd"], n_bootstrap=0) for cube in cubes)
    assert (two.lift, two.p_value) == pytest.approx((one.lift, one.p_value), rel=1e-8)
