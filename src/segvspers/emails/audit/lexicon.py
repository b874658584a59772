"""Which fields of a fact a noun or a verb of the text may state: the two in "two of five emails" is no purchase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Fields = frozenset[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words of a text, and the fields that a value beside them may state.

    Attributes
    ----------
    nouns
        Fields by the noun that a number counts, in the singular; ``part`` is the two of "two of five".
    verbs
        Fields by the verb that stands nearest to a value.
    deeds
        Kinds of facts by the verb that stands nearest to a day.
    counted
        Nouns that may count the facts themselves, with the kinds that they count.
    wholes
        Pairs of a field and the field that it is a share of.
    """

    nouns: Mapping[str, Fields]
    verbs: Mapping[str, Fields] = field(default_factory=dict)
    deeds: Mapping[str, Fields] = field(default_factory=dict)
    counted: Mapping[str, Fields] = field(default_factory=dict)
    wholes: tuple[tuple[str, str], ...] = ()


def _fields(**words: str) -> dict[str, Fields]:
    return {word: frozenset(names.split()) for word, names in words.items()}


EMAILS = Lexicon(
    nouns=_fields(
        part="opened clicked", whole="sent", email="opened clicked sent", message="opened clicked sent", newsletter="opened clicked sent",
        time="n_purchases views n_meetings opened clicked", order="n_purchases", purchase="n_purchases", renewal="n_purchases",
        product="n_products", page="views", view="views", visit="views", link="clicked", click="clicked", meeting="n_meetings",
        call="n_meetings", year="years", day="days_left days_since usual_gap_days", week="days_left days_since usual_gap_days",
        month="days_left days_since usual_gap_days", company="n_peers", peer="n_peers", contact="n_peers",
    ),
    verbs=_fields(
        asked="asked_on", answered="answered_on", opened="opened_on opened sent", open="opened sent", clicked="clicked sent",
        followed="clicked sent", asking="asked_on", sent="asked_on", renewed="last_on", renewing="last_on", recently="last_on",
        raised="opened_on", reported="opened_on",
        solved="solved_on", resolved="solved_on", fixed="solved_on", closed="solved_on",
    ),
    deeds=_fields(
        bought="purchase spending deal", ordered="purchase spending deal", purchased="purchase spending deal",
        buying="purchase spending deal", renewed="purchase deal", renewing="purchase deal", canceled="cancel", cancelled="cancel",
        ended="cancel", joined="tenure milestone", signed="tenure milestone", came="tenure milestone", asked="question",
        answered="question", talked="conversation meeting", spoke="conversation meeting", met="meeting", looked="interest",
        visited="interest", look="interest", followed="clicks", clicked="clicks", wrote="question reply", writing="reply", replied="reply",
        solved="ticket", closed="ticket", raised="ticket", reported="ticket", opened="engagement ticket", decided="deal",
        choosing="deal",
    ),
    counted=_fields(
        question="question", ticket="ticket", topic="engagement interest clicks conversation question", product="purchase",
        purchase="purchase", order="purchase", thing="engagement interest clicks question conversation ticket purchase",
    ),
    wholes=(("opened", "sent"), ("clicked", "sent")),
)  # fmt: skip
