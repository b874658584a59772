"""The explorer follows its ticks and its slider, and stands at odd choices."""

import itertools

import numpy as np
import pandas as pd
import pytest

from segvspers import explode_segments
from segvspers.errors import ArgumentError
from segvspers.explosion.choice import SegmentChoice, choose


def parts(explorer):
    row, budget, told, shown = explorer.children
    return row.children[1:], budget, told, shown


def test_a_tick_and_a_step_of_the_slider_redraw_at_once(explosion):
    ticks, budget, told, shown = parts(explosion.explore())
    assert [tick.description for tick in ticks] == list(explosion.by)
    seen = [(told.value, bytes(shown.value))]
    ticks[0].value = False
    seen.append((told.value, bytes(shown.value)))
    budget.value += 3
    seen.append((told.value, bytes(shown.value)))
    assert all(picture.startswith(b"\x89PNG") for _, picture in seen)
    assert len(set(seen)) == 3
    assert "industry" not in told.value


def test_odd_choices_are_shown_like_any_other(with_outcome):
    ticks, budget, told, shown = parts(with_outcome.explore())
    for tick in ticks:
        tick.value = False
    assert "the list is one segment" in told.value
    budget.value = 0
    assert "everybody gets one common email" in told.value
    budget.value = budget.max
    assert bytes(shown.value).startswith(b"\x89PNG")
    for tick in ticks:
        tick.value = True
        assert "explain" in told.value


def test_every_choice_agrees_with_a_group_by(explosion, contacts):
    frame = contacts()
    for size in range(1, 5):
        for names in itertools.combinations(explosion.by, size):
            sizes = frame.dropna(subset=list(names)).groupby(list(names), observed=True).size().sort_values()[::-1]
            choice = choose(explosion, names, 5)
            assert choice.n_occupied == len(sizes)
            assert choice.n_placed == sizes.sum()
            assert choice.n_possible == frame[list(names)].nunique().prod()
            assert choice.share_own == pytest.approx(sizes.iloc[:5].sum() / len(frame))
            assert choice.templates_usd == pytest.approx(min(5, len(sizes)) * explosion.template_cost_usd)


def test_the_choice_of_all_attributes_is_the_explosion_itself(with_outcome):
    choice = choose(with_outcome, with_outcome.by, 10_000)
    assert choice.n_occupied == choice.n_own == with_outcome.n_occupied
    assert choice.explained == pytest.approx(with_outcome.explained_full)
    assert choice.explained_in_sample == pytest.approx(with_outcome.explained_full_in_sample)


def test_without_a_template_two_people_differ_as_any_two(explosion):
    assert choose(explosion, explosion.by, 0).difference_left == pytest.approx(1.0)
    assert choose(explosion, [], 1).difference_left == pytest.approx(1.0)


def test_the_difference_left_is_the_mean_over_pairs_with_one_template(contacts):
    """Pairs counted one by one: the two largest cells have a template each, all others one together."""
    frame = contacts(120, missing=0.0).drop(columns="contact_id")
    found = explode_segments(frame, by=["status", "region"])
    groups = frame["status"] + frame["region"]
    top = groups.value_counts(sort=True).index[:2]
    groups = groups.where(groups.isin(top), "rest")
    others = {
        "industry": frame["industry"],
        "company_size": frame["company_size"].astype(str),
        "opens": frame["opens"].rank(pct=True),
    }
    means = []
    for name, values in others.items():
        total = 0.0
        for _, mine in values.groupby(groups):
            v = mine.to_numpy()
            apart = np.abs(v[:, None] - v[None, :]) if name == "opens" else (v[:, None] != v[None, :]).astype(float)
            total += apart.sum() / (len(v) - 1)
        means.append(total / len(frame))
    assert choose(found, ["status", "region"], 2).difference_left == pytest.approx(
        np.mean(means) / found.difference_list
    )


def test_the_start_can_be_set_and_is_checked(explosion):
    ticks, budget, *_ = parts(explosion.explore(attributes=["region"], n_templates=2))
    assert [tick.value for tick in ticks] == [False, False, False, True]
    assert budget.value == 2
    with pytest.raises(ArgumentError, match=r"attributes=\['plan'\] are not known; choose among"):
        explosion.explore(attributes=["plan"])
    with pytest.raises(ArgumentError, match="n_templates=-1 must be 0 or more"):
        explosion.explore(n_templates=-1)


def test_without_widgets_the_choice_itself_is_shown(explosion, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    monkeypatch.delitem(__import__("sys").modules, "segvspers.explosion.widgets", raising=False)
    shown = explosion.explore()
    assert isinstance(shown, SegmentChoice)
    page = shown._repr_html_()
    assert 'src="data:image/png;base64,' in page
    assert "possible segments" in page


def test_a_page_without_widgets_shows_the_first_choice(explosion):
    bundle = explosion.explore()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert 'src="data:image/png;base64,' in bundle["text/html"]


@pytest.mark.parametrize("case", ["constant", "unplaced", "free templates", "one contact"])
def test_odd_lists_can_be_explored(contacts, case):
    frame = contacts(60)
    options = {}
    if case == "constant":
        frame = frame.assign(status="trial")
    if case == "unplaced":
        frame = frame.assign(status=frame["status"].where(frame["industry"].isna()))
    if case == "free templates":
        options = {"template_cost_usd": 0}
    if case == "one contact":
        frame = pd.DataFrame({"status": ["trial"], "industry": ["a"]})
    found = explode_segments(frame, by=["status", "industry"], **options)
    ticks, budget, told, shown = parts(found.explore())
    for value in (0, budget.max):
        budget.value = value
        ticks[0].value = not ticks[0].value
        assert "nan" not in told.value
        assert bytes(shown.value).startswith(b"\x89PNG")


def test_names_from_the_list_are_escaped(contacts):
    frame = contacts(200).rename(columns={"status": "<img src=x onerror=alert(1)>"})
    _, _, told, _ = parts(explode_segments(frame, by=["<img src=x onerror=alert(1)>", "region"]).explore())
    assert "<img" not in told.value
