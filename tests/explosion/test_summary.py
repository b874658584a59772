"""The story in two sentences: one text for each branch, written out."""

import pandas as pd
import pytest

from segvspers import explode_segments
from segvspers._display import html_table


def crossed(counts, **more):
    """Return a list with so many contacts in each cell of plan and region."""
    rows = [(plan, region) for (plan, region), n in counts.items() for _ in range(n)]
    return pd.DataFrame(rows, columns=["plan", "region"]).assign(**more)


FEW = {("A", "US"): 3, ("B", "UK"): 2, ("C", "EU"): 1}
MANY = {(plan, region): 40 for plan in "AB" for region in ("US", "UK")}
HUGE = {("A", "US"): 7_000, ("B", "US"): 7_000}
GOLDEN = {
    "small": (
        FEW,
        ("9 possible segments; 3 occupied; 1 covers half the list of 6 contacts; 0 could be tested for a lift of 30 %. The list "
        "is small for this cross: 67 % of the cells are empty and the middle occupied one holds 2 contacts, while a test on a "
        "reply rate of 3.0 % needs 12,903."),
    ),
    "big": (
        MANY,
        ("4 possible segments; 4 occupied; 2 cover half the list of 160 contacts; 0 could be tested for a lift of 30 %. The list "
        "fills its cells but can't test them: the middle one holds 40 contacts, while a test on a reply rate of 3.0 % needs 12,903."),
    ),
    "enough": (
        {cell: 2 * n for cell, n in HUGE.items()},
        ("2 possible segments; 2 occupied; 1 covers half the list of 28,000 contacts; 2 could be tested for a lift of 30 %. Most "
        "cells hold enough contacts to be tested: a test on a reply rate of 3.0 % needs 12,903."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GOLDEN)
def test_the_summary_is_two_sentences(case):
    counts, text = GOLDEN[case]
    assert explode_segments(crossed(counts), by=["plan", "region"]).summary() == text


def test_what_is_explained_is_the_end_of_the_second_sentence():
    frame = crossed(dict.fromkeys(MANY, 500))
    frame = frame.assign(
        replied=(frame["plan"] == "A") & (pd.Series(range(len(frame))) % 4 == 0), noise=range(len(frame))
    )
    text = explode_segments(frame, by=["plan", "region"], outcome="replied").summary()
    assert "; on contacts not seen, plan explains most of replied (14." in text
    assert text.endswith("% of the data it was read from.")
    assert text.count(". ") == 1
    nothing = frame.assign(replied=pd.Series(range(len(frame))) % 3 == 0)
    text = explode_segments(nothing, by=["plan", "region"], outcome="replied").summary()
    assert text.endswith("; no segmentation explains replied beyond chance on contacts that it has not seen.")


def test_a_notebook_shows_summary_notes_and_growth():
    found = explode_segments(crossed(FEW, one="x"), by=["plan", "region", "one"])
    page = found._repr_html_()
    assert "9 possible segments" in page
    assert "one has one level only and splits nothing" in page
    assert page.count("<tr>") == 5
    assert page == found._repr_html_()
    assert html_table(found.growth)


def test_an_explosion_prints_numbers_and_no_tables():
    text = repr(explode_segments(crossed(FEW), by=["plan", "region"]))
    assert "n_occupied=3" in text
    assert len(text) < 2_500
