"""The cost editor starts at the estimate and follows its sliders."""

import pytest

import segvspers as sv
from segvspers.roi.editor import SLIDERS, estimate_at, with_values


def test_moving_a_slider_moves_the_estimate(comparison):
    few, many = (
        estimate_at(comparison(), sv.Costs(), sv.Funnel(), {"n_segments": n}, n_contacts=5000) for n in (2, 600)
    )
    assert many.net_usd > few.net_usd
    assert many.verdict == "better and cheaper"


def test_inputs_that_are_not_moved_keep_their_distribution():
    costs, funnel = with_values(sv.Costs(), sv.Funnel(), {"margin": 0.4})
    assert costs == sv.Costs()
    assert funnel.margin.known
    assert not funnel.win_share.known


def test_the_editor_shows_a_slider_for_each_input_and_redraws(comparison):
    box = sv.edit_costs(comparison(), n_contacts=5000)
    sliders = box.children[0].children
    assert len(sliders) == len(SLIDERS)
    before = bytes(box.children[1].value)
    assert before.startswith(b"\x89PNG")
    sliders[0].value = 300
    assert bytes(box.children[1].value) != before


def test_without_widgets_the_estimate_itself_is_shown(comparison, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    assert sv.edit_costs(comparison()).net_usd == pytest.approx(sv.estimate_roi(comparison(), n_draws=20_000).net_usd)
