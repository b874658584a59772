"""The one form of every answer: a constant strict JSON schema, and the same form checked by us.

Fact ids are positions (f1 to f8) in the list that the prompt shows, so that one schema serves all contacts and
a server compiles it once.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from segvspers.emails.llm.dialogue.told import MOST_FACTS

NAME = "Email"
POSITIONS = tuple(f"f{number}" for number in range(1, MOST_FACTS + 1))
ROLES = ("lead", "story", "claim", "offer")
FEWEST_SENTENCES, MOST_SENTENCES = 2, 8
LONGEST_SUBJECT, LONGEST_SENTENCE = 100, 300

_IDS = {"type": "array", "items": {"type": "string", "enum": list(POSITIONS)}, "maxItems": MOST_FACTS}


def _strict(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _schema(*, subject: dict[str, Any], sentence: dict[str, Any]) -> dict[str, Any]:
    item = _strict(
        {
            "role": {"type": "string", "enum": list(ROLES)},
            "fact_ids": _IDS,  # before the text: servers answer in this order, so facts are chosen first
            "text": sentence,
            "opens_paragraph": {"type": "boolean"},
        }
    )
    several = {"type": "array", "minItems": FEWEST_SENTENCES, "maxItems": MOST_SENTENCES, "items": item}
    return _strict({"subject": _strict({"text": subject, "fact_ids": _IDS}), "sentences": several})


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


SCHEMA = _schema(subject={"type": "string"}, sentence={"type": "string"})
# For servers that can hold lengths too; it keeps a weak model from talking until it is cut off.
BOUNDED = _schema(subject=_text(LONGEST_SUBJECT), sentence=_text(LONGEST_SENTENCE))
_FORBID = ConfigDict(extra="forbid", frozen=True, strict=True)
Position = Literal["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8"]


class AnswerSubject(BaseModel):
    """Subject line of an answer."""

    model_config = _FORBID
    text: str = Field(min_length=1, max_length=LONGEST_SUBJECT)
    fact_ids: list[Position] = Field(max_length=MOST_FACTS)


class AnswerSentence(BaseModel):
    """One sentence of an answer, with the positions of the facts that it states."""

    model_config = _FORBID
    role: Literal["lead", "story", "claim", "offer"]
    fact_ids: list[Position] = Field(max_length=MOST_FACTS)
    text: str = Field(min_length=1, max_length=LONGEST_SENTENCE)
    opens_paragraph: bool


class Answer(BaseModel):
    """What a model must answer."""

    model_config = _FORBID
    subject: AnswerSubject
    sentences: list[AnswerSentence] = Field(min_length=FEWEST_SENTENCES, max_length=MOST_SENTENCES)
