"""Cells of a cross: counted once, rolled up to every subset, and told."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explosion_lists import BY, contacts
from segvspers import explode_segments
from segvspers._levels import code_attributes
from segvspers.errors import ArgumentError, DataError
from segvspers.explosion.cells import Block, count_cells, drop_axis
from segvspers.explosion.frames import largest_cells
from segvspers.explosion.subsets import tally_subsets
from segvspers.explosion.testable import contacts_per_test


def counted_slowly(frame, names):
    known = frame.dropna(subset=list(names))
    sizes = known.groupby(list(names), observed=True).size()
    return {
        "n_placed": len(known),
        "n_occupied": len(sizes),
        "n_single": int((sizes == 1).sum()),
        "n_double": int((sizes == 2).sum()),
        "n_at_minimum": int((sizes >= 30).sum()),
        "contacts_at_minimum": int(sizes[sizes >= 30].sum()),
        "largest": int(sizes.max()),
    }


@pytest.mark.parametrize("dense_limit", [10**8, 0], ids=["dense", "sparse"])
def test_every_subset_is_counted_as_a_group_by_counts_it(dense_limit):
    frame = contacts()
    finest = count_cells(code_attributes(frame, BY), dense_limit=dense_limit)
    subsets = tally_subsets(finest, minimum_size=30, per_test=1e9, largest_subset=4).frame
    assert len(subsets) == 15
    assert len(set(map(frozenset, subsets["attributes"]))) == 15
    for row in subsets.to_dict("records"):
        slow = counted_slowly(frame, row["attributes"])
        assert {name: row[name] for name in slow} == slow


def test_capped_subsets_are_those_of_the_full_lattice():
    finest = count_cells(code_attributes(contacts(), BY))
    full = tally_subsets(finest, minimum_size=30, per_test=50, largest_subset=4).frame
    capped = tally_subsets(finest, minimum_size=30, per_test=50, largest_subset=2).frame
    expected = {frozenset(names) for size in (1, 2) for names in combinations(BY, size)}
    assert set(map(frozenset, capped["attributes"])) == expected
    both = full[full["n_attributes"] <= 2]
    keyed = [
        frame.assign(key=frame["attributes"].map(sorted).map(str)).set_index("key").sort_index()
        for frame in (capped, both)
    ]
    pd.testing.assert_frame_equal(keyed[0].drop(columns="attributes"), keyed[1].drop(columns="attributes"))


def test_the_cross_is_the_product_of_levels():
    explosion = explode_segments(contacts(), by=BY)
    assert explosion.n_possible == 10 * 3 * 2 * 3
    assert explosion.n_empty == explosion.n_possible - explosion.n_occupied
    slow = counted_slowly(contacts(), BY)
    assert (explosion.n_occupied, explosion.n_single) == (slow["n_occupied"], slow["n_single"])
    assert explosion.cells["n_contacts"].is_monotonic_decreasing


def test_contacts_without_a_level_stand_in_no_cell():
    explosion = explode_segments(contacts(), by=BY)
    assert explosion.n_placed == len(contacts().dropna(subset=BY))
    assert explosion.n_contacts == 1000


def test_the_largest_cells_cover_the_stated_share():
    explosion = explode_segments(contacts(), by=BY)
    reached = explosion.cells["n_contacts"].cumsum() / explosion.n_placed
    assert reached.iloc[explosion.n_cells_50 - 1] >= 0.5 > reached.iloc[explosion.n_cells_50 - 2]


def test_the_crossing_of_costs_is_where_templates_cost_as_much_as_emails():
    explosion = explode_segments(contacts(), by=BY)
    assert explosion.n_crossing * explosion.template_cost_usd == pytest.approx(1000 * explosion.email_cost_usd)


@pytest.mark.parametrize(("lifted", "needed"), [(0.035, 19_740), (0.04, 5_298), (0.06, 746)])
def test_contacts_of_a_test_agree_with_the_published_design(lifted, needed):
    assert contacts_per_test(0.03, lifted / 0.03 - 1) / 2 == pytest.approx(needed, rel=1e-3)


def test_the_order_of_rows_does_not_matter():
    frame = contacts()
    one = explode_segments(frame, by=BY)
    other = explode_segments(frame.sample(frac=1, random_state=1), by=BY)
    pd.testing.assert_frame_equal(one.subsets, other.subsets)


def test_the_contacts_are_left_as_they_were():
    frame = contacts()
    before = frame.copy()
    explode_segments(frame, by=BY)
    pd.testing.assert_frame_equal(frame, before)


def test_an_unknown_column_is_named_with_the_nearest_known_one():
    with pytest.raises(DataError, match=r"by= names \['indstry'\], which contacts lacks.*Did you mean \['industry'\]"):
        explode_segments(contacts(), by=["indstry", "region"])


def test_by_must_name_each_column_once():
    with pytest.raises(ArgumentError, match="by= is empty"):
        explode_segments(contacts(), by=[])
    with pytest.raises(ArgumentError, match=r"\['region'\] more than once"):
        explode_segments(contacts(), by=["region", "region"])


def test_an_identifier_is_called_one_and_all_problems_come_at_once():
    frame = contacts().assign(nothing=None)
    with pytest.raises(
        DataError,
        match=r"(?s)2 problems.*'contact_id' has 1,000 levels in 1,000 rows, as an identifier.*'nothing' holds no value",
    ):
        explode_segments(frame, by=["contact_id", "nothing", "region"])


def test_numbers_of_many_values_are_cut_into_bands():
    frame = contacts().assign(spend=np.random.default_rng(0).lognormal(size=1000))
    explosion = explode_segments(frame, by=["spend", "region"])
    assert explosion.n_possible == 15
    assert explosion.notes == ("spend is cut into 5 bands",)


def test_options_out_of_range_are_refused():
    with pytest.raises(ArgumentError, match="relative_lift=0 can't be tested"):
        explode_segments(contacts(), by=BY, relative_lift=0)
    with pytest.raises(ArgumentError, match="template_cost_usd=-1 must be a finite number of at least 0"):
        explode_segments(contacts(), by=BY, template_cost_usd=-1)
    with pytest.raises(ArgumentError, match="view='pie' is not known"):
        explode_segments(contacts(), by=BY).plot(view="pie")


def test_growth_starts_at_the_list_and_ends_at_the_cross():
    growth = explode_segments(contacts(), by=BY).growth
    for order, steps in growth.groupby("order"):
        assert steps["n_attributes"].tolist() == [0, 1, 2, 3, 4], order
        assert steps["n_possible"].iloc[0] == steps["n_occupied"].iloc[0] == 1
        assert steps["n_possible"].is_monotonic_increasing
    ends = growth.groupby("order").last()
    assert (ends["n_occupied"] == growth["n_occupied"].iloc[-1]).all()
    slow, fast = (growth[growth["order"] == order]["n_possible"].to_numpy() for order in ("slowest", "fastest"))
    assert (slow <= fast).all()


def test_each_step_of_growth_is_a_group_by():
    frame, growth = contacts(), explode_segments(contacts(), by=BY).growth
    given = growth[growth["order"] == "given"].set_index("n_attributes")
    for n in range(1, 5):
        sizes = frame.dropna(subset=BY[:n]).groupby(BY[:n], observed=True).size()
        assert given.loc[n, "n_occupied"] == len(sizes)
        assert given.loc[n, "median_contacts"] == sizes.median()
        share = sizes / sizes.sum()
        assert given.loc[n, "bits"] == pytest.approx(-(share * np.log2(share)).sum())


def test_a_list_of_all_different_people_has_the_bits_that_name_one():
    frame = pd.DataFrame({f"b{place}": np.arange(64) >> place & 1 for place in range(6)})
    assert explode_segments(frame, by=list(frame)).bits == pytest.approx(np.log2(64))


def test_twice_the_list_has_the_same_cells_with_twice_the_contacts():
    frame = contacts().drop(columns="contact_id")
    one, two = explode_segments(frame, by=BY), explode_segments(pd.concat([frame, frame]), by=BY)
    assert two.n_occupied == one.n_occupied
    assert two.n_single == 0
    assert two.median_contacts == 2 * one.median_contacts
    assert two.bits == pytest.approx(one.bits)
    assert (two.cells["n_contacts"] == 2 * one.cells["n_contacts"]).all()


def test_missing_values_can_be_a_level():
    frame = contacts()
    found = explode_segments(frame, by=BY, missing="level")
    assert found.n_placed == found.n_contacts == len(frame)
    assert found.n_possible == 11 * 3 * 2 * 4
    sizes = frame.astype({"company_size": str})[BY].fillna("not known").groupby(BY).size()
    assert found.n_occupied == len(sizes)
    assert found.cells["n_contacts"].tolist() == sorted(sizes, reverse=True)


def test_the_lifts_that_cells_could_be_tested_for():
    found = explode_segments(contacts(), by=["status"], base_rate=0.2, relative_lift=0.5)
    sizes = contacts()["status"].value_counts()
    for row in found.lifts.itertuples():
        assert row.contacts_per_test == pytest.approx(contacts_per_test(0.2, row.relative_lift))
        assert row.n_testable == (sizes >= row.contacts_per_test).sum()
        assert row.share_testable == pytest.approx(sizes[sizes >= row.contacts_per_test].sum() / sizes.sum())
    assert 0.5 in found.lifts["relative_lift"].tolist()
    assert found.lifts["contacts_per_test"].is_monotonic_decreasing


def test_contacts_of_a_test_agree_with_statsmodels():
    from statsmodels.stats.power import NormalIndPower

    spread = (0.03 * 0.97 + 0.039 * 0.961) / 2
    each = NormalIndPower().solve_power(0.009 / np.sqrt(spread), alpha=0.05, power=0.8)
    assert contacts_per_test(0.03, 0.3) == pytest.approx(2 * each, rel=1e-5)


def test_overlaps_are_shares_of_the_first_level():
    frame, found = contacts(), explode_segments(contacts(), by=["status", "region"])
    known = frame.dropna(subset=["region"])
    for row in found.overlap.itertuples():
        first = known[known[row.attribute] == row.level]
        assert row.n_both == (first[row.other_attribute] == row.other_level).sum()
        assert row.share == pytest.approx(row.n_both / len(first))
        assert row.expected == pytest.approx((known[row.other_attribute] == row.other_level).mean())


def test_small_cells_are_told_by_the_share_of_contacts_in_them():
    found = explode_segments(contacts(), by=BY)
    sizes = contacts().dropna(subset=BY).groupby(BY, observed=True).size()
    for row in found.anonymity.itertuples():
        assert row.share_below == pytest.approx(sizes[sizes < row.k].sum() / sizes.sum())


def test_all_subsets_of_thirteen_attributes_are_counted():
    r = np.random.default_rng(1)
    frame = pd.DataFrame({f"a{place:02}": r.integers(0, 2, 300) for place in range(13)})
    found = explode_segments(frame, by=list(frame), largest_subset=13).subsets
    assert len(found) == 2**13 - 1
    assert found["attributes"].map(len).value_counts().to_dict() == {
        k: len(list(combinations(range(13), k))) for k in range(1, 14)
    }
    for row in found.sample(25, random_state=3).to_dict("records"):
        sizes = frame.groupby(list(row["attributes"])).size()
        assert (row["n_occupied"], row["n_single"], row["largest"]) == (len(sizes), (sizes == 1).sum(), sizes.max())


def test_large_crosses_are_counted_up_to_a_size_that_takes_seconds():
    r = np.random.default_rng(1)
    frame = pd.DataFrame({f"a{place:02}": r.integers(0, 6, 300) for place in range(20)})
    found = explode_segments(frame, by=list(frame), largest_subset=2)
    assert found.n_possible == 6.0**20
    assert len(found.subsets) == 20 + 190
    assert found.notes == ("subsets of up to 2 of the 20 attributes were counted",)
    sizes = frame.groupby(["a03", "a17"]).size()
    row = found.subsets[found.subsets["attributes"] == ("a03", "a17")].iloc[0]
    assert (row["n_occupied"], row["largest"]) == (len(sizes), sizes.max())


def test_the_largest_cells_are_those_of_a_sort():
    r = np.random.default_rng(2)
    values = r.poisson(1.0, (1, 20, 30, 5)).astype(np.int32)
    codes, counts = largest_cells(Block(values, (0, 1, 2)), (20, 30, 5), most=50)
    assert counts.tolist() == sorted(values[values > 0], reverse=True)
    assert values[0][tuple(codes)].tolist() == counts[:50].tolist()
    assert codes.shape == (3, 50)


@given(st.data())
def test_sums_over_any_axis_are_those_of_numpy(data):
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    values = np.arange(2 * np.prod(shape)).reshape(2, *shape)
    position = data.draw(st.integers(0, len(shape) - 1))
    found = drop_axis(Block(values, tuple(range(len(shape)))), position, shape)
    np.testing.assert_array_equal(found.values, values.sum(axis=position + 1))
    assert found.axes == tuple(axis for axis in range(len(shape)) if axis != position)
