"""What is wrong is said at once, with the mend."""

from types import SimpleNamespace

import pandas as pd
import pytest
from scipy import stats

import segvspers as sv
from segvspers.roi import observe_values


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sv.Costs(writer_rate_usd=-50), "writer_rate_usd=-50 goes below 0"),
        (lambda: sv.Costs(n_segments=0), "n_segments=0 goes below 1"),
        (
            lambda: sv.Costs(review_share=10),
            "review_share=10 leaves 0 to 1; it is a proportion: 5 % is written 0.05",
        ),
        (
            lambda: sv.Costs(review_share=stats.norm(0.5, 0.5)),
            r"review_share=scipy norm\(0.5, 0.5\) leaves 0 to 1",
        ),
        (lambda: sv.Costs(currency=None), "currency=None is no currency"),
        (lambda: sv.Costs(currency="dollars"), "give its three letters"),
        (lambda: sv.Costs(prices_on="yesterday"), "prices_on='yesterday' is no day"),
        (
            lambda: sv.Costs(setup_usd="much"),
            "setup_usd='much' is neither a finite number nor a distribution",
        ),
        (lambda: sv.Funnel(margin=1.2), "margin=1.2 leaves 0 to 1"),
        (lambda: sv.Funnel(win_share=-0.1), "win_share=-0.1 leaves 0 to 1"),
        (lambda: sv.Funnel(value_usd=float("nan")), "value_usd=nan is neither"),
        (lambda: sv.Funnel(retention=1.5), "retention=1.5 leaves 0 to 1"),
    ],
)
def test_costs_and_funnel_out_of_range_are_refused(make, message):
    with pytest.raises(sv.ArgumentError, match=message):
        make()


def test_all_problems_are_listed_at_once():
    with pytest.raises(sv.ArgumentError) as caught:
        sv.Funnel(margin=2, win_share=5, value_usd=-1, currency="")
    assert "Funnel: 4 problems" in str(caught.value)


def test_yaml_is_read_with_distributions(tmp_path):
    path = tmp_path / "costs.yml"
    path.write_text(
        "currency: GBP\nn_segments: 600\ntemplate_hours: {triangular: [0.5, 0.75, 1]}\nprices_on: 2026-11-01\n"
    )
    costs = sv.Costs.from_yaml(path)
    assert costs.template_hours == sv.triangular(0.5, 0.75, 1)
    assert (costs.currency, costs.prices_on) == ("GBP", "2026-11-01")
    path.write_text("currency: GBP\nwin_share: {beta: [4, 16]}\n")
    assert sv.Funnel.from_yaml(path).win_share == sv.beta(4, 16)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n_segments: 5\n", "no currency is stated; add a line such as `currency: USD`"),
        ("currency: USD\nsegments: 5\n", r"\['segments'\] are not known"),
        ("- a\n", "must hold one `name: value` a line"),
        ("a: [\n", "is no YAML near line"),
        ("currency: USD\nwriter_rate_usd: -1\n", "goes below 0"),
        ("currency: USD\nfunnel: {margin: 0.5}\n", "there is no section `costs:`"),
        ("currency: USD\ncosts: {n_segments: 2}\nmargin: 1\n", r"\['margin'\] stand outside the sections"),
    ],
)
def test_yaml_that_cannot_be_used_is_refused(tmp_path, text, message):
    path = tmp_path / "costs.yml"
    path.write_text(text)
    with pytest.raises(sv.ArgumentError, match=message):
        sv.Costs.from_yaml(path)


def test_costs_and_funnel_share_one_file(sample):
    costs = sv.Costs.from_yaml(sample / "assumptions.yml")
    funnel = sv.Funnel.from_yaml(sample / "assumptions.yml")
    assert (costs.n_segments.mean, costs.template_hours) == (12, sv.triangular(0.5, 0.75, 1.5))
    assert (funnel.margin.mean, funnel.value_usd) == (0.7, sv.triangular(2000, 4000, 8000))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(sv.MissingFileError, match=r"no file of costs at none\.yml"):
        sv.Costs.from_yaml(tmp_path / "none.yml")


def test_arguments_of_the_estimate_are_checked(comparison):
    cases = [
        ({"prior": "hopeful"}, "prior='hopeful' is not known"),
        ({"prior": 0.1}, "has no spread"),
        ({"n_contacts": 0}, "n_contacts=0.0 must be"),
        ({"confidence": 90}, "confidence=90 must be a proportion"),
        ({"adopt_above": 0.4}, "adopt_above=0.4 must be above 0.5"),
        ({"n_draws": 10}, "n_draws=10.0 must be"),
        ({"rng": "seven"}, "rng='seven'"),
        ({"funnel": sv.Funnel(currency="GBP")}, "costs are in USD and the funnel in GBP"),
    ]
    for changes, message in cases:
        with pytest.raises(sv.ArgumentError, match=message):
            sv.estimate_roi(comparison(), **changes)


def test_a_comparison_that_is_none_or_empty_is_refused(comparison):
    with pytest.raises(sv.DataError, match=r"comparison lacks \['control'"):
        sv.estimate_roi(SimpleNamespace())
    with pytest.raises(sv.DataError, match="comparison: treatment has 0 contacts"):
        sv.estimate_roi(SimpleNamespace(**vars(comparison()) | {"n_treatment": 0}))
    with pytest.raises(sv.NotEstimableError, match="nobody replied to either variant"):
        sv.estimate_roi(comparison(0, 0))
    with pytest.raises(sv.ArgumentError, match="evidence='hearsay' is not known"):
        sv.estimate_roi(comparison(evidence="hearsay"))


OUTCOMES = pd.DataFrame({"variant": ["a", "a", "b", "b"], "revenue_usd": [0, 1, 2, 0], "cost_usd": [0, 0, 1, 1]})


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"cost": "spent"}, r"outcomes lacks \['spent'\]"),
        (
            {"variant": ["a", "b", "c", "c"]},
            {},
            r"hold the variants \['a', 'b', 'c'\]; name one as treatment=",
        ),
        ({}, {"treatment": "z"}, r"fewer than two contacts of \['z'\]"),
        ({"revenue_usd": [0, None, 1, 1]}, {}, "holds blanks or text"),
        ({"cost_usd": [0, 0, -1, 1]}, {"cost": "cost_usd"}, "negative costs in 1 rows"),
        ({"evidence": ["simulated", "randomised"] * 2}, {}, "mix the evidence"),
    ],
)
def test_values_that_cannot_be_measured_are_refused(changes, options, message):
    with pytest.raises(sv.DataError, match=message):
        observe_values(OUTCOMES.assign(**changes), control="a", **options)


def test_margins_and_costs_per_contact_are_checked():
    with pytest.raises(sv.ArgumentError, match="margin=1.5 must be a proportion"):
        observe_values(OUTCOMES, control="a", margin=1.5)
    with pytest.raises(sv.ArgumentError, match="must be a number of at least 0"):
        observe_values(OUTCOMES, control="a", contact_cost_usd={"b": -1})
    seen = observe_values(OUTCOMES, control="a")
    with pytest.raises(sv.ArgumentError, match="leave out costs="):
        sv.estimate_roi(seen, costs=sv.Costs())
    with pytest.raises(sv.ArgumentError, match="groups= goes with a comparison of reply rates"):
        sv.estimate_roi(seen, groups=OUTCOMES)


def test_negative_observed_costs_are_refused():
    with pytest.raises(sv.DataError, match=r"\['cost_usd'\] hold negative values"):
        sv.Costs().observe(pd.DataFrame({"cost_usd": [-0.1]}))
