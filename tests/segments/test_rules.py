"""Segments by rules, and their cells grouped for a budget of templates."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from segvspers import fit_segments, segment_by
from segvspers.errors import ArgumentError, DataError
from segvspers.segments.crossing.cells import count_cells
from segvspers.segments.crossing.explaining import explained

SIZES = ["1-10", "11-50", "51-200", "201-1000"]


def contacts(n=6000, seed=2):
    """Replies depend on size (in order) and on two of eight industries."""
    r = np.random.default_rng(seed)
    size, industry = r.integers(0, 4, n), r.integers(0, 8, n)
    rate = np.where(size >= 2, 0.35, 0.1) + np.where(np.isin(industry, (1, 5)) & (size >= 2), 0.3, 0)
    return pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(n)],
            "company_size": pd.Categorical.from_codes(size, SIZES, ordered=True),
            "industry": np.array([f"i{k}" for k in range(8)])[industry],
            "noise": r.choice(["x", "y", "z"], n),
            "answered": r.random(n) < rate,
        }
    )


BY = ["company_size", "industry", "noise"]


def test_rules_are_the_cross_of_levels():
    frame = contacts(800).drop(columns="answered")
    frame.loc[::9, "industry"] = None
    found = segment_by(frame, by=["company_size", "industry"])
    expected = frame.fillna({"industry": "?"}).groupby(["company_size", "industry"], observed=True).size()
    assert sorted(found.segments["n_contacts"]) == sorted(expected)
    assert found.assign(frame)["membership"].eq(1).all()
    assert "industry not known" in " ".join(found.segments["segment_name"])


def test_a_new_level_goes_to_the_cell_that_shares_most():
    frame = pd.DataFrame({"plan": ["A", "A", "B"], "region": ["US", "US", "UK"]})
    found = segment_by(frame, by=["plan", "region"])
    placed = found.assign(pd.DataFrame({"plan": ["B", "C"], "region": ["DE", "US"]}), detail=True)
    assert placed["segment_name"].tolist() == ["B, UK", "A, US"]
    assert placed["membership"].tolist() == [0.5, 0.5]
    assert placed["unusual"].all()


def test_a_new_level_is_not_taken_for_a_missing_one():
    frame = pd.DataFrame({"plan": ["A"] * 5 + [None] * 3, "region": ["US"] * 5 + ["UK"] * 3})
    found = segment_by(frame, by=["plan", "region"])
    assert found.assign(pd.DataFrame({"plan": ["Z"], "region": ["US"]}))["segment_name"].tolist() == ["A, US"]


def test_templates_that_follow_the_outcome_explain_more_than_the_cells():
    found = segment_by(contacts(), by=BY, outcome="answered")
    merged = found.merge_to(4)
    assert merged.n_segments == 4
    assert merged.segments["n_contacts"].sum() == 6000
    assert "explain" in merged.summary()
    told = merged.counts.set_index("n_segments")["explained"]
    every = explained(
        found.cells[[c for c in found.cells.columns if c.endswith(("first", "second"))]].to_numpy().T,
        [np.arange(len(found.cells))] * 2,
    )
    assert told[4] > every.held_out > 0
    assert every.in_sample > told[4]
    truth = contacts()["answered"].var(ddof=0)
    assert told[4] < truth  # a share of the variance, not the variance


@pytest.mark.parametrize("how", ["tree", "greedy"])
def test_ordered_levels_stay_ordered_and_the_minimum_is_kept(how):
    found = segment_by(contacts(), by=BY, outcome="answered")
    merged = found.merge_to(6, how=how, smallest=150)
    assert merged.segments["n_contacts"].min() >= 150
    cells = merged.cells
    for _, group in cells.groupby("segment_id"):
        held = {SIZES.index(level) for level in group["company_size"]}
        assert held == set(range(min(held), max(held) + 1))


def test_a_tree_of_two_leaves_is_the_best_of_all_splits():
    frame = contacts(1500)
    merged = segment_by(frame, by=["industry"], outcome="answered").merge_to(2, how="tree", smallest=1)
    ours = explained_by(frame, merged.assign(frame)["segment_id"])
    levels = sorted(frame["industry"].unique())
    every = [
        explained_by(frame, frame["industry"].isin(part)) for size in range(1, 5) for part in combinations(levels, size)
    ]
    assert ours == pytest.approx(max(every))


def explained_by(frame, group):
    """Eta squared of the answers by groups."""
    y = frame["answered"].astype(float)
    return 1 - ((y - y.groupby(np.asarray(group)).transform("mean")) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def test_what_is_explained_is_right_on_average():
    """Groups with known means: the held-out share comes near the true share, the in-sample one lies above it."""
    r = np.random.default_rng(4)
    shares = []
    for _ in range(60):
        cell = r.integers(0, 40, 2000)
        y = 0.3 * np.linspace(-1, 1, 40)[cell] + r.normal(size=2000)
        cells, _ = count_cells(cell[:, None].astype(np.int16), replied=None, outcome=y, rng=r)
        told = explained(cells.halves, [np.arange(len(cells))] * 2)
        shares.append((told.held_out, told.in_sample))
    truth = 0.09 * np.linspace(-1, 1, 40).var() / (1 + 0.09 * np.linspace(-1, 1, 40).var())
    held, inside = np.mean(shares, axis=0)
    assert held < truth < inside
    assert held > truth / 3


def test_noise_is_said_to_explain_nothing():
    r = np.random.default_rng(0)
    frame = contacts(2000).assign(answered=r.random(2000) < 0.2)
    note = segment_by(frame, by=BY, outcome="answered").merge_to(5).summary()
    assert "explain nothing of the outcome on contacts held out" in note or "explain 0." in note
    flat = segment_by(frame.assign(answered=1.0), by=BY, outcome="answered").merge_to(5).summary()
    assert "the outcome does not vary" in flat


def test_without_an_outcome_templates_keep_what_cells_tell():
    frame = contacts(3000)
    found = segment_by(frame, by=BY)
    shares = [float(found.merge_to(k).notes[0].split("keep ")[1].split(" %")[0]) for k in (2, 8, 30)]
    assert shares == sorted(shares)
    assert found.merge_to(len(found.cells), smallest=1).notes[0].split("keep ")[1].startswith("100 %")


def test_small_cells_join_the_most_alike():
    frame = pd.DataFrame({"plan": ["A"] * 50 + ["B"] * 50 + ["B"], "team": ["s"] * 50 + ["l"] * 50 + ["s"]})
    found = segment_by(frame, by=["plan", "team"], smallest=20)
    assert sorted(found.segments["n_contacts"]) == [50, 51]
    assert found.assign(frame)["segment_id"].value_counts().to_dict() == dict(
        zip(found.segments["segment_id"], found.segments["n_contacts"], strict=True)
    )


def test_replies_of_a_history_can_be_the_outcome():
    frame = contacts(400).drop(columns="answered")
    events = pd.DataFrame(
        {"contact_id": frame["contact_id"], "timestamp": pd.Timestamp("2026-01-01", tz="UTC"), "event": "sent"}
    )
    replies = events.iloc[::5].assign(event="reply")
    found = segment_by(frame, pd.concat([events, replies]), by=["company_size"], outcome="replied")
    assert found.segments["n_replied"].sum() == 80
    assert found.merge_to(2).segments["n_replied"].sum() == 80


def test_wrong_requests_are_refused():
    frame = contacts(200)
    with pytest.raises(DataError, match="outcome='sales' is no column of contacts or history"):
        segment_by(frame, by=BY, outcome="sales")
    with pytest.raises(DataError, match="'replied' needs history="):
        segment_by(frame, by=BY, outcome="replied")
    with pytest.raises(DataError, match="outcome='industry' holds no number"):
        segment_by(frame, by=["noise"], outcome="industry")
    with pytest.raises(ArgumentError, match=r"merge_to\(\) groups the cells of segment_by\(\)"):
        fit_segments(frame, columns=["noise", "industry"], n_segments=2).merge_to(3)
    with pytest.raises(ArgumentError, match="how='magic' is not known"):
        segment_by(frame, by=BY).merge_to(3, how="magic")
    with pytest.raises(ArgumentError, match="n_templates=0 must be a finite number of at least 1"):
        segment_by(frame, by=BY).merge_to(0)
    with pytest.raises(ArgumentError, match="smallest=0 must be"):
        segment_by(frame, by=BY, smallest=0)


def test_numbers_and_dates_are_cut_where_the_analyst_says():
    frame = pd.DataFrame(
        {
            "spend": [0, 1, 50, 100, 5000, None] * 20,
            "since": pd.to_datetime(np.repeat(["2024-05-01", "2025-01-01", "2025-06-01"], 40)),
        }
    )
    found = segment_by(frame, by=["spend", "since"], cuts={"spend": [1, 100], "since": ["2025-01-01"]})
    told = found.assign(
        pd.DataFrame({"spend": [0.5, 1, 99, 100], "since": pd.to_datetime(["2024-12-31", "2025-01-01"] * 2)})
    )
    assert told["segment_name"].tolist() == [
        "Spend below 1, since before 2025-01-01",
        "Spend 1 to 100, since 2025-01-01 or later",
        "Spend 1 to 100, since before 2025-01-01",
        "Spend 100 or more, since 2025-01-01 or later",
    ]
    wrong = {"spend": [5, 1], "since": ["soon"], "plan": [3]}
    with pytest.raises(
        ArgumentError, match=r"(?s)3 problems.*'spend' needs rising numbers.*'since' needs rising dates.*'plan' is no"
    ):
        segment_by(frame, by=["spend", "since"], cuts=wrong)
