"""Segmentations as JSON."""

import json

import numpy as np
import pandas as pd
import pytest

from segvspers import fit_segments, read_contacts, read_history, read_segmentation, segment_by, segment_rfm
from segvspers.errors import DataError, MissingFileError


def contacts(n=600):
    r = np.random.default_rng(0)
    kind = r.integers(0, 2, n)
    return pd.DataFrame(
        {
            "contact_id": [f"secret-{i}" for i in range(n)],
            "plan": np.where(r.random(n) < 0.8, kind, 1 - kind).astype(str),
            "team": pd.Categorical.from_codes(r.integers(0, 3, n), ["s", "m", "l"], ordered=True),
            "age": r.normal(30 + 10 * kind, 5),
            "joined": pd.Timestamp("2026-01-01") + pd.to_timedelta(r.integers(0, 99, n), unit="D"),
        }
    )


def fitted(kind):
    frame = contacts()
    if kind == "rules":
        return segment_by(frame, by=["plan", "team"])
    if kind == "merged":
        return segment_by(frame.assign(won=frame["plan"] == "1"), by=["plan", "team"], outcome="won").merge_to(3)
    if kind == "rfm":
        orders = frame.assign(timestamp=frame["joined"], amount_usd=frame["age"])
        return segment_rfm(orders)
    return fit_segments(frame, method=kind, n_segments="auto" if kind == "hdbscan" else 3, n_resamples=2, rng=7)


@pytest.mark.parametrize("kind", ["latent_class", "kmeans", "gmm", "hdbscan", "rules", "merged", "rfm"])
def test_a_segmentation_read_back_assigns_and_tells_the_same(kind, tmp_path):
    found = fitted(kind)
    text = found.to_json(tmp_path / "segments.json")
    assert "secret" not in text
    again = read_segmentation(tmp_path / "segments.json")
    table = found.known.reset_index() if kind == "rfm" else contacts()
    pd.testing.assert_frame_equal(again.assign(table, detail=True), found.assign(table, detail=True))
    assert again.summary() == found.summary()
    pd.testing.assert_frame_equal(again.to_frame(), found.to_frame(), check_dtype=False)
    pd.testing.assert_frame_equal(again.profiles, found.profiles, check_dtype=False, check_exact=False)
    assert again.to_json() == text
    again.plot(view="map")
    again.plot(view="profiles")
    if kind in ("rules", "merged"):
        pd.testing.assert_frame_equal(again.merge_to(2).to_frame(), found.merge_to(2).to_frame(), check_dtype=False)


def test_a_reader_needs_a_history_again(sample, tmp_path):
    people, history = read_contacts(sample / "contacts.csv"), read_history(sample / "history.csv")
    found = fit_segments(people, history, n_segments=3, rng=7)
    text = found.to_json()
    assert not any(contact in text for contact in people["contact_id"].head(50))
    again = read_segmentation(text)
    pd.testing.assert_frame_equal(again.assign(people, history=history), found.assign(people))


def test_what_can_not_be_read_is_refused(tmp_path):
    text = fitted("rules").to_json()
    with pytest.raises(MissingFileError, match="no file at"):
        read_segmentation(tmp_path / "none.json")
    with pytest.raises(DataError, match="this is no JSON"):
        read_segmentation("{not json")
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(DataError, match="this is no 'segvspers segmentation'"):
        read_segmentation(tmp_path / "list.json")
    with pytest.raises(DataError, match="this is no 'segvspers segmentation'"):
        read_segmentation('{"format": "other"}')
    later = json.loads(text) | {"version": 2}
    with pytest.raises(DataError, match="the file has version 2 and this release reads 1"):
        read_segmentation(json.dumps(later))
    for part in ("assigner", "frames", "plane", "columns"):
        broken = json.loads(text)
        del broken[part]
        with pytest.raises(DataError, match=r"the file is damaged \(KeyError\)"):
            read_segmentation(json.dumps(broken))
    wrong = json.loads(text)
    wrong["assigner"]["kind"] = "os.system"
    with pytest.raises(DataError, match="the file is damaged"):
        read_segmentation(json.dumps(wrong))
