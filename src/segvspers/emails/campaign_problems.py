"""What is wrong with a campaign as it was typed: values that do not fit, and words that would not fit a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError

WEEKDAYS = ("weekday", "next_weekday")


def problems_of(error: ValidationError) -> list[str]:
    """Return one sentence a field whose value does not fit; no value is repeated."""
    return [
        f"{'.'.join(map(str, told['loc']))}: {told['msg'].lower().replace('input should', 'it should')}"
        for told in error.errors(include_input=False, include_url=False)
    ]


def problems_between(given: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the words of a campaign, and with fields that must agree."""
    return [*_of_claims(given), *_of_offer(given), *_of_call(given), *_of_message(given)]


def _of_claims(given: Mapping[str, Any]) -> Iterator[str]:
    claims = given.get("claims")
    if not isinstance(claims, Mapping):
        return
    strange = sorted(map(str, set(claims) - set(given.get("topics") or ())))
    if strange:
        yield f"claims are made on {strange}, which are not among the topics; add them there"
    for topic, claim in claims.items():
        if isinstance(claim, str) and claim.rstrip().endswith((".", "!", "?")):
            yield f"claims.{topic}: leave out the mark at the end; the claim stands inside a sentence"


def _of_offer(given: Mapping[str, Any]) -> Iterator[str]:
    offer = given.get("offer")
    if isinstance(offer, str) and offer.rstrip().endswith((".", "!", "?")):
        yield "offer: write it as it fits after 'I can offer you', such as 'a 20-minute review', without a full stop"


def _of_call(given: Mapping[str, Any]) -> Iterator[str]:
    asked = given.get("call_to_action")
    if not isinstance(asked, str) or not asked.strip():
        return
    try:
        named = {name for _, name, _, _ in Formatter().parse(asked) if name is not None}
    except ValueError:
        named = {"{"}
    if named - set(WEEKDAYS):
        yield "call_to_action: only {weekday} and {next_weekday} may stand in curly brackets"
    if not asked.rstrip().endswith((".", "!", "?")) and "://" not in asked.rsplit(maxsplit=1)[-1]:
        yield "call_to_action: end it as a sentence ends, with a full stop or a question mark"


def _of_message(given: Mapping[str, Any]) -> Iterator[str]:
    message = given.get("message")
    if isinstance(message, str) and message.strip() and not message.rstrip().endswith((".", "!", "?")):
        yield "message: write whole sentences, the last one with its full stop; it is printed as it stands"
