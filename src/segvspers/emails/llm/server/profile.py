"""What a server understands: one request asks, step by step, and the answer is kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Literal

Structured = Literal["json_schema", "json_object", "prompt_only"]
LOWER: dict[str, Structured] = {"json_schema": "json_object", "json_object": "prompt_only"}


@dataclass(frozen=True, slots=True)
class Profile:
    """How to speak to a server.

    Attributes
    ----------
    api
        ``responses`` for OpenAI itself, ``chat`` for everybody else.
    structured
        How the form of the answer is asked for; it is checked by us whatever the server promises.
    max_tokens
        Name of the limit of an answer's length.
    role
        What the server calls instructions: ``system`` or ``developer``.
    store
        Whether ``store: false`` is sent; left out for servers that refuse the word.
    bounded
        Whether the schema holds the lengths of texts too; OpenAI's strict form has no words for them.
    """

    api: Literal["chat", "responses"]
    structured: Structured = "json_schema"
    max_tokens: str = "max_tokens"
    role: Literal["system", "developer"] = "system"
    store: bool = True
    bounded: bool = False

    def to_json(self) -> str:
        """Return the profile as one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Profile:
        """Return the profile that was kept."""
        return cls(**json.loads(text))


OPENAI = Profile("responses", max_tokens="max_output_tokens", role="developer")
OPENAI_CHAT = Profile("chat", max_tokens="max_completion_tokens", role="developer")
CHAT = Profile("chat", bounded=True)


def first_guess(*, is_openai: bool, api: str | None) -> Profile:
    """Return the profile to try first."""
    if is_openai:
        return OPENAI_CHAT if api == "chat" else OPENAI
    return replace(OPENAI, role="system", bounded=True) if api == "responses" else CHAT


def next_guess(profile: Profile, complaint: str) -> Profile | None:
    """Return what to try after a server refused a request, or nothing when all was tried.

    Parameters
    ----------
    profile
        What was tried.
    complaint
        What the server said, in lower case; it decides what is changed, and goes no further.
    """
    if "max_completion_tokens" in complaint and profile.max_tokens == "max_tokens":
        return replace(profile, max_tokens="max_completion_tokens")
    if "max_completion_tokens" in complaint and profile.max_tokens == "max_completion_tokens":
        return replace(profile, max_tokens="max_tokens")
    if "store" in complaint and profile.store:
        return replace(profile, store=False)
    if "developer" in complaint and profile.role == "developer":
        return replace(profile, role="system")
    if profile.structured == "json_schema" and profile.bounded:
        return replace(profile, bounded=False)
    lower = LOWER.get(profile.structured)
    return None if lower is None else replace(profile, structured=lower)
