"""Money for one request at a time: reserved before it is sent, settled when it is known what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from segvspers.emails.llm.dialogue.reply import Reply
from segvspers.emails.llm.money.prices import TokenPrices
from segvspers.emails.run_store import RunStore
from segvspers.errors import BudgetError

OVERHEAD = 200


@dataclass(slots=True)
class Bill:
    """What a request turned out to cost; the most that it can, until somebody knows better."""

    nano: int


@dataclass(frozen=True, slots=True)
class Purse:
    """The store's money, the prices, and the cap on what may be spent."""

    store: RunStore
    prices: TokenPrices
    cap_nano: int | None
    max_output_tokens: int

    def most(self, n_bytes: int) -> int:
        """Return the most that a request can cost: a text never has more tokens than bytes."""
        return self.prices.most_nano(n_bytes + OVERHEAD, self.max_output_tokens)

    def cost(self, reply: Reply, most: int) -> int:
        """Return what an answer cost; the most that it can when the server did not count."""
        return most if reply.usage is None else self.prices.nano(reply.usage)

    @contextmanager
    def paying(self, n_bytes: int) -> Iterator[Bill]:
        """Reserve for one request, and settle its bill.

        Raises
        ------
        BudgetError
            When the cap would be passed.
        """
        most = self.most(n_bytes)
        if not self.store.reserve(most, cap=self.cap_nano):
            raise BudgetError("max_cost_usd is too little even to ask the server what it understands; raise it.")
        bill = Bill(most)
        try:
            yield bill
        finally:
            self.store.settle(most, bill.nano)
