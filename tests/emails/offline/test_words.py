"""Dates, numbers, money, articles and spelling."""

import pandas as pd
import pytest

from segvspers.emails.offline.words import (
    exact,
    in_full,
    is_plural,
    listed,
    money,
    number,
    since,
    spelled,
    times,
    when,
    with_article,
    years,
)  # fmt: skip


def day(text):
    return pd.Timestamp(text).date()


@pytest.mark.parametrize(
    ("told_day", "told", "after_since"),
    [
        ("2026-11-01", "earlier this month", "this month"),
        ("2026-10-15", "last month", "last month"),
        ("2026-05-12", "in May", "May"),
        ("2025-10-14", "in October last year", "October last year"),
        ("2024-03-01", "in March 2024", "March 2024"),
    ],
)
def test_days_are_told_from_the_day_of_sending(told_day, told, after_since):
    assert when(day(told_day), day("2026-11-03")) == told
    assert since(day(told_day), day("2026-11-03")) == after_since


@pytest.mark.parametrize(
    ("locale", "date", "amount", "cents", "three"),
    [
        ("en_US", "December 14", "$1,788", "$9.50", "a, b, and c"),
        ("en_GB", "14 December", "US$1,788", "US$9.50", "a, b and c"),
        ("en_AU", "14 December", "USD\xa01,788", "USD\xa09.50", "a, b and c"),
    ],
)
def test_dates_money_and_lists_follow_the_readers_english(locale, date, amount, cents, three):
    assert exact(day("2026-12-14"), locale) == date
    assert money(1788.0, locale) == amount.replace("\xa0", "") or money(1788.0, locale) == amount
    assert money(9.5, locale).replace("\xa0", "") == cents.replace("\xa0", "")
    assert listed(["a", "b", "c"], locale) == three
    assert listed(["a", "b"], locale) == "a and b"


def test_money_keeps_its_currency_and_its_cents():
    assert money(1788, "en_GB", "GBP") == "£1,788"
    assert money(0.005, "en_US") == "$0.01" or money(0.005, "en_US") == "$0"
    assert money(1234567.891, "en_US") == "$1,234,567.89"


def test_counts_are_told_in_words():
    assert [number(value) for value in (0, 1, 12, 13, 1234)] == ["zero", "one", "twelve", "13", "1,234"]
    assert [times(value) for value in (1, 2, 3, 15)] == ["once", "twice", "three times", "15 times"]
    assert [years(value) for value in (1, 2)] == ["a year", "two years"]


@pytest.mark.parametrize(
    ("noun", "told"),
    [("SMS ticket", "an SMS ticket"), ("user", "a user"), ("hour", "an hour"), ("onboarding session", "an onboarding session"),
     ("European plan", "a European plan"), ("integrations ticket", "an integrations ticket")],
)  # fmt: skip
def test_the_article_follows_the_sound(noun, told):
    assert with_article(noun) == told


@pytest.mark.parametrize(
    ("noun", "plural"),
    [("Running shoes", True), ("Merino socks", True), ("Onboarding session", False), ("news", False), ("SMS", False),
     ("Plan B", False), ("Trail Runner 3", False), ("", False)],
)  # fmt: skip
def test_plurals_are_told_from_singulars(noun, plural):
    assert is_plural(noun) is plural


def test_spelling_and_tone_touch_whole_words_only():
    assert spelled("You canceled the program.", "en_GB") == "You cancelled the programme."
    assert spelled("programming, Calendar", "en_GB") == "programming, Diary"
    assert spelled("You canceled it.", "en_US") == "You canceled it."
    assert in_full("It's been a while. I'd say it's fine; you can't and won't.") == (
        "It has been a while. I would say it is fine; you cannot and will not."
    )
