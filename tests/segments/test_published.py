"""Published data sets and their answers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score

from segvspers import fit_segments, segment_rfm

SPENDING = ["Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper", "Delicassen"]


def read(folder, name, **options):
    return pd.read_csv(folder / name, **options)


def test_mall_customers_fall_into_the_five_groups_of_the_tutorials(shared_data):
    """K-means on income and score: k = 5, inertia 44,448.46, silhouette 0.5539, sizes 81 39 35 23 22."""
    mall = read(shared_data, "mall_customers/mall_customers.csv.gz")
    columns = list(mall.columns[3:])
    for scaling in ("none", "auto"):
        found = fit_segments(
            mall, columns=columns, method="kmeans", scaling=scaling, most_segments=8, n_resamples=0, rng=7
        )
        labels = found.assign(mall)["segment_id"]
        assert found.segments["n_contacts"].tolist() == [81, 39, 35, 23, 22]
        assert silhouette_score(mall[columns], labels) == pytest.approx(0.5539, abs=5e-5)
    middle = mall[columns].groupby(labels).transform("mean")
    assert ((mall[columns] - middle) ** 2).to_numpy().sum() == pytest.approx(44_448.46, abs=0.01)


def test_wholesale_clients_are_scaled_so_that_their_channel_is_found(shared_data):
    """K-means, k = 2: agreement with the channel 0.581 on logs (sizes 182, 258; silhouette 0.300), -0.031 raw."""
    clients = read(shared_data, "wholesale_customers/wholesale_customers.csv.gz")

    def agreement(**options):
        found = fit_segments(clients, columns=SPENDING, n_segments=2, rng=7, **options)
        labels = found.assign(clients)["segment_id"]
        return adjusted_rand_score(clients["Channel"], labels), found, labels

    logs, found, labels = agreement(method="kmeans")
    assert logs == pytest.approx(0.581, abs=5e-4)
    assert found.segments["n_contacts"].tolist() == [258, 182]
    assert silhouette_score(np.log(clients[SPENDING]), labels) == pytest.approx(0.300, abs=5e-4)
    assert agreement(method="kmeans", scaling="none")[0] == pytest.approx(-0.031, abs=5e-4)
    assert agreement()[0] > 0.581
    assert fit_segments(clients, columns=SPENDING, n_resamples=0, rng=7).n_segments == 2


def test_fast_food_items_have_the_published_components_and_sum_of_squares(shared_data):
    """Dolnicar, Gruen and Leisch (2018), appendix A: component shares .2994 .1928; within sum of squares 1602.99."""
    people = read(shared_data, "mcdonalds_perceptions/mcdonalds.csv.gz")
    items = list(people.columns[:11])
    found = fit_segments(people, columns=items, method="kmeans", n_segments=4, rng=7)
    assert found.plane.shares == pytest.approx((0.2994, 0.1928), abs=5e-5)
    coded = (people[items] == "Yes").astype(float)
    middle = coded.groupby(found.assign(people)["segment_id"]).transform("mean")
    assert ((coded - middle) ** 2).to_numpy().sum() <= 1_603.0
    classes = fit_segments(people, columns=items, n_segments=4, n_resamples=5, rng=7)
    assert (classes.segments["stability"] > 0.75).all()
    assert any("not yummy" in name.lower() for name in classes.segments["segment_name"])
    like = (
        people["Like"].str.extract(r"([+-]?\d)")[0].astype(float).groupby(classes.assign(people)["segment_id"]).mean()
    )
    assert like.max() - like.min() > 3  # groups of perception tell who likes the place


def test_bank_clients_are_read_with_their_traps(shared_data):
    """11.27 % of 41,188 subscribed; 999 days means never contacted."""
    clients = read(shared_data, "bank_marketing/bank-additional-full.csv.gz", sep=";", na_values="unknown")
    assert (len(clients), (clients["y"] == "yes").sum()) == (41_188, 4_640)
    found = fit_segments(clients.drop(columns=["duration", "y"]), n_segments=8, rng=7)
    rates = (clients["y"] == "yes").groupby(found.assign(clients)["segment_id"]).mean()
    assert rates.max() > 3 * 0.1127
    assert rates.min() < 0.1127 / 2
    assert any("repeats" in note for note in found.notes)


def test_telco_clients_without_internet_are_one_fact(shared_data):
    """26.54 % of 7,043 churned; six columns repeat that there is no internet, total charges come as text."""
    clients = read(shared_data, "telco_churn/telco_churn.csv.gz")
    assert (clients["Churn"] == "Yes").sum() == 1_869
    found = fit_segments(clients.drop(columns=["customerID", "Churn"]), n_segments=6, rng=7)
    silent = [plan.name for plan in found.assigner.plans if plan.after == "InternetService"]
    assert silent == [
        "OnlineSecurity",
        "OnlineBackup",
        "DeviceProtection",
        "TechSupport",
        "StreamingTV",
        "StreamingMovies",
    ]
    assert any("Read from text as numbers: TotalCharges" in note for note in found.notes)
    churn = (clients["Churn"] == "Yes").groupby(found.assign(clients)["segment_id"]).mean()
    assert churn.max() > 1.5 * 0.2654
    assert churn.min() < 0.2654 / 2


def test_personality_profiles_survive_their_dirt(shared_data):
    """2,240 customers; 14.91 % took the last offer; constant columns, text dates, 24 incomes missing."""
    people = read(shared_data, "customer_personality/marketing_campaign.csv.gz", sep=";", encoding="utf-8-sig")
    assert people["Response"].mean() == pytest.approx(0.1491, abs=5e-5)
    found = fit_segments(people.drop(columns=["ID", "Response"]), n_segments=5, rng=7)
    assert any("Z_CostContact, Z_Revenue" in note for note in found.notes)
    assert any("Read from text as dates: Dt_Customer" in note for note in found.notes)
    took = people["Response"].groupby(found.assign(people)["segment_id"]).mean()
    assert took.max() > 1.8 * 0.1491
    typical = found.typical.set_index("segment_id")["Income"].drop("the list")
    assert typical.max() > 1.8 * typical.min()


def test_music_buyers_are_measured_as_published(shared_data):
    """CDNOW (Fader and Hardie): 69,659 purchases of 23,570 customers, 2,500,315.63 dollars."""
    orders = read(shared_data, "cdnow/cdnow_master.csv.gz")
    names = dict(zip(orders.columns, ["contact_id", "timestamp", "n_items", "amount_usd"], strict=False))
    table = orders.rename(columns=names)
    table["timestamp"] = pd.to_datetime(table["timestamp"].astype(str))
    found = segment_rfm(table)
    assert found.n_contacts == 23_570
    assert found.known["n_orders"].sum() == 69_659
    assert found.known["revenue_usd"].sum() == pytest.approx(2_500_315.63, abs=0.01)
    assert found.segments["n_contacts"].sum() == 23_570
