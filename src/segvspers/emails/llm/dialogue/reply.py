"""What a server answered, as one of a few outcomes; the tokens are counted whatever it was."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from segvspers.emails.llm.dialogue.schema import SCHEMA, Answer
from segvspers.emails.llm.money.prices import Usage

# An answer is one of these; the first alone can become an email.
ANSWERED, REFUSED, FILTERED, TRUNCATED, MALFORMED = "answered", "refused", "filtered", "truncated", "malformed"
FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """One outcome, the text as it came, and the tokens; `usage` is None when the server did not count."""

    status: str
    text: str
    usage: Usage | None


def read_reply(payload: bytes, *, api: str) -> Reply:
    """Return the outcome of a response body of either API."""
    try:
        told = json.loads(payload)
        return _read_responses(told) if api == "responses" else _read_chat(told)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return Reply(MALFORMED, "", None)


def _read_chat(told: dict[str, Any]) -> Reply:
    usage = _usage(told.get("usage"), "prompt_tokens", "completion_tokens", "prompt_tokens_details")
    choice = told["choices"][0]
    message, reason = choice["message"], choice.get("finish_reason")
    text = message.get("content") or ""
    if message.get("refusal"):
        return Reply(REFUSED, "", usage)
    if reason == "content_filter":
        return Reply(FILTERED, "", usage)
    if reason == "length":
        return Reply(TRUNCATED, text, usage)
    return Reply(checked(text), text, usage)


def _read_responses(told: dict[str, Any]) -> Reply:
    usage = _usage(told.get("usage"), "input_tokens", "output_tokens", "input_tokens_details")
    parts = [part for item in told["output"] if item.get("type") == "message" for part in item.get("content", ())]
    text = "".join(part.get("text", "") for part in parts if part.get("type") == "output_text")
    if any(part.get("type") == "refusal" for part in parts):
        return Reply(REFUSED, "", usage)
    if told.get("status") == "incomplete":
        filtered = (told.get("incomplete_details") or {}).get("reason") == "content_filter"
        return Reply(FILTERED, "", usage) if filtered else Reply(TRUNCATED, text, usage)
    return Reply(checked(text), text, usage)


def _usage(told: dict[str, Any] | None, tokens_in: str, tokens_out: str, details: str) -> Usage | None:
    if not told or not isinstance(told.get(tokens_in), int):
        return None
    more = told.get(details) or {}
    cached, write = more.get("cached_tokens") or 0, more.get("cache_write_tokens") or 0
    return Usage(told[tokens_in], told.get(tokens_out) or 0, cached, write)


def checked(text: str) -> str:
    """Return whether a text is an answer of the right form."""
    return MALFORMED if parse(text) is None else ANSWERED


def has_form(text: str) -> bool:
    """Tell whether a text is JSON with the keys of an answer, whatever stands in them."""
    fenced = FENCE.match(text)
    try:
        told = json.loads(fenced.group(1) if fenced else text)
    except ValueError:
        return False
    return isinstance(told, dict) and set(told) == set(SCHEMA["properties"])


def parse(text: str) -> Answer | None:
    """Return a text as an answer, or nothing when it has another form; a code fence around it is taken off."""
    fenced = FENCE.match(text)
    try:
        return Answer.model_validate_json(fenced.group(1) if fenced else text)
    except ValidationError:
        return None
