"""What is told of segments: names, profiles, replies, trees, drift and pictures."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segvspers import fit_segments, segment_by
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.telling.drift import stability_index
from segvspers.segments.telling.mapping import map_codes, map_rows
from segvspers.segments.telling.naming import name_segments, phrase
from segvspers.segments.telling.profiles import nested_ratio, told_levels
from segvspers.segments.telling.replies import beta_priors, reply_rates


def contacts(n=1200, seed=0):
    r = np.random.default_rng(seed)
    kind = r.choice(2, n, p=[0.6, 0.4])
    return pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(n)],
            "purchase_status": np.array(["prospect", "lapsed"])[np.where(r.random(n) < 0.9, kind, 1 - kind)],
            "plan": np.array(["Starter", "Pro"])[np.where(r.random(n) < 0.8, kind, 1 - kind)],
            "n_purchases": np.where(kind == 0, 0, 1 + r.poisson(2, n)),
            "opted_in": r.random(n) < 0.3 + 0.4 * kind,
        }
    )


@pytest.fixture(scope="module")
def found():
    return fit_segments(contacts(), n_segments=2, n_resamples=3, rng=7)


def test_names_say_in_plain_words_what_is_over_represented(found):
    assert found.segments["segment_name"].tolist() == [
        "Prospects, no purchases, Starter",
        "Lapsed customers, Pro, opted in",
    ]
    assert phrase("Yummy", "Yes") == "yummy"
    assert phrase("Yummy", "No") == "not yummy"
    assert phrase("revenue per n_orders", "high") == "high revenue per order"
    assert phrase("age", "middle") == "middle age"
    assert phrase("region", "3") == "region 3"


def test_two_segments_of_one_profile_get_two_names():
    rows = pd.DataFrame({"column": "plan", "level": "A", "share": 0.9, "lift": 2.0, "telling": 0.5}, index=[0, 1])
    names = name_segments(rows.assign(segment_id=["S1", "S2"]))
    assert len(set(names.values())) == 2


def test_shares_of_a_profile_are_those_of_the_members(found):
    frame = found.assign(contacts())
    row = found.profiles.query("segment_id == 'S1' and column == 'plan' and level == 'Pro'").iloc[0]
    members = frame[frame["segment_id"] == "S1"]
    assert row["share"] == pytest.approx((members["plan"] == "Pro").mean())
    assert row["share_list"] == pytest.approx((frame["plan"] == "Pro").mean())
    assert row["lift"] == pytest.approx(row["share"] / row["share_list"])
    assert row["lift_low"] < row["lift"] < row["lift_high"]
    typical = found.typical.set_index("segment_id")
    assert typical.loc["the list", "n_purchases"] == frame["n_purchases"].median()
    assert typical.loc["S1", "plan"] == members["plan"].mode()[0]


def test_the_interval_of_a_lift_covers_the_true_one():
    """A segment is part of the list, so its share and the list's go together."""
    r = np.random.default_rng(1)
    n, m, s, t = 120, 400, 0.3, 0.15
    a, b = r.binomial(n, s, 20_000), r.binomial(m, t, 20_000)
    ratio, low, high = nested_ratio(a, np.full(20_000, n), a + b, np.full(20_000, n + m))
    truth = s / ((n * s + m * t) / (n + m))
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(0.95, abs=0.01)
    assert np.median(ratio) == pytest.approx(truth, rel=0.02)
    none = nested_ratio(np.array([0]), np.array([9]), np.array([3]), np.array([20]))
    assert none[0] == [0]
    assert np.isnan(none[1:]).all()


def test_bins_are_told_as_thirds_and_zeros_apart():
    plan = ColumnCode("spend", "number", cuts=(0.5, 10.5, 20.5, 30.5), zero_first=True)
    names, spans, groups = told_levels(plan, np.array([50, 10, 10, 10, 10]))
    assert names == ["none", "low", "middle", "high"]
    assert spans == ["0", "1 to 11", "11 to 31", "31 or more"]
    assert [len(group) for group in groups] == [1, 1, 2, 1]


# Tumours in 71 groups of rats (Tarone 1982), as in Gelman et al. (2013), table 5.1.
RATS = (
    "0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19 1/18 1/18 2/25 2/24 "
    "2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 4/20 4/20 4/20 "
    "4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52 15/47 15/46 "
    "9/24 4/14"
)


def test_the_prior_of_the_rats_is_the_published_one():
    """Gelman et al. (2013), section 5.3: E(alpha | y) = 2.4 and E(beta | y) = 14.3."""
    replied, emailed = np.array([list(map(int, pair.split("/"))) for pair in RATS.split()]).T
    assert (len(replied), replied.sum(), emailed.sum()) == (71, 267, 1739)
    a, b, share = beta_priors(replied, emailed).T
    assert share @ a == pytest.approx(2.4, abs=0.05)
    assert share @ b == pytest.approx(14.3, abs=0.15)


def test_posterior_rates_agree_with_a_fine_grid():
    """By brute force: the mean and the weight on a grid of 400 by 400, and draws of the rate."""
    replied, emailed = np.array([2, 9, 30, 4, 11]), np.array([40, 80, 150, 90, 60])
    mean, root = (axis.ravel() for axis in np.meshgrid(np.linspace(0.001, 0.9, 400), np.linspace(0.005, 1, 400)))
    a, b = mean * root**-2, (1 - mean) * root**-2
    log = stats.betabinom.logpmf(replied, emailed, a[:, None], b[:, None]).sum(axis=1)
    share = np.exp(log - log.max())
    r = np.random.default_rng(0)
    drawn = r.choice(len(a), 200_000, p=share / share.sum())
    rates = r.beta(a[drawn, None] + replied, b[drawn, None] + emailed - replied)
    told = reply_rates(emailed, replied)
    np.testing.assert_allclose(told["reply_rate"], rates.mean(axis=0), atol=0.001)
    np.testing.assert_allclose(told["reply_rate_low"], np.quantile(rates, 0.025, axis=0), atol=0.003)
    np.testing.assert_allclose(told["reply_rate_high"], np.quantile(rates, 0.975, axis=0), atol=0.003)


def test_shrunken_rates_are_nearer_the_truth_and_their_intervals_hold():
    r = np.random.default_rng(2)
    raw, shrunk, inside = [], [], []
    for _ in range(40):
        truth = r.beta(6, 60, 12)
        emailed = r.integers(10, 150, 12)
        told = reply_rates(emailed, r.binomial(emailed, truth))
        raw.append(((told["reply_rate_raw"] - truth) ** 2).mean())
        shrunk.append(((told["reply_rate"] - truth) ** 2).mean())
        inside.append(((told["reply_rate_low"] <= truth) & (truth <= told["reply_rate_high"])).mean())
    assert np.mean(shrunk) < 0.75 * np.mean(raw)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_equal_rates_are_drawn_together_and_nobody_emailed_has_none():
    told = reply_rates(np.array([100, 200, 0]), np.array([10, 20, 0]))
    assert told["reply_rate"].iloc[:2].tolist() == pytest.approx([0.1, 0.1], abs=0.005)
    assert np.isnan(told["reply_rate_raw"].iloc[2])
    assert told.iloc[2, 2:].isna().all()
    nobody = reply_rates(np.array([0, 0]), np.array([0, 0]))
    assert nobody["reply_rate"].isna().all()


def test_the_inertia_of_a_correspondence_analysis_is_levels_over_columns_less_one():
    """Total inertia of an indicator matrix: J/Q - 1 (Greenacre 2017, chapter 18)."""
    r = np.random.default_rng(0)
    codes = np.column_stack([r.integers(0, 3, 400), r.integers(0, 4, 400)])
    shown = np.hstack([np.eye(3)[codes[:, 0]], np.eye(4)[codes[:, 1]]])
    mass = shown.mean(axis=0) / 2
    apart = (shown / 2 - mass) / np.sqrt(mass)
    values, axes = np.linalg.eigh(apart.T @ apart / 400)
    assert values.sum() == pytest.approx(7 / 2 - 1)
    plane = map_codes(codes, np.array([3, 4]), np.repeat("S1", 400))
    np.testing.assert_allclose(np.abs(plane.points["x"]), np.abs(apart @ axes[:, -1]), atol=1e-3)


def test_the_map_of_coordinates_shows_principal_components():
    r = np.random.default_rng(0)
    rows = r.normal(size=(300, 4)) * [3, 2, 1, 0.5]
    plane = map_rows(rows, np.repeat("S1", 300))
    values = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    assert plane.shares == pytest.approx(tuple(values[:2] / values.sum()))


def test_a_tree_describes_the_segments_with_its_agreement(found):
    tree = found.fit_tree(contacts(), n_leaves=4)
    assert 0.85 < tree.agreement_low < tree.agreement < tree.agreement_high
    assert len(tree.to_frame()) <= 4
    assert "n purchases below 1" in tree.text
    assert tree.summary().endswith("assign() decides, not this tree.")
    assert tree.to_frame()["share"].sum() == pytest.approx(1)
    with pytest.raises(ArgumentError, match="n_leaves=1 must be a finite number of at least 2"):
        found.fit_tree(contacts(), n_leaves=1)


def test_the_agreement_of_a_tree_is_that_of_contacts_it_did_not_see():
    r = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{i}": r.choice(["a", "b"], 600) for i in range(12)})
    rules = segment_by(frame.assign(c0=frame["c0"] + frame["c1"] + frame["c2"]), by=["c0"])
    table = frame.assign(c0=frame["c0"] + frame["c1"] + frame["c2"])
    assert rules.fit_tree(table, n_leaves=8).agreement == 1


def test_a_list_of_the_same_kind_is_steady_and_another_is_not(found):
    steady = found.check_drift(contacts(seed=5))
    assert steady.verdict == "steady"
    assert "look like those of the fit" in steady.summary()
    change = steady.segments.set_index("segment_id")["change"]
    assert change.sum() == pytest.approx(0, abs=1e-12)
    assert (steady.segments["change_low"] < steady.segments["change"]).all()
    assert (steady.segments["change"] < steady.segments["change_high"]).all()
    later = contacts(seed=6).assign(plan="Enterprise")
    later = later[later["purchase_status"] == "lapsed"]
    with pytest.warns(UserWarning, match=r"\['plan'\] are new"):
        moved = found.check_drift(later)
    assert moved.verdict == "refit"
    assert "fit anew" in moved.summary()
    assert "100.0 % of plan are levels that the fit never saw" in moved.summary()
    assert moved.columns.set_index("column").loc["plan", "never_seen"] == 1
    with pytest.raises(DataError, match="none of the columns"):
        found.check_drift(pd.DataFrame({"age": [1]}))


def test_the_stability_index_is_that_of_the_book():
    """Siddiqi (2006): the sum of (actual - expected) ln(actual / expected)."""
    then, now = np.array([3000, 5000, 2000]), np.array([2000, 5000, 3000])
    by_hand = (0.2 - 0.3) * np.log(0.2 / 0.3) + (0.3 - 0.2) * np.log(0.3 / 0.2)
    assert stability_index(then, now) == pytest.approx(by_hand, abs=1e-3)
    assert stability_index(then, then) == 0
    assert stability_index(then, now) == pytest.approx(stability_index(now, then))


@pytest.mark.parametrize("view", ["sizes", "profiles", "map", "stability"])
def test_every_view_draws_on_the_axes_given(found, view):
    _, ax = plt.subplots()
    assert found.plot(view=view, ax=ax) is ax
    assert ax.get_title(loc="left")


def test_views_without_numbers_say_how_to_get_them(found):
    with pytest.raises(NotEstimableError, match="view='counts' has nothing to show; fit with n_segments='auto'"):
        found.plot(view="counts")
    with pytest.raises(NotEstimableError, match="view='replies' has nothing to show; fit with the history"):
        found.plot(view="replies")
    with pytest.raises(NotEstimableError, match="view='stability' has nothing to show; fit with n_resamples=20"):
        segment_by(contacts(), by=["plan"]).plot(view="stability")
    with pytest.raises(ArgumentError, match="view='pie' is not known"):
        found.plot(view="pie")


def test_counts_of_templates_and_trees_and_drift_can_be_drawn(found):
    frame = contacts()
    merged = segment_by(frame, by=["purchase_status", "plan", "n_purchases"], outcome="opted_in").merge_to(4)
    assert "templates explain" in merged.plot(view="counts").get_title(loc="left")
    assert "%" in found.fit_tree(frame).plot().get_title(loc="left")
    assert "later list" in found.check_drift(frame).plot().get_title(loc="left")


def test_what_a_notebook_shows_is_escaped():
    frame = pd.DataFrame({"plan": ["<script>alert(1)</script>"] * 40 + ["B"] * 40})
    shown = segment_by(frame, by=["plan"])._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
