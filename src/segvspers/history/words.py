"""SQL for what an event is called here: our row of history, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from segvspers.dialects import readings
from segvspers.dialects.access import EMPTY, quoted
from segvspers.errors import ArgumentError
from segvspers.history.columns import EVENTS

SPACE = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"
TRUE, FALSE = ("true", "t", "yes", "y", "1", "1.0"), ("false", "f", "no", "n", "0", "0.0")


def check_events(events: Mapping[str, str | None] | None) -> dict[str, str]:
    """Return ``{their event in lower case: ours}``; an event that is to be left out has the empty text."""
    given = dict(events or {})
    strange = sorted({str(ours) for ours in given.values() if ours and ours not in EVENTS})
    if strange:
        raise ArgumentError(
            f"events= maps to {strange}; an event is one of {list(EVENTS)}, or None for one to be left out."
        )
    return {str(theirs).strip().lower(): ours or "" for theirs, ours in given.items()}


def event_of(kind: str, reading: str, chosen: str, events: Mapping[str, str]) -> dict[str, str]:
    """Return SQL for `event`, `left_out` and `strange`, of which one is not NULL.

    Parameters
    ----------
    kind, reading, chosen
        SQL for the source's own word, for its neutral reading, and for our event where the format says it outright.
    events
        What the user says about words, as `check_events` returns it; it goes before all else.
    """
    ours, left_out = readings()
    word = f"lower({kind})"
    told = _cases(word, {theirs: mine for theirs, mine in events.items() if mine})
    asked = _cases(word, {theirs: "events= says so" for theirs, mine in events.items() if not mine})
    known = _cases(reading, ours | {name: name for name in EVENTS})
    event = f"CASE WHEN {asked} IS NOT NULL THEN NULL ELSE coalesce({told}, {chosen}, {known}) END"
    reason = f"CASE WHEN {told} IS NULL AND {chosen} IS NULL THEN coalesce({asked}, {_cases(reading, left_out)}) END"
    return {"event": event, "left_out": reason}


def flag(text: str) -> str:
    """Return SQL of type BOOLEAN for a text."""
    yes, no = (f"list_contains([{_listed(words)}], lower({text}))" for words in (TRUE, FALSE))
    return f"CASE WHEN {yes} THEN true WHEN {no} THEN false END"  # a list, since IN may join, which loses the order


def number(text: str) -> str:
    """Return SQL of type DOUBLE for a text; commas mark thousands."""
    return f"list_filter([TRY_CAST(replace({text}, ',', '') AS DOUBLE)], lambda made: isfinite(made))[1]"


def stripped(text: str) -> str:
    """Return SQL for a text without white space around it; NULL where nothing is left."""
    return f"nullif(trim({text}, {SPACE}), '')"


def address(text: str) -> str:
    """Return SQL for the bare address, in lower case, of what may be ``Name <address>``."""
    bare = f"coalesce(nullif(regexp_extract({text}, '<([^<>]+)>', 1), ''), {text})"
    return f"CASE WHEN contains({text}, '@') THEN lower({stripped(bare)}) END"


def _cases(text: str, mapping: Mapping[str, str]) -> str:
    if not mapping:
        return EMPTY
    listed = " ".join(f"WHEN {quoted(theirs)} THEN {quoted(ours)}" for theirs, ours in mapping.items())
    return f"CASE {text} {listed} END"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, names))
