"""Groups: published values, pooling against other packages, laws, and errors."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, NotEstimableError
from segvspers.experiment.pooling import correct, pool, rank, shrink


@pytest.fixture(scope="module")
def hillstrom(shared_data):
    columns = {"variant": "segment", "replied": "visit", "revenue_usd": "spend"}
    return sv.read_outcomes(shared_data / "hillstrom" / "hillstrom.csv.gz", columns=columns)


def test_hillstrom_groups_as_published(hillstrom):
    men = sv.compare_by_segment(hillstrom, control="No E-Mail", treatment="Mens E-Mail", group="history_segment")
    assert men.q == pytest.approx(9.5336930360, abs=1e-6)
    assert men.q_p_value == pytest.approx(0.1457129, abs=1e-6)
    assert men.tau**2 == pytest.approx(5.350178586e-5, rel=1e-6)
    assert (men.lift, men.lift_se) == pytest.approx((0.0777944792, 0.0047950986), abs=1e-9)
    expected = [0.07165321, 0.07311361, 0.08070299, 0.08083948, 0.08303745, 0.07613735, 0.07907726]
    assert men.groups["lift_shrunk"].tolist() == pytest.approx(expected, abs=1e-7)
    women = sv.compare_by_segment(hillstrom, control="No E-Mail", treatment="Womens E-Mail", group="history_segment")
    assert women.tau == 0
    assert women.groups["lift_shrunk"].tolist() == pytest.approx([0.0450369276] * 7, abs=1e-9)


# Vaccine trials of Colditz et al. 1994 (metafor, dat.bcg): vaccinated ill and well, others ill and well.
BCG = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
]  # fmt: skip


def test_pooling_of_the_bcg_trials_equals_metafor():
    a, b, c, d = np.array(BCG, dtype=float).T
    lift = np.log(a / (a + b)) - np.log(c / (c + d))
    se = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    found = pool(lift, se)
    assert found.q == pytest.approx(152.2330, abs=1e-4)
    assert found.tau**2 == pytest.approx(0.3087603, abs=1e-6)
    assert (found.lift, found.lift_se) == pytest.approx((-0.7141172, 0.1787421), abs=1e-6)
    shrunk, spread = shrink(lift, se, found)
    assert (np.abs(shrunk - found.lift) < np.abs(lift - found.lift)).all()
    assert (spread < np.hypot(se, found.lift_se)).all()


def test_corrections_equal_the_published_ones():
    # tea-tasting:tests/test_multiplicity.py, and Benjamini and Hochberg 1995
    p_values = np.array([0.005, 0.06, 0.007, 0.04, 0.01, 0.03])
    assert correct(p_values, "bh") == pytest.approx([0.02, 0.06, 0.02, 0.048, 0.02, 0.045])
    paper = np.array(
        [
            0.0001,
            0.0004,
            0.0019,
            0.0095,
            0.0201,
            0.0278,
            0.0298,
            0.0344,
            0.0459,
            0.3240,
            0.4262,
            0.5719,
            0.6528,
            0.7590,
            1,
        ]
    )
    assert (correct(paper, "bh") < 0.05).sum() == 4
    assert (correct(paper, "holm") < 0.05).sum() == 3


@pytest.mark.parametrize("correction", ["bh", "holm"])
def test_corrections_are_monotone_and_never_smaller(correction):
    rng = np.random.default_rng(1)
    for _ in range(8):
        p_values = rng.random(12) ** 3
        found = correct(p_values, correction)
        assert (found >= p_values).all()
        assert (np.diff(found[np.argsort(p_values)]) >= 0).all()


def test_ranks_follow_the_lifts_and_add_up():
    lift, se = np.array([0.01, 0.05, 0.03, -0.02]), np.full(4, 0.01)
    best, place = rank(lift, se, pool(lift, se), np.random.default_rng(1))
    assert best.sum() == pytest.approx(1)
    assert place.sum() == pytest.approx(10)
    assert best.argmax() == place.argmin() == 1
    same = np.full(4, 0.02)
    assert rank(same, se, pool(same, se), np.random.default_rng(1))[0].tolist() == [0.25] * 4


def test_two_equal_groups_share_the_first_rank():
    lift, se = np.array([0.05, 0.05, -0.05]), np.full(3, 0.01)
    best, _ = rank(lift, se, pool(lift, se), np.random.default_rng(1))
    assert best[:2] == pytest.approx([0.5, 0.5], abs=0.02)


def grouped(seed=2, n=6000, lifts=(0.0, 0.03, 0.06)):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, len(lifts), n)
    variant = rng.integers(0, 2, n)
    rate = 0.08 + 0.02 * group + np.array(lifts)[group] * variant
    return pd.DataFrame(
        {
            "variant": np.where(variant == 1, "individual", "segment"),
            "segment_id": np.array(["a", "b", "c", "d"])[group],
            "company_id": 2 * rng.integers(0, 450, n) + variant,
            "replied": rng.random(n) < rate,
            "revenue_usd": np.where(rng.random(n) < rate, rng.gamma(2, 20, n), 0.0),
            "before_usd": rng.gamma(1, 30, n),
        }
    )


@pytest.mark.parametrize("cluster", [None, "company_id"])
@pytest.mark.parametrize("outcome", ["replied", "revenue_usd"])
def test_each_group_is_compared_as_it_would_be_alone(cluster, outcome):
    rows = grouped()
    found = sv.compare_by_segment(rows, control="segment", outcome=outcome, cluster=cluster)
    compare = sv.compare_reply_rates if outcome == "replied" else sv.compare_revenue
    for row in found.groups.itertuples():
        alone = compare(rows[rows["segment_id"] == row.group], control="segment", cluster=cluster)
        assert row.lift == pytest.approx(alone.lift, rel=1e-9)
        assert (row.lift_low, row.lift_high, row.p_value) == pytest.approx(
            (alone.lift_low, alone.lift_high, alone.p_value), rel=1e-9
        )


def test_swapping_the_arms_negates_the_groups():
    rows = grouped()
    for outcome in ("replied", "revenue_usd"):
        ours = sv.compare_by_segment(rows, control="segment", outcome=outcome)
        theirs = sv.compare_by_segment(rows, control="individual", outcome=outcome)
        assert theirs.groups["lift"].to_numpy() == pytest.approx(-ours.groups["lift"].to_numpy())
        assert theirs.groups["shrunk_low"].to_numpy() == pytest.approx(-ours.groups["shrunk_high"].to_numpy())
        assert (theirs.n_winners, theirs.n_losers) == (ours.n_losers, ours.n_winners)


def test_a_covariate_sharpens_every_group():
    rows = grouped()
    rows["revenue_usd"] += rows["before_usd"]
    plain = sv.compare_by_segment(rows, control="segment", outcome="revenue_usd")
    sharper = sv.compare_by_segment(rows, control="segment", outcome="revenue_usd", covariates=["before_usd"])
    assert (sharper.groups["se"] < 0.7 * plain.groups["se"]).all()


def test_contacts_needed_are_those_of_the_plan():
    found = sv.compare_by_segment(grouped(n=20_000), control="segment")
    row = found.groups.iloc[0]
    plan = sv.plan_test(reply_rate=row["rate_control"], lift=found.lift)
    assert row["n_needed"] == pytest.approx(plan.n_per_arm, abs=1)


def test_simpsons_paradox_is_flagged():
    # Kidney stones (Charig et al. 1986): 81/87 and 192/263 against 234/270 and 55/80.
    cells = [
        ("small", "open", 81, 87),
        ("large", "open", 192, 263),
        ("small", "puncture", 234, 270),
        ("large", "puncture", 55, 80),
    ]
    rows = pd.concat(
        pd.DataFrame({"segment_id": group, "variant": arm, "replied": np.arange(n) < x}) for group, arm, x, n in cells
    )
    found = sv.compare_by_segment(rows, control="puncture")
    assert found.simpson
    assert found.lift_crude == pytest.approx(273 / 350 - 289 / 350)
    assert (found.groups["lift"] > 0).all()
    assert "the other way round (Simpson's paradox)" in found.summary()
    assert not sv.compare_by_segment(grouped(), control="segment").simpson


def test_groups_of_one_variant_and_contacts_without_a_group_are_told():
    rows = grouped()
    rows.loc[rows.index[:300], "segment_id"] = None
    rows = pd.concat([rows, rows.iloc[:40].assign(segment_id="new", variant="individual")])
    found = sv.compare_by_segment(rows, control="segment")
    assert "(none)" in found.groups["group"].tolist() + list(found.left_out)
    assert dict(zip(found.left_out, found.why_left_out, strict=True))["new"] == "no contact in segment"


def test_groups_too_small_are_named_and_too_few_are_refused():
    rng = np.random.default_rng(1)
    n = 900
    rows = pd.DataFrame(
        {"variant": np.where(rng.random(n) < 0.5, "segment", "individual"), "replied": rng.random(n) < 0.2}
    )
    rows["segment_id"] = np.where(np.arange(n) < 440, "a", np.where(np.arange(n) < 890, "b", "tiny"))
    found = sv.compare_by_segment(rows, control="segment")
    assert found.left_out == ("tiny",)
    assert found.why_left_out == ("fewer than 10 units in a variant",)
    assert "1 group too small to tell" in found.summary()
    with pytest.raises(NotEstimableError, match="fewer than two groups of 'segment_id'"):
        sv.compare_by_segment(rows.assign(segment_id="all"), control="segment")


def test_wrong_options_of_groups_are_told():
    for wrong, message in (
        ({"correction": "none"}, "correction='none' is not known"),
        ({"kind": "share"}, "kind='share' is not known"),
        ({"covariates": ["opened"]}, "were measured after the emails left"),
        ({"group": "row", "outcome": "revenue_usd", "kind": "amount"}, "no group of 'row' has contacts in both"),
    ):
        rows = grouped(n=200).assign(row=range(200))
        error = NotEstimableError if "group" in wrong else ArgumentError
        with pytest.raises(error, match=message):
            sv.compare_by_segment(rows, control="segment", **wrong)


def test_the_pictures_show_every_group_with_its_own_name():
    rows = grouped().assign(segment_id=lambda table: table["segment_id"].map(lambda name: f"${name} - ${name}0"))
    for outcome in ("replied", "revenue_usd"):
        ax = sv.compare_by_segment(rows, control="segment", outcome=outcome).plot()
        assert {tick.get_text().split(" (")[0] for tick in ax.get_yticklabels()} == {
            rf"\${name} - \${name}0" for name in "abc"
        }
