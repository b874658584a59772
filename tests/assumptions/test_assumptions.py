"""Distributions agree with SciPy, and a table of assumptions is read or refused as a whole."""

import numpy as np
import pytest
from scipy import stats

import segvspers as sv
from segvspers.assumptions import Distribution, as_distribution, read_priors

PAIRS = [
    (sv.triangular(10, 12, 15), stats.triang(0.4, 10, 5)),
    (sv.normal(0.1, 0.25), stats.norm(0.1, 0.25)),
    (sv.lognormal(0.026, 1.1), stats.lognorm(1.1, scale=0.026)),
    (sv.beta(6, 14), stats.beta(6, 14)),
    (sv.uniform(2, 5), stats.uniform(2, 3)),
]


@pytest.mark.parametrize(("ours", "scipy"), PAIRS, ids=lambda one: getattr(one, "kind", "scipy"))
def test_moments_and_quantiles_are_those_of_scipy(ours, scipy):
    for level in (0.05, 0.3, 0.5, 0.9):
        assert ours.quantile(level) == pytest.approx(scipy.ppf(level), rel=1e-9)
    assert ours.mean == pytest.approx(scipy.mean())
    assert ours.sd == pytest.approx(scipy.std())


@pytest.mark.parametrize(("ours", "scipy"), PAIRS, ids=lambda one: getattr(one, "kind", "scipy"))
def test_draws_follow_the_distribution(ours, scipy):
    draws = ours.draw(20_000, np.random.default_rng(3))
    assert stats.kstest(draws, scipy.cdf).pvalue > 0.001


def test_a_scipy_frozen_distribution_is_taken_as_it_is():
    ours = as_distribution(stats.gamma(2, scale=3))
    assert ours.mean == pytest.approx(6)
    assert ours.sd == pytest.approx(np.sqrt(18))
    assert ours.quantile(0.5) == pytest.approx(stats.gamma(2, scale=3).ppf(0.5))
    assert str(ours) == "scipy gamma(2, 3)"
    assert len(ours.draw(10, np.random.default_rng(0))) == 10


def test_a_number_is_a_point_and_yaml_is_a_mapping():
    point = as_distribution(3)
    assert point.known
    assert (point.mean, point.sd, point.quantile(0.9)) == (3.0, 0.0, 3.0)
    assert set(point.draw(4, np.random.default_rng(0))) == {3.0}
    assert as_distribution({"triangular": [10, 12, 15]}) == sv.triangular(10, 12, 15)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sv.triangular(15, 12, 10), "low <= mode <= high must hold"),
        (lambda: sv.uniform(2, 2), "low <= high must hold"),
        (lambda: sv.beta(0, 2), "a and b must be above 0"),
        (lambda: sv.lognormal(-1, 2), "the median must be above 0"),
        (lambda: sv.normal(1, 0), "sd must be above 0; a number that is known is written as it is"),
        (lambda: sv.normal(float("nan"), 1), "must be finite numbers"),
        (lambda: Distribution("beta", (1.0,)), "takes 2 parameters"),
        (lambda: Distribution("cauchy", (1.0,)), "'cauchy' is not known"),
        (lambda: as_distribution("12", name="writer_rate_usd"), "writer_rate_usd='12' is neither"),
        (lambda: as_distribution(float("inf")), "neither a finite number nor a distribution"),
        (lambda: as_distribution({"gauss": [1, 2]}), "neither a finite number"),
        (lambda: as_distribution({"beta": ["a", 2]}, name="win"), "win: could not convert"),
    ],
)
def test_what_is_no_distribution_is_refused(make, message):
    with pytest.raises(sv.ArgumentError, match=message):
        make()


HEAD = "parameter,distribution,p1,p2,p3,unit,source,year,n,grade,note\n"


def test_a_table_of_assumptions_is_read(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(HEAD + "win_share,beta,4,16,,share,own,2026,,D,ask\nrate,point,50,,,usd/h,own,2026,,D,\n")
    table = read_priors(path)
    assert table.loc["win_share", "value"] == sv.beta(4, 16)
    assert table.loc["rate", "value"].known


def test_all_rows_that_cannot_be_read_are_named_at_once(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(HEAD + "win,beta,4,,,,,,,,\nrate,gauss,1,2,,,,,,,\nrate,point,1,,,,,,,,\n")
    with pytest.raises(sv.DataError) as caught:
        read_priors(path)
    text = str(caught.value)
    assert "3 problems" in text
    assert "win: beta(4): it takes 2 parameters" in text
    assert "distribution 'gauss' is not known" in text
    assert "['rate'] stand there twice" in text


def test_a_table_without_the_columns_or_the_file_is_refused(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("parameter,distribution\nwin,beta\n")
    with pytest.raises(sv.DataError, match="lacks the columns"):
        read_priors(path)
    with pytest.raises(sv.MissingFileError, match=r"no table of assumptions at none\.csv"):
        read_priors(tmp_path / "none.csv")
