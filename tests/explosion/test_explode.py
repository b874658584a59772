"""Cells of a cross: counted once, rolled up to every subset, and told."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from segvspers import explode_segments
from segvspers._levels import code_attributes
from segvspers.errors import ArgumentError, DataError
from segvspers.explosion.cells import count_cells
from segvspers.explosion.subsets import tally_subsets
from segvspers.explosion.testable import contacts_per_test


def contacts(n=1000, seed=3, missing=0.1):
    r = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(n)],
            "industry": r.choice(list("abcdefghij"), n, p=r.dirichlet(np.ones(10))),
            "company_size": pd.Categorical(
                r.choice(["1-10", "11-50", "1000+"], n), ["1-10", "11-50", "1000+"], ordered=True
            ),
            "status": r.choice(["trial", "customer"], n),
            "region": r.choice(["US", "UK", "DACH"], n),
            "opens": r.poisson(3, n),
        }
    )
    frame.loc[r.random(n) < missing, "industry"] = None
    frame.loc[r.random(n) < missing, "region"] = None
    return frame


BY = ["industry", "company_size", "status", "region"]


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


def test_the_summary_names_the_cells():
    explosion = explode_segments(contacts(), by=["status", "region"])
    assert explosion.summary().startswith("6 possible segments; 6 occupied; ")
    assert "can't test them" in explosion.summary()


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
