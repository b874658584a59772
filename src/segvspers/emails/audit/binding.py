"""Bind each value of a sentence to a field of the facts that it cites, or to a declared derivation of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from segvspers.emails.audit.lexicon import Lexicon
from segvspers.emails.audit.terms import Terms
from segvspers.emails.audit.values import Value
from segvspers.emails.audit.values.dates import DAYS

Lender = tuple[int, str]
_WORD = re.compile(r"[A-Za-z]+")
_BEFORE = re.compile(r"\b(?:(more than|over|at least)|(less than|fewer than|under|up to)) $", re.IGNORECASE)
_SENTENCE = re.compile(r"[.?!](?=\s|$)")
_CLAUSE = re.compile(r"[.?!;:,](?=\s|$)| and ")
# The first and the last purchase of one fact are one event when it comes to lending a day twice.
_EVENT = re.compile(r"^(?:first|last|since)_")
_NONE: frozenset[str] = frozenset()
_SMALLEST_SUM = 2


def unbound(
    text: str, values: Sequence[Value], facts: Sequence[Terms], *, lexicon: Lexicon, today: date
) -> list[Value]:
    """Return the values that no fact lends.

    Parameters
    ----------
    text, values
        A sentence, and its values.
    facts
        The facts that it cites.
    lexicon
        Which fields a noun or a verb may state.
    today
        The day of sending.

    Notes
    -----
    A value that stands twice needs two fields that lend it: one of the two may be another fact's, swapped.
    Declared derivations: any wording of a day that contains it; the time that has passed since a day or is left until
    it; the number of facts cited; the sum of one field over them; a share of a whole; an amount without its cents.
    """
    free: list[Value] = []
    taken: dict[tuple[str, object], int] = {}
    for value in values:
        lenders = set(_lenders(value, text, facts, lexicon, today))
        same = (value.kind, value.key)
        if taken.get(same, 0) < len(lenders):
            taken[same] = taken.get(same, 0) + 1
        else:
            free.append(value)
    return free


def _lenders(value: Value, text: str, facts: Sequence[Terms], lexicon: Lexicon, today: date) -> Iterator[Lender]:
    if value.kind == "date":
        yield from _of_days(value, text, facts, lexicon)
        yield from _of_age(value, facts, lexicon, today)
    elif value.kind == "money":
        yield from _of_amounts(value, facts)
    elif value.kind == "percent":
        yield from _of_shares(value, facts, lexicon)
    elif value.kind == "ordinal":
        yield from _of_order(value, facts)
    elif value.kind == "number":
        yield from _of_numbers(value, text, facts, lexicon, today)


def _of_days(value: Value, text: str, facts: Sequence[Terms], lexicon: Lexicon) -> Iterator[Lender]:
    stated = lexicon.verbs.get(_nearest(value, text, lexicon.verbs, _CLAUSE), _NONE)
    for place, fact in _told_of(value, text, facts, lexicon):
        named = stated & fact.days.keys()
        for name, day in fact.days.items():
            if (not named or name in named) and any(low <= day <= high for low, high in value.key):
                yield place, _EVENT.sub("", name)


def _told_of(value: Value, text: str, facts: Sequence[Terms], lexicon: Lexicon) -> Iterator[tuple[int, Terms]]:
    """Give the facts of the kinds that the verb of the clause tells of, or all facts when there are none."""
    kinds = _NONE
    if len(facts) > 1:
        kinds = lexicon.deeds.get(_nearest(value, text, lexicon.deeds, _CLAUSE), _NONE)
    narrowed = kinds & {fact.kind for fact in facts}
    return ((place, fact) for place, fact in enumerate(facts) if not narrowed or fact.kind in narrowed)


def _of_age(value: Value, facts: Sequence[Terms], lexicon: Lexicon, today: date) -> Iterator[Lender]:
    """Return the counts of years or days that lend "three years ago"."""
    stated = lexicon.nouns.get(value.cue, frozenset())
    for place, fact in enumerate(facts):
        for name in stated & fact.numbers.keys():
            ago = round(fact.numbers[name] * (1 if "days" in name else DAYS[value.cue]))
            if any(abs((today - low).days + (today - high).days - 2 * ago) <= 2 for low, high in value.key):
                yield place, name


def _nearest(value: Value, text: str, verbs: Collection[str], stops: re.Pattern[str]) -> str:
    """Return the verb before a value in its own clause or sentence, or the one after it when there is none before."""
    low = max((found.end() for found in stops.finditer(text, 0, value.start)), default=0)
    stop = stops.search(text, value.end)
    found = _WORD.finditer(text, low, stop.start() if stop else len(text))
    near = [(word.start(), word.group().lower()) for word in found if word.group().lower() in verbs]
    before = [word for start, word in near if start < value.start]
    after = [word for start, word in near if start >= value.end]
    return before[-1] if before else after[0] if after else ""


def _of_amounts(value: Value, facts: Sequence[Terms]) -> Iterator[Lender]:
    amount, currency = value.key
    if currency != "USD":
        return
    for place, fact in enumerate(facts):
        for name, known in fact.amounts.items():
            if amount in {known, round(known, 2), round(known)}:
                yield place, name
    yield from _of_sums(amount, [fact.amounts for fact in facts])


def _of_shares(value: Value, facts: Sequence[Terms], lexicon: Lexicon) -> Iterator[Lender]:
    for place, fact in enumerate(facts):
        known = dict(fact.shares) | {
            part: fact.numbers[part] / fact.numbers[whole]
            for part, whole in lexicon.wholes
            if part in fact.numbers and fact.numbers.get(whole)
        }
        for name, share in known.items():
            if any(value.key == round(100 * share, digits) for digits in (0, 1, 2)):
                yield place, name


def _of_order(value: Value, facts: Sequence[Terms]) -> Iterator[Lender]:
    """Return what lends a second order, or the 14th of a month: a count that is as high, a day of that number."""
    for place, fact in enumerate(facts):
        for name, known in fact.numbers.items():
            if known == value.key or (value.cue and known > value.key):
                yield place, name
        for name, day in fact.days.items():
            if not value.cue and day.day == value.key:
                yield place, name


def _of_numbers(value: Value, text: str, facts: Sequence[Terms], lexicon: Lexicon, today: date) -> Iterator[Lender]:
    stated = _stated(value, text, lexicon)
    unit = DAYS.get(value.cue)
    compared = _BEFORE.search(text, max(0, value.start - 12), value.start)
    for place, fact in _told_of(value, text, facts, lexicon):
        for name, known in fact.numbers.items():
            if stated is None or name in stated:
                told = known / unit if unit is not None and unit > 1 and "days" in name else known
                if _agrees(told, value.key, compared) or (told != known and round(told) == value.key):
                    yield place, name
        if unit is not None:
            for name, day in fact.days.items():
                passed = abs((today - day).days) / unit
                if _agrees(passed, value.key, compared) or value.key in {float(int(passed)), float(round(passed))}:
                    yield place, name
    if _counts(value, facts, lexicon):
        yield -1, "facts"
    yield from _of_sums(value.key, [_only(fact, stated) for fact in facts])


def _stated(value: Value, text: str, lexicon: Lexicon) -> frozenset[str] | None:
    """Return the fields that the noun allows, of them those that the nearest verb allows; nothing when all are allowed."""
    fields = lexicon.nouns.get(value.cue)
    if not fields:
        return fields
    return fields & lexicon.verbs.get(_nearest(value, text, lexicon.verbs, _SENTENCE), _NONE) or fields


def _agrees(known: float, told: float, compared: re.Match[str] | None) -> bool:
    """Tell whether a number is what is told of it: as it stands, or more or less than it."""
    if compared is None:
        return known == told
    return known > told or (known == told and compared.group(1) == "at least") if compared.group(1) else known <= told


def _counts(value: Value, facts: Sequence[Terms], lexicon: Lexicon) -> bool:
    kinds = lexicon.counted.get(value.cue)
    counted = [fact for fact in facts if kinds is None or fact.kind in kinds]
    known = value.cue in lexicon.nouns and kinds is None
    return not known and len(counted) >= _SMALLEST_SUM and value.key == len(counted)


def _only(fact: Terms, stated: frozenset[str] | None) -> dict[str, float]:
    return {name: known for name, known in fact.numbers.items() if stated is None or name in stated}


def _of_sums(told: float, known: Sequence[Mapping[str, float]]) -> Iterator[Lender]:
    """Return the fields whose sum over all facts that have them is told."""
    sums: dict[str, list[float]] = {}
    for fields in known:
        for name, amount in fields.items():
            sums.setdefault(name, []).append(amount)
    for name, amounts in sums.items():
        if len(amounts) >= _SMALLEST_SUM and told in {round(sum(amounts), 2), round(sum(amounts))}:
            yield -1, name
