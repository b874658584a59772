"""Lists as they come: each fault is either harmless or named with its mend, and no person is."""

import numpy as np
import pandas as pd
import pytest

from segvspers import fit_segments, segment_by
from segvspers.errors import ArgumentError, DataError
from segvspers.segments.codes.coding import code_table, cut_points
from segvspers.segments.codes.cutting import fit_codes
from segvspers.segments.codes.kinds import column_kind


def contacts(n=400, seed=0):
    r = np.random.default_rng(seed)
    kind = r.integers(0, 2, n)
    return pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(n)],
            "email": [f"someone{i}@example.com" for i in range(n)],
            "plan": np.where(r.random(n) < 0.85, kind, 1 - kind).astype(str),
            "spend": r.lognormal(1 + kind, 0.5),
        }
    )


def test_columns_of_one_level_or_none_are_left_out_with_a_note():
    frame = contacts().assign(one="x", none=None, gone=np.nan, fixed=3.0)
    found = fit_segments(frame, n_segments=2, rng=7)
    assert found.columns == ("plan", "spend")
    assert "Left out as constant, empty or too varied: one, none, gone, fixed." in found.notes
    with pytest.raises(DataError, match="no column to segment by: one, none is constant, empty or identifies"):
        fit_segments(frame[["contact_id", "one", "none"]])
    with pytest.raises(DataError, match=r"(?s)2 problems.*'one' has one level only.*'none' holds no value"):
        fit_segments(frame, columns=["one", "none"])


def test_an_identifier_by_mistake_is_named():
    frame = pd.DataFrame({"token": [f"t{i}" for i in range(100_000)], "plan": ["a", "b"] * 50_000})
    with pytest.raises(
        DataError, match="'token' has 100,000 levels in 100,000 rows, as an identifier or free text has"
    ):
        fit_segments(frame, columns=["token", "plan"])
    with pytest.raises(DataError, match="'token' has 100,000 levels in 100,000 rows"):
        segment_by(frame, by=["token"])
    assert "too varied: token" in fit_segments(frame, n_segments=2, rng=7).summary()


def test_more_segments_than_contacts_or_kinds_of_contacts():
    frame = contacts(5)
    with pytest.raises(ArgumentError, match="n_segments=6 must be 'auto' or a whole number from 1 to the 5 contacts"):
        fit_segments(frame, n_segments=6)
    same = pd.DataFrame({"plan": ["a"] * 30 + ["b"] * 30, "team": ["s"] * 30 + ["l"] * 30})
    found = fit_segments(same, columns=["plan"], n_segments=8, rng=7)
    assert found.n_segments == 2
    assert "Of 8 segments asked for, 2 hold somebody." in found.notes
    assert (found.segments["n_contacts"] > 0).all()


@pytest.mark.parametrize("n_segments", [0, -1, 2.5, "many", None])
def test_the_number_of_segments_must_be_a_number(n_segments):
    with pytest.raises(ArgumentError, match="must be 'auto' or a whole number"):
        fit_segments(contacts(), n_segments=n_segments)


def test_repeated_contacts_count_and_are_reported():
    frame = contacts()
    found = fit_segments(pd.concat([frame, frame.head(30)]), n_segments=2, rng=7)
    assert "30 rows repeat a contact_id; each row counts." in found.notes
    assert found.n_contacts == 430


def test_new_columns_at_assignment_are_kept_and_ignored():
    frame = contacts()
    found = fit_segments(frame, n_segments=2, rng=7)
    fresh = frame.assign(colour="red", rank=range(400))
    told = found.assign(fresh)
    assert told["segment_id"].tolist() == found.assign(frame)["segment_id"].tolist()
    assert list(told.columns[:6]) == list(fresh.columns)


@pytest.mark.parametrize("method", ["latent_class", "kmeans", "gmm"])
def test_values_that_are_no_numbers_say_nothing(method):
    frame = contacts()
    frame.loc[::10, "spend"] = np.inf
    frame.loc[1::10, "spend"] = -np.inf
    frame.loc[2::10, "spend"] = np.nan
    found = fit_segments(frame, n_segments=2, method=method, rng=7)
    told = found.assign(frame, detail=True)
    assert np.isfinite(told["membership"]).all()
    empty = frame.assign(spend=np.nan, plan=None)
    shares = found.probabilities(empty)
    assert np.isfinite(shares.to_numpy()).all()
    assert shares.nunique().eq(1).all()
    with pytest.raises(DataError, match="'spend' holds no finite number"):
        fit_segments(frame.assign(spend=np.inf), columns=["spend"])


def test_dates_and_numbers_as_text_are_read_and_said_so():
    frame = contacts()
    dates = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(400) % 90, unit="D")
    frame = frame.assign(joined=dates.strftime("%Y-%m-%d"), charges=[f"{i / 7:.2f}" for i in range(400)])
    frame.loc[3, "charges"] = " "
    found = fit_segments(frame, n_segments=2, rng=7)
    kinds = {plan.name: plan.kind for plan in found.assigner.plans}
    assert (kinds["joined"], kinds["charges"]) == ("date", "number")
    assert "Read from text as numbers: charges." in found.notes
    assert "Read from text as dates: joined." in found.notes
    same = frame.assign(joined=dates)
    assert found.assign(same)["segment_id"].tolist() == found.assign(frame)["segment_id"].tolist()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, 3], "number"),
        ([True, None], "flag"),
        (["1", "2", "1"], "category"),
        ([pd.Timestamp("2026-01-01").date()], "date"),
        (pd.to_timedelta([1, 2], unit="D"), "number"),
        (pd.array([1, None], dtype="Int64"), "number"),
        (pd.array([True, None], dtype="boolean"), "flag"),
        (pd.Categorical([3, 1]), "category"),
        ([None, None], "category"),
        (["2026-01-01T10:00:00Z", "2026-02-01"], "date"),
        (["12/31/2026", "31.12.2026"], "category"),
    ],
)
def test_the_kind_of_a_column_is_told_from_its_values(values, kind):
    assert column_kind(pd.Series(values)) == kind


def test_lists_and_empty_tables_are_refused():
    frame = contacts()
    with pytest.raises(DataError, match="'tags' holds lists or objects; make it text, numbers or dates first"):
        fit_segments(frame.assign(tags=[["a"]] * 400), columns=["tags"])
    with pytest.raises(DataError, match="contacts has no rows"):
        fit_segments(frame.head(0))
    with pytest.raises(DataError, match=r"contacts lacks \['age'\]"):
        fit_segments(frame, columns=["age"])
    with pytest.raises(DataError, match=r"history lacks \['event'\]"):
        fit_segments(frame, pd.DataFrame({"contact_id": ["C1"], "timestamp": [pd.Timestamp("2026-01-01")]}))
    with pytest.raises(DataError, match="contacts needs contact_id, so that its history can be joined"):
        events = pd.DataFrame({"contact_id": ["C1"], "timestamp": [pd.Timestamp("2026-01-01")], "event": ["open"]})
        fit_segments(frame.drop(columns="contact_id"), events)
    with pytest.raises(ArgumentError, match="rng='seven' must be a whole number"):
        fit_segments(frame, rng="seven")
    with pytest.raises(ArgumentError, match="scaling='max' is not known"):
        fit_segments(frame, method="kmeans", scaling="max")


def test_one_contact_makes_one_segment_and_two_columns_of_a_name_are_refused():
    found = fit_segments(contacts(30), n_segments=1)
    assert found.assign(contacts(1))["segment_id"].tolist() == ["S1"]
    twice = pd.concat([contacts(30)[["plan"]], contacts(30)[["plan"]]], axis=1)
    with pytest.raises(DataError, match="several columns have one name"):
        fit_segments(twice)


def test_no_message_holds_a_contact():
    frame = contacts(60).rename(columns={"plan": "note"})
    frame["note"] = frame["email"]
    with pytest.raises(DataError) as caught:
        fit_segments(frame, columns=["note"])
    assert "@" not in str(caught.value)


def test_a_list_that_is_assigned_is_left_as_it_was():
    frame = contacts()
    before = frame.copy()
    found = fit_segments(frame, n_segments=2, rng=7)
    found.assign(frame, detail=True)
    found.check_drift(frame)
    found.fit_tree(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_list_is_assigned_to_nothing():
    found = fit_segments(contacts(), n_segments=2, rng=7)
    assert found.assign(contacts().head(0), detail=True).empty
    assert segment_by(contacts(), by=["plan"]).assign(contacts().head(0)).empty


def test_values_at_a_cut_stand_above_it_and_ties_stay_together():
    r = np.random.default_rng(0)
    values = r.integers(0, 40, 5000).astype(float)
    values[r.random(5000) < 0.4] = 0
    cuts = np.array(cut_points(values, 8))
    codes = np.searchsorted(cuts, values, side="right")
    assert all(len(set(codes[values == value])) == 1 for value in np.unique(values))
    assert len(set(codes[values == 0]) & set(codes[values > 0])) == 0
    rest = np.bincount(codes)[1:]
    assert rest.max() < 2.5 * rest.min()
    close = np.array([1.0, np.nextafter(1.0, 2.0)] * 50)
    assert len(set(np.searchsorted(cut_points(close, 4), close, side="right"))) == 2


def test_codes_do_not_depend_on_the_order_of_rows():
    frame = contacts()
    plans = fit_codes(frame, ["plan", "spend"])
    turned = fit_codes(frame.iloc[::-1], ["plan", "spend"])
    assert plans == turned
    np.testing.assert_array_equal(code_table(plans, frame)[::-1], code_table(plans, frame.iloc[::-1]))
