"""Every view draws what its frame holds, says the finding, and leaves the explosion as it was."""

import itertools

import numpy as np
import pandas as pd
import pytest

from explosion_lists import contacts
from segvspers import explode_segments
from segvspers.errors import ArgumentError, NotEstimableError
from segvspers.explosion.finding import VIEWS

TITLES = {
    "growth": "180 possible segments, {0.n_occupied} occupied, {0.n_testable} testable",
    "coverage": "{0.n_cells_50} segments of {0.n_occupied} cover half of the contacts",
    "forecast": "Twice the list would fill",
    "test": "{0.n_testable} of {0.n_occupied} segments hold the",
    "costs": "A template for each occupied segment costs $",
    "anonymity": "of contacts stand in a segment of fewer than five",
    "honest": "explains most of replied on contacts not seen",
    "overlap": "of the list",
    "differences": "Two people of one segment still differ",
    "pair": "Two people of one segment: the same template, though they differ in",
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_drawn_with_the_finding_as_its_title(with_outcome, view):
    frames = {name: getattr(with_outcome, name).copy() for name in ("growth", "subsets", "pair", "forecast", "levels")}
    ax = with_outcome.plot(view=view)
    assert TITLES[view].format(with_outcome) in ax.get_title(loc="left")
    assert view == "pair" or ax.get_xlabel()
    ax.figure.canvas.draw()
    for name, before in frames.items():
        pd.testing.assert_frame_equal(getattr(with_outcome, name), before)


def test_a_view_takes_the_axes_it_is_given(with_outcome):
    from matplotlib.figure import Figure

    figure = Figure()
    ax = figure.add_subplot()
    assert with_outcome.plot(ax=ax) is ax
    assert with_outcome.plot(view="coverage", ax=figure.add_subplot()).figure is figure


def test_what_can_not_be_drawn_is_an_error_with_the_mend(explosion):
    with pytest.raises(ArgumentError, match="view='pie' is not known; choose one of"):
        explosion.plot(view="pie")
    with pytest.raises(NotEstimableError, match="view='honest' needs an outcome"):
        explosion.plot(view="honest")
    alone = explode_segments(pd.DataFrame({"plan": ["A", "B"]}), by=["plan"])
    for view, needs in (
        ("pair", "two contacts in one cell"),
        ("differences", "two contacts"),
        ("overlap", "two attributes"),
    ):
        with pytest.raises(NotEstimableError, match=f"view='{view}' needs {needs}"):
            alone.plot(view=view)


@pytest.mark.parametrize("n", [3, 12, 40, 400])
def test_names_at_the_ends_of_lines_do_not_touch(n):
    ax = explode_segments(contacts(n), by=["industry", "region", "status"]).plot()
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) >= 4
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)


def test_lines_of_growth_are_the_columns_of_the_frame(explosion):
    lines = explosion.plot().get_lines()
    given = explosion.to_frame()[explosion.to_frame()["order"] == "given"]
    drawn = [list(line.get_ydata()) for line in lines]
    for column in ("n_possible", "n_occupied", "n_at_minimum", "n_testable"):
        assert given[column].tolist() in drawn


def test_the_costs_cross_at_the_stated_number(explosion):
    costs = explosion.costs
    at = np.interp(explosion.n_crossing, costs["n_templates"], costs["templates_usd"])
    assert at == pytest.approx(costs["emails_usd"].iloc[0], rel=0.2)
    assert explosion.n_occupied in costs["n_templates"].tolist()


def test_names_with_signs_of_formulas_are_drawn_as_they_are():
    frame = contacts(200).assign(price=np.where(np.arange(200) % 2, "$5 to $9", r"a_{b}^2 \$"))
    found = explode_segments(frame, by=["price", "status"])
    for view in ("growth", "pair", "overlap", "differences"):
        found.plot(view=view).figure.canvas.draw()
