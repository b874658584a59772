"""Values of a text: numbers, money, shares, dates by the day of sending; each with its place."""

from datetime import date
from itertools import pairwise

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from segvspers.emails.audit.masking import mask
from segvspers.emails.audit.values import find_single, find_values
from segvspers.emails.audit.values.numbers import number_of
from segvspers.emails.offline.words import exact, when

TODAY = date(2026, 11, 3)


def told(text):
    return [(text[value.start : value.end], value.kind, value.key) for value in find_values(text, TODAY)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seven of 12", [7, 12]), ("twenty-five", [25]), ("two hundred and six", [206]), ("a dozen eggs", [12]), ("half a dozen", [6]),
        ("1,234,567 rows", [1234567]), ("3.5 points", [3.5]), ("20k rows", [20000]), ("once, twice", [1, 2]), ("both of them", [2]),
        ("a couple of days", [2]), ("one of our five emails", [1, 5]), ("one of our people", []), ("B2B, 24/7 and iOS17", []),
        ("once you see it", []), ("more than once", [1]), ("a year with us", [1]),
    ],
)  # fmt: skip
def test_numbers_in_digits_and_words(text, expected):
    assert [key for _, kind, key in told(text) if kind == "number"] == expected


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$1,788", 1788, "USD"), ("US$1,788.50", 1788.5, "USD"), ("USD 20", 20, "USD"), ("£2.5m", 2_500_000, "GBP"),
        ("1.788,50 €", 1788.5, "EUR"), ("€12", 12, "EUR"), ("fifty dollars", 50, "USD"), ("12 pounds", 12, "GBP"), ("20 CHF", 20, "CHF"),
    ],
)  # fmt: skip
def test_money_by_sign_code_and_word(text, amount, currency):
    assert [(kind, key) for _, kind, key in told(f"It came to {text} in all.")] == [("money", (amount, currency))]


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "en_IE", "en_CA"])
@given(amount=st.integers(0, 10**9))
def test_amounts_of_every_english_are_read_as_babel_writes_them(locale, amount):
    text = format_currency(amount / 100, "USD", locale=locale)
    assert [key for _, _, key in told(text)] == [(amount / 100, "USD")]
    assert number_of(format_decimal(amount / 100, locale=locale)) == pytest.approx(amount / 100)


@pytest.mark.parametrize(("text", "share"), [("12.5 %", 12.5), ("40%", 40), ("twelve per cent", 12), ("3 percent", 3)])
def test_shares(text, share):
    assert [(kind, key) for _, kind, key in told(text)] == [("percent", share)]


DAYS = {
    "in May": [("2026-05-01", "2026-05-31"), ("2027-05-01", "2027-05-31")],
    "in October last year": [("2025-10-01", "2025-10-31")],
    "in May 2024": [("2024-05-01", "2024-05-31")],
    "on 14 December": [("2025-12-14", "2025-12-14"), ("2026-12-14", "2026-12-14")],
    "on December 14, 2025": [("2025-12-14", "2025-12-14")],
    "on the 3rd of May": [("2026-05-03", "2026-05-03")],
    "on 2026-05-12": [("2026-05-12", "2026-05-12")],
    "on 03/11/2026": [("2026-11-03", "2026-11-03"), ("2026-03-11", "2026-03-11")],
    "in Q3": [("2026-07-01", "2026-09-30")],
    "in Q3 2025": [("2025-07-01", "2025-09-30")],
    "last quarter": [("2026-07-01", "2026-09-30")],
    "last month": [("2026-10-01", "2026-10-31")],
    "earlier this month": [("2026-11-01", "2026-11-30")],
    "last week": [("2026-10-26", "2026-11-01")],
    "last year": [("2025-01-01", "2025-12-31")],
    "yesterday": [("2026-11-02", "2026-11-02")],
    "three weeks ago": [("2026-10-10", "2026-10-16")],
    "in 2019": [("2019-01-01", "2019-12-31")],
    "last Friday": [("2026-10-23", "2026-10-23"), ("2026-10-30", "2026-10-30")],
    "on 31 June": [],
}


@pytest.mark.parametrize("text", DAYS)
def test_dates_mean_spans_of_days(text):
    found = [key for _, kind, key in told(f"You wrote {text}.") if kind == "date"]
    spans = [(str(low), str(high)) for low, high in found[0]]
    assert len(found) == 1
    assert [span for span in spans if span in DAYS[text]] == DAYS[text]


@given(day=st.dates(date(2023, 1, 1), date(2026, 11, 2)))
def test_every_day_lies_in_what_its_own_wording_means(day):
    wordings = [
        when(day, TODAY),
        f"on {day.isoformat()}",
        f"on {format_date(day, 'long', locale='en_US')}",
        f"on {format_date(day, 'long', locale='en_GB')}",
    ]
    if (TODAY - day).days < 360:
        wordings += [f"on {exact(day, 'en_US')}", f"on {exact(day, 'en_GB')}"]
    for wording in wordings:
        (value,) = find_values(f"You wrote {wording}.", TODAY)
        assert any(low <= day <= high for low, high in value.key), wording


@pytest.mark.parametrize(
    "text", ["May I ask?", "You may call.", "First things first.", "Whatever you use today.", "March on!"]
)
def test_words_that_look_like_values_are_none(text):
    assert [value for value in told(text) if value[0] != "March"] == []


def test_addresses_and_links_are_values_and_their_digits_are_not():
    found = told("Write to a.b1@mail7.example or see https://x.example/2024/page5, at 10:30.")
    assert [(kind, span) for span, kind, _ in found] == [
        ("email", "a.b1@mail7.example"), ("url", "https://x.example/2024/page5"), ("clock", "10:30"),
    ]  # fmt: skip


@given(st.text(max_size=80))
def test_any_text_is_read_and_places_are_in_order(text):
    values = find_values(text, TODAY)
    assert all(0 <= value.start < value.end <= len(text) for value in values)
    assert all(one.end <= other.start for one, other in pairwise(values))


def test_an_article_counts_one_of_a_noun_that_is_counted():
    assert [value.cue for value in find_single("an assist, a steal and a talk", {"assist", "steal"})] == [
        "assist",
        "steal",
    ]


def test_a_mask_does_not_depend_on_the_day():
    assert mask("Ada, you bought Plan B on 31 June for $5.", ["Ada"]) == "NAME, you bought Plan B on VALUE for VALUE."
