"""The mark of decimals and the order of day and month are found in the values; what they leave open is said."""

import math
import warnings

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segvspers as sv


def contacts(column, values, **options):
    frame = pd.DataFrame({"contact_id": [f"C{number}" for number in range(len(values))], column: values})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sv.GuessWarning)
        return sv.read_contacts(frame, **options)


NUMBERS = {
    "plain": (["1", "2.5", "-3", "1e3"], [1, 2.5, -3, 1000]),
    "decimal comma": (["1,5", "2,25", "-3"], [1.5, 2.25, -3]),
    "thousands and comma": (["1.234,5", "12.345.678,90", "7"], [1234.5, 12345678.9, 7]),
    "thousands and point": (["1,234.5", "12,345,678.90", "7"], [1234.5, 12345678.9, 7]),
    "thousands alone": (["1,234,567", "12,345", "7"], [1234567, 12345, 7]),
    "blanks as thousands": (["1 234,5", "12\u00a0345,75", "1\u202f000"], [1234.5, 12345.75, 1000]),
    "apostrophes as thousands": (["1'234.50", "12’345.75"], [1234.5, 12345.75]),
    "currencies": (["$1,234.50", "€ 7", "12.75 USD"], [1234.5, 7, 12.75]),
    "brackets for minus": (["(12.50)", "3.25"], [-12.5, 3.25]),
    "a point with three digits and others": (["1.234", "1.5"], [1.234, 1.5]),
    "below one with three digits": (["0.125", "0.250"], [0.125, 0.25]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_read_as_people_write_them(name):
    written, expected = NUMBERS[name]
    read = contacts("n_employees", written)
    assert read["n_employees"].tolist() == expected
    assert not sv.read_report(read).guesses


@pytest.mark.parametrize(("decimal", "expected"), [(None, [1.234, 5.5]), (",", [1234, 5500]), (".", [1.234, 5.5])])
def test_a_number_that_can_be_two_is_guessed_and_the_user_can_say(decimal, expected):
    read = contacts("n_employees", ["1.234", "5.500"], decimal=decimal)
    assert read["n_employees"].tolist() == expected
    assert bool(sv.read_report(read).guesses) == (decimal is None)


def test_a_guess_is_a_warning_that_says_how_to_say_otherwise():
    frame = pd.DataFrame({"contact_id": ["C1"], "n_employees": ["1.234"]})
    with pytest.warns(
        sv.GuessWarning, match="n_employees: its values such as 1.234 could be thousands or decimals .* decimal=','"
    ):
        sv.read_contacts(frame)


def test_another_column_tells_what_one_leaves_open():
    frame = pd.DataFrame(
        {"contact_id": ["C1", "C2"], "n_employees": ["1.234", "5.678"], "revenue": ["99,90", "1.000,50"]}
    )
    read = sv.read_contacts(frame)
    assert read["n_employees"].tolist() == [1234, 5678]
    assert read["revenue"].tolist() == [99.9, 1000.5]
    assert not sv.read_report(read).guesses


def test_a_value_against_the_mark_of_its_column_is_left_empty_and_kept_in_the_report():
    read = contacts("n_employees", ["1.5", "2.5", "3.75", "4,5"])
    assert math.isnan(read["n_employees"][3])
    unread = sv.read_report(read).unread
    assert unread[["row", "column", "value"]].values.tolist() == [[4, "n_employees", "4,5"]]


FURTHER = {
    "numbers": (["1", "2.5"], [1, 2.5]),
    "whole numbers": (["1", "-2"], [1, -2]),
    "amounts": (["1,234.50", "7.25"], [1234.5, 7.25]),
    "leading zeros": (["01234", "99999"], ["01234", "99999"]),
    "plus signs": (["+4670", "12"], ["+4670", "12"]),
    "long numbers": (["12345678901234567890", "1"], ["12345678901234567890", "1"]),
    "lists": (["1,2", "3,4"], ["1,2", "3,4"]),
    "hexadecimal": (["0x1F", "1"], ["0x1F", "1"]),
    "words": (["nan", "1"], ["nan", "1"]),
}


@pytest.mark.parametrize("name", FURTHER)
def test_further_columns_are_numbers_when_all_their_values_are(name, tmp_path):
    written, expected = FURTHER[name]
    path = tmp_path / "people.csv"
    pd.DataFrame({"contact_id": ["C1", "C2"], "seen": written}).to_csv(path, index=False)
    assert sv.read_contacts(path)["seen"].tolist() == expected


@pytest.mark.parametrize("name", ["phone", "Zip Code", "AccountId", "customer_id_2", "mobile"])
def test_digits_of_an_identifier_stay_text(name):
    frame = pd.DataFrame({"contact_id": ["C1"], name: ["5550100"]})
    assert sv.read_contacts(frame)[name].tolist() == ["5550100"]


DATES = {
    "ISO": (["2026-04-03", "2026-04-13"], ["2026-04-03", "2026-04-13"]),
    "ISO with time and zone": (["2026-04-03T23:30:00-02:00", "2026-04-13 06:00:00+02"], ["2026-04-04", "2026-04-13"]),
    "day first": (["03/04/2026", "13/04/2026 10:30"], ["2026-04-03", "2026-04-13"]),
    "month first": (["03/04/2026 1:30 PM", "4/13/2026"], ["2026-03-04", "2026-04-13"]),
    "dots": (["03.04.2026", "05.06.26"], ["2026-04-03", "2026-06-05"]),
    "short years": (["13/04/26", "3/4/99"], ["2026-04-13", "1999-04-03"]),
    "names": (["3 April 2026", "Apr 13, 2026", "13-Apr-2026"], ["2026-04-03", "2026-04-13", "2026-04-13"]),
    "mail headers": (["Fri, 3 Apr 2026 06:00:00", "Monday, April 13th, 2026"], ["2026-04-03", "2026-04-13"]),
    "Unix seconds": (["1775174400", "1776038400000"], ["2026-04-03", "2026-04-13"]),
    "day numbers of Excel": (["46115", "46125.75"], ["2026-04-03", "2026-04-13"]),
    "no marks": (["20260403", "20260413"], ["2026-04-03", "2026-04-13"]),
}


@pytest.mark.parametrize("name", DATES)
def test_dates_are_read_as_people_write_them(name):
    written, expected = DATES[name]
    read = contacts("signup_date", written)
    assert read["signup_date"].dt.strftime("%Y-%m-%d").tolist() == expected
    assert not sv.read_report(read).guesses


def test_an_order_of_day_and_month_that_is_open_is_guessed_and_the_user_can_say():
    written = ["03/04/2026", "05/06/2026"]
    guessed = contacts("signup_date", written)
    assert "no date has a day above 12, so 03/04/2026 could be 3 April or March 4" in sv.read_report(guessed).guesses[0]
    assert contacts("signup_date", written, day_first=True)["signup_date"].dt.month.tolist() == [4, 6]
    assert contacts("signup_date", written, day_first=False)["signup_date"].dt.month.tolist() == [3, 5]
    assert not sv.read_report(contacts("signup_date", written, day_first=True)).guesses


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(
        st.datetimes(min_value=pd.Timestamp("1971-01-02"), max_value=pd.Timestamp("2068-12-30")),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(
        ["%d/%m/%Y", "%d.%m.%Y %H:%M:%S", "%d-%m-%y %H:%M", "%Y-%m-%d %H:%M:%S", "%d %b %Y", "%B %d, %Y %I:%M %p"]
    ),
)
def test_what_strftime_wrote_is_read_back(moments, form):
    read = contacts("signup_date", [moment.strftime(form) for moment in moments], day_first=True)
    assert read["signup_date"].dt.date.tolist() == [moment.date() for moment in moments]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.floats(-1e12, 1e12).map(lambda number: round(number, 2)), min_size=1, max_size=20),
    st.sampled_from([".", ","]),
)
def test_what_was_written_with_marks_of_thousands_is_read_back(numbers, decimal):
    written = [f"{number:,.2f}" for number in numbers]
    if decimal == ",":
        written = [text.translate(str.maketrans(",.", ".,")) for text in written]
    assert contacts("n_employees", written)["n_employees"].tolist() == pytest.approx(numbers, abs=1e-6)
