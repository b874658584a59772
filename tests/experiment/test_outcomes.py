"""Outcomes are read whole or refused with every problem at once."""

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import DataError


def rows(**more):
    frame = {
        "contact_id": ["C1", "C2", "C3", "C4"],
        "variant": ["a", "b", "a", "b"],
        "replied": ["true", "no", "0", "1"],
    }
    return pd.DataFrame(frame | more)


def test_yes_and_no_are_read_in_any_common_spelling():
    assert sv.read_outcomes(rows())["replied"].tolist() == [True, False, False, True]


def test_automatic_replies_are_not_replies_and_that_is_said():
    outcomes = sv.read_outcomes(rows(reply_class=["auto_reply", "", "", "positive"]))
    assert outcomes["replied"].tolist() == [False, False, False, True]
    assert "1 automatic replies are not counted" in sv.read_report(outcomes).summary()


def test_without_contact_id_each_row_is_a_contact():
    outcomes = sv.read_outcomes(rows().drop(columns="contact_id"))
    assert outcomes["contact_id"].tolist() == ["1", "2", "3", "4"]


def test_all_problems_come_at_once():
    bad = rows(
        variant=["a"] * 4,
        replied=["no"] * 4,
        cost_usd=[0.1, -2, 0.1, 0.1],
        sent_at=["2026-09-08", "yesterdayish", "2026-09-08", "2026-09-08"],
    )
    with pytest.raises(DataError) as problem:
        sv.read_outcomes(bad)
    text = str(problem.value)
    assert "4 problems" in text
    assert "only one variant, a" in text
    assert "nobody replied in any variant" in text
    assert "'cost_usd' is negative in row 2" in text
    assert "'sent_at' holds what is not a time such as 2026-09-08T06:00:00Z in row 2" in text


def test_a_reply_before_its_email_is_refused():
    early = rows(sent_at=["2026-09-08"] * 4, replied_at=["2026-09-07", None, None, "2026-09-09"])
    with pytest.raises(DataError, match="'replied_at' lies before 'sent_at' in row 1"):
        sv.read_outcomes(early)


def test_an_empty_replied_is_refused():
    with pytest.raises(DataError, match="'replied' is empty in row 2"):
        sv.read_outcomes(rows(replied=["yes", None, "no", "no"]))


def test_no_variant_column_names_the_mend():
    with pytest.raises(DataError, match=r"columns=\{'variant': \.\.\.\}"):
        sv.read_outcomes(rows().rename(columns={"variant": "which"}))
