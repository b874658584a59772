"""Batches of a run: sent as files as money allows, found again after a kill, collected in any order."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from segvspers.emails.llm.money.account import Account
from segvspers.emails.llm.money.estimate import told
from segvspers.emails.llm.money.prices import Usage
from segvspers.emails.llm.run.orders import Order, Orders
from segvspers.emails.llm.run.pool import Tally
from segvspers.emails.llm.server.batch_lines import Result, files_of, read_results
from segvspers.emails.llm.server.batch_wire import BatchState, BatchWire
from segvspers.emails.run_batches import BatchBook, Line, OpenBatch
from segvspers.emails.run_store import StoredAnswer
from segvspers.errors import BudgetError, WriterError

TOO_MANY_QUEUED = "token_limit_exceeded"
IN_FILES = "files"
UNANSWERED = "no batch answered it"


@dataclass(slots=True, eq=False)
class Batches:
    """Sends and collects batches.

    Attributes
    ----------
    account, orders, book
        Money and store, maker of requests, and the list of batches under way.
    rounds, most_lines, most_bytes
        How often a request is sent, and the limits of a file.
    tally, given_up, sent
        What happened so far: answers, reasons by request, and how often each was sent.
    """

    account: Account
    orders: Orders
    book: BatchBook
    rounds: int
    most_lines: int
    most_bytes: int
    tally: Tally = field(default_factory=Tally)
    given_up: dict[str, str] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)

    def begin(self, n_wanted: int) -> None:
        """Begin a run of so many emails."""
        self.tally, self.given_up, self.sent = Tally(n_wanted=n_wanted), {}, Counter()

    def missing(self, orders: Sequence[Order]) -> list[Order]:
        """Return what has no answer and is not given up; a contact who stands twice in a list is asked for once."""
        answers = self.account.store.answers([order.key for order in orders])
        self.tally.statuses = Counter({"done": len(answers) + len(self.given_up)})
        once = {order.key: order for order in orders}
        return [one for key, one in once.items() if key not in answers and key not in self.given_up]

    async def step(self, wire: BatchWire, missing: list[Order]) -> bool:
        """Take up, send and collect what can be; tell whether anything moved."""
        for batch in self.book.open():
            if not batch.batch_id:
                await self.find_again(wire, batch)
        waiting = self.book.waiting([order.key for order in missing])
        sent = await self.send(wire, [order for order in missing if order.key not in waiting])
        collected = [await self.look(wire, batch) for batch in self.book.open()]
        return any(collected) or sent

    async def send(self, wire: BatchWire, orders: list[Order]) -> bool:
        """Send as many orders as the money allows, in files of the right size; tell whether any was sent."""
        if not orders:
            return False
        purse, path, any_sent = self.account.purse, self.orders.requests.path, False
        affordable = self._affordable(orders)
        for group, content in files_of(affordable, path, most_lines=self.most_lines, most_bytes=self.most_bytes):
            token = secrets.token_hex(16)
            lines = [Line(one.key, one.brief.contact_id, purse.most(one.n_bytes)) for one in group]
            if not self.book.note(token, lines, cap=purse.cap_nano):
                break
            file_id = await wire.upload(token, content)
            self.book.sent(token, batch_id="", file_id=file_id)
            self.book.sent(token, batch_id=await wire.create(token, file_id, path), file_id=file_id)
            self.sent.update(one.key for one in group)
            any_sent = True
        if not any_sent and not self.book.open():
            raise BudgetError(
                f"max_cost_usd={self.account.max_cost_usd} is reached: {told(self.account.store.spent_usd)} is spent in this store, and "
                "one more request might pass the cap. Raise max_cost_usd and run again."
            )
        return any_sent

    def _affordable(self, orders: list[Order]) -> list[Order]:
        """Return the first orders whose most possible cost fits under the cap together."""
        purse = self.account.purse
        if purse.cap_nano is None:
            return orders
        left, n = purse.cap_nano - self.account.store.spent_nano, 0
        for order in orders:
            left -= purse.most(order.n_bytes)
            if left < 0:
                break
            n += 1
        return orders[:n]

    async def find_again(self, wire: BatchWire, batch: OpenBatch) -> None:
        """Take up a batch that was noted when a run ended before its id was: it was started, or it never was."""
        if batch.file_id == IN_FILES:
            return
        found = await wire.find(batch.token)
        if found is not None:
            self.book.sent(batch.token, batch_id=found[0], file_id=found[1])
            return
        if batch.file_id:
            await wire.delete(batch.file_id)
        self.book.close(batch.token, [])

    async def look(self, wire: BatchWire, batch: OpenBatch) -> bool:
        """Look at a batch, and collect it when it has ended; tell whether it had."""
        if not batch.batch_id:
            return False
        state = await wire.state(batch.batch_id)
        if not state.ended:
            return False
        results = [
            one
            for file in state.files
            for one in read_results(await wire.content(file), api=self.orders.requests.profile.api)
        ]
        self.collect(batch.token, results)
        for file in (*state.files, batch.file_id):
            await wire.delete(file)
        self._check_failed(state, results)
        return True

    def collect(self, token: str, results: Iterable[Result]) -> int:
        """Keep the answers of one batch in one go, and note which lines are given up; return how many were kept."""
        purse, lines = self.account.purse, self.book.lines(token)
        kept: dict[str, tuple[StoredAnswer, str]] = {}
        erased = 0
        for one in results:
            line = lines.get(one.key)
            if one.reply is None:
                self.tally.faults[one.why] += 1
                if not one.again or self.sent[one.key] >= self.rounds:
                    self.given_up[one.key] = one.why
            elif line is None:
                erased += purse.cost(one.reply, 0)
            elif one.key not in kept:
                usage = one.reply.usage or Usage()
                cost = purse.cost(one.reply, line.most_nano)
                answer = StoredAnswer(
                    one.key,
                    one.reply.status,
                    one.reply.text,
                    self.account.model,
                    usage.tokens_in,
                    usage.tokens_out,
                    usage.cached,
                    cost,
                )
                kept[one.key] = (answer, line.contact_id)
                self.tally.count(answer)
        self.book.close(token, list(kept.values()), also_spent=erased)
        for key in lines.keys() - kept.keys():
            if self.sent[key] >= self.rounds:
                self.given_up.setdefault(key, UNANSWERED)
        return len(kept)

    def _check_failed(self, state: BatchState, results: Sequence[Result]) -> None:
        stopped = next((one for one in results if one.stops), None)
        if stopped is not None:
            raise WriterError(f"{stopped.why}; what was answered is kept, run again to go on.")
        if state.status != "failed":
            return
        if TOO_MANY_QUEUED in state.codes and self.most_lines > 1:
            self.most_lines = max(self.most_lines // 2, 1)
            self.given_up = {key: why for key, why in self.given_up.items() if why != UNANSWERED}
            return
        told_codes = ", ".join(state.codes) or "no reason given"
        raise WriterError(f"the server refused a batch ({told_codes}); nothing of it was bought.")
