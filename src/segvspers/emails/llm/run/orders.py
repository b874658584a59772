"""Briefs as orders: prompt, request and key of each, so that the same brief always finds the answer it has bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from segvspers.emails.brief import Brief, Draft, Sentence
from segvspers.emails.llm.dialogue.draft import draft_of
from segvspers.emails.llm.dialogue.prompt import Prompt, build_prompt
from segvspers.emails.llm.dialogue.quoted import quoted
from segvspers.emails.llm.money.prices import NANO
from segvspers.emails.llm.money.purse import Purse
from segvspers.emails.llm.run.pool import Job
from segvspers.emails.llm.server.request import Requests
from segvspers.emails.run_store import RunStore, StoredAnswer

USUAL_OUT = 300


@dataclass(frozen=True, slots=True)
class Order:
    """One brief with the request that would buy its email."""

    brief: Brief
    prompt: Prompt
    encoded: bytes
    key: str

    @property
    def n_bytes(self) -> int:
        """Length of the request."""
        return len(self.encoded)

    def job(self, purse: Purse) -> Job:
        """Return what a pool needs to buy it."""
        weight = self.n_bytes // 4 + min(USUAL_OUT, purse.max_output_tokens)
        return Job(self.key, self.brief.contact_id, self.encoded, purse.most(self.n_bytes), weight)


class Orders:
    """Makes orders of briefs.

    Two contacts of whom the same would be said to a model get two answers: the second has the sample index 1. Which
    contact has which index is remembered, so that a repair finds the draft that it repairs.
    """

    def __init__(self, requests: Requests, store: RunStore, *, placeholders: bool, quotes: bool) -> None:
        self.requests, self._store = requests, store
        self._placeholders, self._quotes = placeholders, quotes
        self._taken: dict[str, str] = {}

    def of(self, briefs: Iterable[Brief]) -> list[Order]:
        """Return the order of each brief."""
        return [self._order(brief) for brief in briefs]

    def _order(self, brief: Brief) -> Order:
        plain = replace(brief, problems=())
        prompt = build_prompt(plain, placeholders=self._placeholders, quotes=self._quotes)
        order = self._keyed(brief, prompt, self.requests.body(prompt))
        if not brief.problems:
            return order
        before = self._store.answers([order.key]).get(order.key)
        problems = tuple(self._told(one) for one in brief.problems)
        answered = before.text if before is not None else ""
        return self._keyed(brief, prompt, self.requests.body(prompt, answered=answered, problems=problems))

    def _told(self, problem: str) -> str:
        """Return a problem as it may be sent: with placeholders a span of the text could be a name."""
        return quoted(problem.split(":", 1)[0] if self._placeholders else problem, longest=120)

    def _keyed(self, brief: Brief, prompt: Prompt, body: dict[str, Any]) -> Order:
        encoded = self.requests.encoded(body)
        for sample in count():
            key = self.requests.key(encoded, sample=sample)
            if self._taken.setdefault(key, brief.contact_id) == brief.contact_id:
                return Order(brief, prompt, encoded, key)
        raise AssertionError("a free sample index is always found")

    def draft(self, order: Order, answer: StoredAnswer | None, why: str) -> Draft:
        """Return the draft of an answered order, or one that says why there is none."""
        if answer is None:
            return Draft(Sentence("", "subject"), (), status="failed", problems=(why,))
        paid = {
            "tokens_in": answer.tokens_in, "tokens_out": answer.tokens_out, "cost_usd": answer.cost_nano / NANO,
        }  # fmt: skip
        return draft_of(
            answer.status, answer.text, order.brief, order.prompt,
            placeholders=self._placeholders, quotes=self._quotes, paid=paid,
        )  # fmt: skip
