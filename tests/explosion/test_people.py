"""Two people of one cell: how different they are, and what is shown of them."""

import numpy as np
import pandas as pd
import pytest

from explosion_lists import BY, contacts
from segvspers import explode_segments
from segvspers.explosion.difference import differences
from segvspers.explosion.people import cells_of, comparable


def counted_slowly(values, groups):
    """Mean over contacts of the mean difference from the others of their group, pair by pair."""
    total = n = 0.0
    for group in set(groups[groups >= 0]):
        mine = values[(groups == group) & pd.notna(values)]
        if len(mine) < 2:
            continue
        pairs = [(a, b) for i, a in enumerate(mine) for j, b in enumerate(mine) if i != j]
        apart = [abs(a - b) if isinstance(a, float) else float(a != b) for a, b in pairs]
        total += len(mine) * np.mean(apart)
        n += len(mine)
    return total / n


def test_differences_are_the_mean_over_all_pairs_of_a_group():
    frame = contacts(150)
    groups = np.random.default_rng(1).integers(-1, 6, 150)
    found = comparable(frame, without=["status"])
    each = dict(zip(found.names, differences(found, groups), strict=True))
    assert set(each) == {"industry", "company_size", "region", "opens"}
    for name in ("industry", "company_size", "region"):
        assert each[name] == pytest.approx(counted_slowly(frame[name].astype(object).to_numpy(), groups)), name
    assert each["opens"] == pytest.approx(counted_slowly(frame["opens"].rank(pct=True).to_numpy(), groups))


def test_contacts_alone_in_their_groups_have_nobody_to_differ_from():
    found = comparable(contacts(50), without=[])
    assert np.isnan(differences(found, np.arange(50))).all()


def test_people_of_one_cell_differ_less_when_the_cell_tells_of_the_rest():
    frame = contacts(2000, missing=0.0)
    frame["twin"] = frame["industry"]
    found = explode_segments(frame, by=["industry"])
    table = found.differences.set_index("column")
    assert table.loc["twin", "within"] == 0
    assert table.loc["status", "within"] == pytest.approx(table.loc["status", "list"], abs=0.02)
    assert found.difference_within == pytest.approx(table["within"].mean())


def test_the_pair_stands_in_one_cell_and_differs_as_shown():
    frame = contacts().assign(plan=np.where(np.arange(1000) % 2, "A", "B"))
    pair = explode_segments(frame, by=BY).pair.set_index("column")
    one, other = (frame.set_index("contact_id").loc[pair.loc["contact_id", side]] for side in ("first", "second"))
    for name in BY:
        assert one[name] == other[name]
        assert pair.loc[name, "first"] == str(one[name])
        assert not pair.loc[name, "differs"]
    assert pair.loc["plan", "differs"]
    assert pair.loc["plan", ["first", "second"]].tolist() == [one["plan"], other["plan"]]


def test_a_number_that_defines_the_cell_is_shown_as_its_band():
    frame = contacts().assign(spend=np.random.default_rng(1).lognormal(size=1000))
    pair = explode_segments(frame, by=["spend"]).pair.set_index("column")
    assert pair.loc["spend", "first"] == pair.loc["spend", "second"]
    assert " to " in pair.loc["spend", "first"]


@pytest.mark.parametrize(
    "column", ["email", "first_name", "last name", "Full_Name", "phone_number", "mobile", "street_address", "company"]
)
def test_names_and_addresses_are_never_shown(column):
    frame = contacts().assign(**{column: [f"jane {i % 7}" for i in range(1000)]})
    found = explode_segments(frame, by=BY)
    assert column not in found.pair["column"].tolist()
    assert column not in found.differences["column"].tolist()
    assert "jane" not in found.pair.to_string()


def test_keys_of_other_systems_and_addresses_in_odd_columns_are_not_shown():
    frame = contacts().assign(
        crm_key=[f"9{i:05}-X" for i in range(1000)], note=[f"write to p{i % 5}@x.example" for i in range(1000)]
    )
    pair = explode_segments(frame, by=BY).pair
    assert "crm_key" not in pair["column"].tolist()
    assert "@" not in pair.to_string()


def test_facts_are_compared_and_shown():
    frame = contacts(300, missing=0.0)
    r = np.random.default_rng(1)
    kinds = pd.DataFrame(
        {
            "kind": ["question", "purchase", "industry"],
            "topic": ["SMS", "Plan B", "industry"],
            "value": ["asked 2026-10", "in May", "x"],
        }
    )
    facts = pd.concat(
        [
            kinds.iloc[[place]].assign(contact_id=name)
            for name in frame["contact_id"]
            for place in range(3)
            if r.random() < 0.5
        ]
    )
    found = explode_segments(frame, by=["status", "region"], facts=facts.assign(sensitivity="normal"))
    told = found.pair.set_index("column")
    assert {"question SMS", "purchase Plan B"} & set(told.index)
    assert "industry industry" not in told.index
    has = facts[facts["kind"] != "industry"].groupby("contact_id")["topic"].agg(set).reindex(frame["contact_id"])
    has = [topics if isinstance(topics, set) else set() for topics in has]
    shares = [len(a & b) / len(a | b) for i, a in enumerate(has) for j, b in enumerate(has) if i != j and a | b]
    assert found.facts_shared_list == pytest.approx(np.mean(shares), abs=0.02)
    assert found.facts_shared_within == pytest.approx(found.facts_shared_list, abs=0.1)


def test_sensitive_facts_are_not_shown():
    frame = contacts(300, missing=0.0)
    facts = pd.DataFrame(
        {
            "contact_id": frame["contact_id"],
            "kind": "ticket",
            "topic": "debt",
            "value": "open",
            "sensitivity": "sensitive",
        }
    )
    found = explode_segments(frame, by=["status"], facts=facts)
    assert "ticket debt" not in found.pair["column"].tolist()


def test_cells_of_a_fine_cross_are_drawn_whole():
    """With 60,000 contacts in 30,000 cells a sample would hold few neighbours; so whole cells are drawn."""
    n = 60_000
    frame = pd.DataFrame({"cell": np.repeat([f"x{i}" for i in range(n // 2)], 2)})
    frame = frame.assign(
        a=frame["cell"].str[-2:],
        b=frame["cell"].str[1:3],
        c=frame["cell"].str[-4:-2],
        tone=np.tile(["low", "high"], n // 2),
    )
    found = explode_segments(frame.drop(columns="cell"), by=["a", "b", "c"])
    assert found.n_occupied > 9_000
    slow = (frame["tone"] == "low").groupby([frame["a"], frame["b"], frame["c"]]).mean()
    sizes = frame.groupby(["a", "b", "c"]).size()
    truth = (sizes * 2 * slow * (1 - slow) * sizes / (sizes - 1)).sum() / n
    assert found.difference_within == pytest.approx(truth, abs=0.03)


def test_the_cell_of_a_contact_is_a_number_and_missing_ones_have_none():
    cells = cells_of(np.array([[0, 1], [0, 1], [-1, 1], [1, 0]]))
    assert cells[0] == cells[1] != cells[3]
    assert cells[2] == -1
