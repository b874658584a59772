"""A prompt as the bytes that are sent, and the key under which their answer is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from segvspers.emails.llm.dialogue.prompt import VERSION, Prompt
from segvspers.emails.llm.dialogue.schema import BOUNDED, NAME, SCHEMA
from segvspers.emails.llm.server.profile import Profile
from segvspers.errors import ArgumentError

RESERVED = {"model", "messages", "input", "instructions", "response_format", "text", "store", "stream", "n", "tools"}
PATHS = {"chat": "/chat/completions", "responses": "/responses"}
IN_WORDS = "\nAnswer with one JSON object of this JSON schema, and with nothing before or after it:\n" + json.dumps(
    SCHEMA, separators=(",", ":")
)
REPAIR = (
    "Your email can't be sent. Wrong in it: {problems}. Write it again with only what the facts and the campaign say; "
    "name the facts of every sentence in fact_ids. Leave out what you can't support."
)


@dataclass(frozen=True)
class Requests:
    """Builds requests of one model on one server; the same prompt gives the same bytes and the same key.

    Attributes
    ----------
    base_url, model, profile
        Server, model and what the server understands.
    max_output_tokens
        Longest answer.
    options
        Further settings of the request, such as ``{"temperature": 0.7}``.
    """

    base_url: str
    model: str
    profile: Profile
    max_output_tokens: int
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Path below the base URL."""
        return PATHS[self.profile.api]

    def body(self, prompt: Prompt, *, answered: str = "", problems: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the request; with `problems` it asks for a repair of what was `answered` before."""
        instructions = prompt.instructions + ("" if self.profile.structured == "json_schema" else IN_WORDS)
        talk = [{"role": "user", "content": prompt.data}]
        if problems:
            talk += [
                {"role": "assistant", "content": answered},
                {"role": "user", "content": REPAIR.format(problems="; ".join(problems))},
            ]
        if self.profile.api == "responses":
            said: dict[str, Any] = {"instructions": instructions, "input": talk}
        else:
            said = {"messages": [{"role": self.profile.role, "content": instructions}, *talk]}
        return {"model": self.model, **said, **self._form, **self.options}

    @cached_property
    def _form(self) -> dict[str, Any]:
        """Return what is the same in every request."""
        form: dict[str, Any] = {self.profile.max_tokens: self.max_output_tokens}
        if self.profile.store:
            form["store"] = False
        strict = {"name": NAME, "strict": True, "schema": BOUNDED if self.profile.bounded else SCHEMA}
        wanted: dict[str, Any] | None = {
            "json_schema": {"type": "json_schema", **strict}
            if self.profile.api == "responses"
            else {"type": "json_schema", "json_schema": strict},
            "json_object": {"type": "json_object"},
            "prompt_only": None,
        }[self.profile.structured]
        if wanted is not None:
            form |= {"text": {"format": wanted}} if self.profile.api == "responses" else {"response_format": wanted}
        return form

    def encoded(self, body: Mapping[str, Any]) -> bytes:
        """Return the canonical bytes of a request."""
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def key(self, encoded: bytes, *, sample: int = 0) -> str:
        """Return the hash of all that determines an answer: server, prompt version, request and sample index."""
        head = f"{VERSION}|{self.base_url}|{self.profile.api}|{sample}|".encode()
        return hashlib.sha256(head + encoded).hexdigest()


def check_options(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the user's options, or refuse those that are ours to set."""
    given = dict(options or {})
    ours = sorted(set(given) & RESERVED)
    if ours:
        raise ArgumentError(f"options: {ours} are set by the writer and can't be given; use its own arguments.")
    return dict(sorted(given.items()))
