"""What days a date may mean, told from the day of sending: every wording comes to spans of days."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from segvspers.emails.audit.values.numbers import IN_WORDS, number_of

Span = tuple[date, date]
MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
]  # fmt: skip
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SEASONS = {"winter": 12, "spring": 3, "summer": 6, "autumn": 9, "fall": 9}
DAYS = {"day": 1.0, "week": 7.0, "month": 30.44, "quarter": 91.31, "year": 365.25}

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_SHORT_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b\.?"
_YEAR = r"(?:19|20)\d\d"
_NTH = r"[0-3]?\d(?:st|nd|rd|th)?"
_UNIT = r"(?:day|week|month|quarter|year)"
_WHICH = r"(?:last|this|next|past|previous|coming)"
# Case counts: "may" and "march" are words too.
DATE = rf"""(?:
    (?P<iso>{_YEAR}-\d\d-\d\d)(?:T[\d:.]+Z?)?
  | (?P<slashed>\d{{1,2}}[/.]\d{{1,2}}[/.](?:{_YEAR}|\d\d))
  | (?:(?:{_WEEKDAY}|{_SHORT_DAY}),?\ (?:the\ )?)?(?:
        (?:the\ )?(?P<day_a>{_NTH})(?:\ of)?\ (?P<month_a>{_MONTH})(?!\w)(?:,?\ (?P<year_a>{_YEAR}|last\ year|this\ year))?
      | (?P<month_b>{_MONTH})\ (?P<day_b>{_NTH})(?![\d:]|,\d)(?:,?\ (?P<year_b>{_YEAR}|last\ year|this\ year))?)
  | (?P<month_c>{_MONTH})(?!\w)(?:,?\ (?:of\ )?(?P<year_c>{_YEAR}|last\ year|this\ year))?
  | (?:\b[Tt]he\ )?(?P<quarter>Q[1-4]|(?i:first|second|third|fourth)\ quarter)(?:\ (?:of\ )?(?P<year_q>{_YEAR}|last\ year|this\ year))?
  | (?i:(?P<ago_n>{IN_WORDS}|\d+|an?|a\ couple\ of)\ (?P<ago_unit>{_UNIT})s?\ (?P<ago>ago|earlier|from\ now|before\ last))
  | (?i:(?:earlier\ |later\ )?(?P<which>{_WHICH})\ (?P<unit>{_UNIT}|{_WEEKDAY}|spring|summer|autumn|fall|winter)\b(?!s))
  | (?i:(?P<near>yesterday|tomorrow))
  | (?i:(?P<weekday>{_WEEKDAY})s?)
  | (?P<year_alone>{_YEAR})(?![\w-]|[.,]\d)
)"""


def spans_of(found: re.Match[str], today: date) -> tuple[Span, ...]:
    """Return the days that a match of `DATE` may mean, as spans of first and last day; none when it is no day.

    A day or month without a year means the nearest one of the year before or after; a relative time means its
    calendar unit, or for "three weeks ago" half a unit around it.
    """
    return tuple(_spans(found.groupdict(), today))


def _spans(told: dict[str, str | None], today: date) -> Iterator[Span]:
    for which in "ab":
        if told.get(f"month_{which}"):
            day = int(re.sub(r"\D", "", str(told[f"day_{which}"])))
            yield from _days(day, _month(str(told[f"month_{which}"])), told[f"year_{which}"], today)
    if told.get("month_c"):
        yield from _months([_month(str(told["month_c"]))], told["year_c"], today)
    elif told.get("iso"):
        yield from _one(*map(int, str(told["iso"]).split("-")))
    elif told.get("slashed"):
        yield from _slashed(str(told["slashed"]))
    elif told.get("quarter"):
        first = 3 * _quarter(str(told["quarter"])) - 2
        yield from _months([first, first + 1, first + 2], told["year_q"], today)
    elif told.get("ago"):
        yield from _ago(told, today)
    elif told.get("which"):
        yield from _relative(str(told["which"]).lower(), str(told["unit"]).lower(), today)
    elif told.get("near"):
        word = str(told["near"]).lower()
        day_told = today + timedelta({"yesterday": -1, "tomorrow": 1}.get(word, 0))
        yield (day_told, day_told)
    elif told.get("weekday"):
        yield from _weekdays(WEEKDAYS.index(str(told["weekday"]).lower()), today, -13, 13)
    elif told.get("year_alone"):
        year = int(str(told["year_alone"]))
        yield (date(year, 1, 1), date(year, 12, 31))


def _month(text: str) -> int:
    return next(place for place, month in enumerate(MONTHS, start=1) if month.startswith(text.lower().rstrip(".")[:3]))


def _quarter(text: str) -> int:
    word = text.lower().split()[0]
    return int(word[1]) if word[1:].isdigit() else ("first", "second", "third", "fourth").index(word) + 1


def _years(told: str | None, today: date) -> tuple[int, ...]:
    """Return the years that may be meant, the nearest ones when none is told."""
    if told is None:
        return (today.year - 1, today.year, today.year + 1)
    return ({"last year": today.year - 1, "this year": today.year}.get(told.lower()) or int(told),)


def _days(day: int, month: int, year: str | None, today: date) -> Iterator[Span]:
    for one in _years(year, today):
        for span in _one(one, month, day):
            if year is not None or abs((span[0] - today).days) <= 366:
                yield span


def _one(year: int, month: int, day: int) -> Iterator[Span]:
    if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:
        yield (date(year, month, day), date(year, month, day))


def _slashed(text: str) -> Iterator[Span]:
    """Return both readings, since 3/11 is March in the United States and November in Britain."""
    first, second, year = (int(part) for part in re.split(r"[/.]", text))
    year += 2000 if year < 100 else 0
    yield from _one(year, second, first)
    if first != second:
        yield from _one(year, first, second)


def _months(months: list[int], year: str | None, today: date) -> Iterator[Span]:
    for one in _years(year, today):
        first = date(one, months[0], 1)
        last = date(one, months[-1], monthrange(one, months[-1])[1])
        near = abs((first.year - today.year) * 12 + first.month - today.month) <= 12
        if year is not None or near:
            yield (first, last)


def _ago(told: dict[str, str | None], today: date) -> Iterator[Span]:
    counted = str(told["ago_n"]).lower()
    n = 1.0 if counted in {"a", "an"} else 2.0 if counted.startswith("a couple") else number_of(counted)
    unit = DAYS[str(told["ago_unit"]).lower()]
    sign = 1 if told["ago"] == "from now" else -1
    slack = 0 if unit == 1.0 else int(unit / 2)
    middle = today + timedelta(sign * round(n * unit))
    yield (middle - timedelta(slack), middle + timedelta(slack))


def _relative(which: str, unit: str, today: date) -> Iterator[Span]:
    step = {"this": 0, "next": 1, "coming": 1}.get(which, -1)
    if unit in WEEKDAYS:
        low, high = {-1: (-13, -1), 0: (-6, 6), 1: (1, 13)}[step]
        yield from _weekdays(WEEKDAYS.index(unit), today, low, high)
    elif unit in SEASONS:
        yield from _season(SEASONS[unit], step, today)
    elif which == "past":
        yield (today - timedelta(round(DAYS[unit])), today)
    elif unit == "day":
        yield (today + timedelta(step), today + timedelta(step))
    elif unit == "week":
        monday = today - timedelta(today.weekday()) + timedelta(7 * step)
        yield (monday, monday + timedelta(6))
    elif unit == "year":
        yield (date(today.year + step, 1, 1), date(today.year + step, 12, 31))
    else:
        size = 3 if unit == "quarter" else 1
        place = (today.year * 12 + today.month - 1) // size * size + size * step
        last = place + size - 1
        yield (
            date(place // 12, place % 12 + 1, 1),
            date(last // 12, last % 12 + 1, monthrange(last // 12, last % 12 + 1)[1]),
        )


def _season(first: int, step: int, today: date) -> Iterator[Span]:
    """Return three months from the first one: the latest season before, or the one now or to come, northern by habit."""
    for year in (today.year - 2, today.year - 1, today.year, today.year + 1):
        low, high = _season_of(year, first)
        past, ahead = high < today and (today - low).days < 730, low > today and (low - today).days < 730
        now = low <= today <= high or abs((low - today).days) < 300
        if (step < 0 and past) or (step == 0 and now) or (step > 0 and ahead):
            yield (low, high)


@lru_cache(maxsize=64)
def _season_of(year: int, first: int) -> Span:
    last, of = (first + 1) % 12 + 1, year + (1 if first == 12 else 0)
    return date(year, first, 1), date(of, last, monthrange(of, last)[1])


def _weekdays(weekday: int, today: date, low: int, high: int) -> Iterator[Span]:
    for shift in range(low, high + 1):
        day = today + timedelta(shift)
        if day.weekday() == weekday:
            yield (day, day)
