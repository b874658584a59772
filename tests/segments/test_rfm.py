"""Recency, frequency and money: the figures published with the R package rfm."""

import pandas as pd
import pytest

from segvspers import segment_rfm
from segvspers.errors import ArgumentError, DataError
from segvspers.segments import measure_rfm, score_rfm

# Hebbali, package rfm for R, documentation and tests: analysis date 2006-12-31, five bins.
PUBLISHED = {
    "Potential loyalists": 342,
    "Loyal customers": 170,
    "Lost": 148,
    "New customers": 104,
    "About to sleep": 102,
    "Can't lose them": 47,
    "Champions": 35,
    "At risk": 28,
    "Need attention": 10,
    "Promising": 9,
    "Others": 0,
}


@pytest.fixture(scope="module")
def orders(shared_data):
    raw = pd.read_csv(shared_data / "rfm_orders" / "rfm_data_orders.csv.gz")
    return raw.rename(columns={"customer_id": "contact_id", "order_date": "timestamp", "revenue": "amount_usd"})


def test_the_published_sizes_are_reproduced(orders):
    found = segment_rfm(orders, as_of="2006-12-31", quantiles="plus_one")
    assert dict(zip(found.segments["segment_name"], found.segments["n_contacts"], strict=True)) == PUBLISHED
    assert "the quantile plus one" in found.summary()


def test_the_published_scores_of_the_first_customers_are_reproduced(orders):
    found = segment_rfm(orders, as_of="2006-12-31", quantiles="plus_one")
    measures = measure_rfm(orders, as_of="2006-12-31").head(5)
    assert measures[["recency_days", "n_orders", "revenue_usd"]].to_numpy().tolist() == [
        [205, 6, 472],
        [140, 3, 340],
        [194, 4, 405],
        [98, 7, 596],
        [132, 5, 448],
    ]
    assert score_rfm(found, measures)["score"].tolist() == [343, 412, 323, 544, 433]


def test_the_other_published_rules_give_158_champions(orders):
    rules = {"Champions": ((4, 5), (4, 5), (4, 5))}
    found = segment_rfm(orders, as_of="2006-12-31", quantiles="plus_one", groups=rules)
    champions = found.segments.set_index("segment_name")["n_contacts"]["Champions"]
    placed = found.assign(measure_rfm(orders, as_of="2006-12-31"))
    best = placed[placed["segment_name"] == "Champions"]
    assert (champions, best["n_orders"].sum(), best["revenue_usd"].sum()) == (158, 1234, 120178)


def test_new_buyers_are_scored_by_the_old_cuts(orders):
    found = segment_rfm(orders, as_of="2006-12-31")
    fresh = pd.DataFrame({"recency_days": [1, 900], "n_orders": [30, 1], "revenue_usd": [9999.0, 5.0]})
    assert found.assign(fresh)["segment_name"].tolist() == ["Champions", "Lost"]


def test_purchases_and_renewals_of_a_history_count():
    history = pd.DataFrame(
        {
            "contact_id": ["a", "a", "b", "b"],
            "timestamp": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-02-10", "2026-03-01"], utc=True),
            "event": ["purchase", "renewal", "open", "purchase"],
            "amount_usd": [10.0, 20.0, None, 5.0],
        }
    )
    told = measure_rfm(history, as_of="2026-03-05")
    assert told.to_numpy().tolist() == [["a", 32.0, 2, 30.0], ["b", 4.0, 1, 5.0]]
    assert measure_rfm(history, as_of="2026-02-15")["contact_id"].tolist() == ["a"]


def test_wrong_input_is_refused():
    history = pd.DataFrame({"contact_id": ["a"], "timestamp": ["2026-01-01"], "event": ["open"], "amount_usd": [1.0]})
    with pytest.raises(DataError, match="history has no order up to as_of"):
        segment_rfm(history)
    with pytest.raises(DataError, match=r"history lacks \['amount_usd'\]"):
        segment_rfm(history.drop(columns="amount_usd"))
    with pytest.raises(ArgumentError, match=r"groups\['Best'\]=.* must be three spans"):
        segment_rfm(history, groups={"Best": ((1, 6), (1, 5), (1, 5))})
    with pytest.raises(ArgumentError, match="quantiles='median' is not known"):
        segment_rfm(history, quantiles="median")
