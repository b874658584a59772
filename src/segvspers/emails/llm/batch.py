"""Individual emails by a language model in batches: half the price, up to a day of waiting, lists of any length."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from segvspers._files import replacing
from segvspers.emails.brief import Brief, Draft
from segvspers.emails.llm.account import Account, Api, check_numbers
from segvspers.emails.llm.apart import run_apart
from segvspers.emails.llm.batch_lines import MOST_BYTES, MOST_LINES, Result, files_of, read_results
from segvspers.emails.llm.batch_wire import BatchState, BatchWire
from segvspers.emails.llm.endpoint import Endpoint
from segvspers.emails.llm.estimate import CostEstimate, RunReport, told
from segvspers.emails.llm.orders import Order
from segvspers.emails.llm.pool import Tally
from segvspers.emails.llm.prices import BATCH_SHARE, NANO, TokenPrices, Usage, prices_of
from segvspers.emails.llm.progress import Progress
from segvspers.emails.llm.request import check_options
from segvspers.emails.llm.writer import DEFAULT_STORE
from segvspers.emails.run_batches import BatchBook, Line, OpenBatch
from segvspers.emails.run_store import RunStore, StoredAnswer
from segvspers.errors import ArgumentError, BudgetError, MissingFileError, WriterError

TOO_MANY_QUEUED = "token_limit_exceeded"
IN_FILES = "files"
UNANSWERED = "no batch answered it"


class OpenAIBatchWriter:
    """Write individual emails through the Batch API of OpenAI, or as files for `vllm run-batch`.

    Parameters
    ----------
    model, base_url, key_env, max_cost_usd, store, placeholders, quotes, max_output_tokens, options, api
        As for `OpenAIWriter`; both find each other's answers in one store when they ask the same.
    prices
        Of a batch; half of the table that comes with the package when left out.
    poll_s
        Seconds between two looks at the batches.
    rounds
        How often a request is sent when its batch expires or fails on it.
    most_lines, most_bytes
        Limits of one file: 50,000 requests and 200 MB at OpenAI.
    progress
        Show a bar; None shows it where somebody watches.

    Notes
    -----
    Every batch is noted in the store before it is sent, under a token that it bears at the server too. A run that was
    killed finds its batches by these tokens, sends nothing twice, and collects results in whatever order they come.
    Money is reserved for whole files, so that a cap is kept by sending less at a time. Files are deleted from the
    server when they are collected.

    Examples
    --------
    >>> writer = OpenAIBatchWriter(model="gpt-4.1-mini", max_cost_usd=20, store=None)
    >>> writer.prices.input_usd
    0.2
    """

    def __init__(
        self,
        *,
        model: str,
        base_url: str | None = None,
        key_env: str | None = None,
        prices: TokenPrices | None = None,
        max_cost_usd: float | None = 5.0,
        store: str | Path | None = DEFAULT_STORE,
        placeholders: bool = False,
        quotes: bool = False,
        max_output_tokens: int = 1000,
        options: Mapping[str, Any] | None = None,
        api: Api | None = None,
        poll_s: float = 30.0,
        rounds: int = 3,
        most_lines: int = MOST_LINES,
        most_bytes: int = MOST_BYTES,
        progress: bool | None = None,
    ) -> None:
        numbers = {
            "max_output_tokens": (max_output_tokens, 50), "max_cost_usd": (max_cost_usd, 0), "poll_s": (poll_s, 0),
            "rounds": (rounds, 1), "most_lines": (most_lines, 1), "most_bytes": (most_bytes, 10_000),
        }  # fmt: skip
        check_numbers("OpenAIBatchWriter", numbers, model=model, api=api)
        endpoint = Endpoint.of(base_url, key_env)
        if prices is None:
            prices = prices_of(model, host=endpoint.host, openai=endpoint.is_openai).shared(BATCH_SHARE)
        self._account = Account(
            model, endpoint, prices, max_cost_usd, RunStore(store), placeholders, quotes, max_output_tokens,
            check_options(options), api,
        )  # fmt: skip
        account = self._account
        self._orders = account.orders(account.known_profile or account.guess)
        self._book = BatchBook(account.store)
        self._poll_s, self._rounds, self._progress = poll_s, rounds, progress
        self._most_lines, self._most_bytes = most_lines, most_bytes
        self.name = model
        self.report: RunReport | None = None
        self._tally = Tally()
        self._given_up: dict[str, str] = {}
        self._sent: Counter[str] = Counter()

    @property
    def store(self) -> RunStore:
        """The file of paid answers and of batches under way."""
        return self._account.store

    @property
    def prices(self) -> TokenPrices:
        """What a million tokens of a batch cost, and when that was read."""
        return self._account.prices

    def estimate(self, briefs: Iterable[Brief]) -> CostEstimate:
        """Return what writing these briefs would cost; nothing is sent."""
        return self._account.estimate(self._orders, briefs)

    def write(self, briefs: Iterable[Brief]) -> list[Draft]:
        """Return one draft a brief, in their order, after all batches have ended.

        Ctrl-C leaves the batches to the server; the next run collects them.

        Raises
        ------
        BudgetError
            When the emails would cost, or have cost, as much as they may.
        WriterError
            When the server can't be used; what is under way is collected by the next run.
        """
        listed = list(briefs)
        bar = Progress(len(listed), shown=self._progress)
        task: dict[str, asyncio.Task[Any] | None] = {}

        async def work() -> list[Draft]:
            task["it"] = asyncio.current_task()
            return await self.write_async(listed)

        def interrupt() -> None:
            running = task.get("it")
            if running is not None:
                running.cancel()

        try:
            return run_apart(work, on_tick=lambda: bar.show(self._tally), on_interrupt=interrupt)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("stopped; batches go on at the server, run again to collect them") from None
        finally:
            bar.show(self._tally)
            bar.close()

    async def write_async(self, briefs: Iterable[Brief]) -> list[Draft]:
        """Return what `write` returns, in the loop that is running."""
        orders = self._orders.of(briefs)
        self._tally, self._given_up, self._sent = Tally(n_wanted=len(orders)), {}, Counter()
        wire: BatchWire | None = None
        missing = self._missing(orders)
        n_stored = len(orders) - len(missing)
        if missing and not self._book.open():  # what is reserved for open batches is mostly not spent
            self._account.check_money(self._account.estimated(len(orders), missing))
        try:
            while missing := self._missing(orders):
                wire = wire or BatchWire(self._account.endpoint, timeout_s=600)
                for batch in self._book.open():
                    if not batch.batch_id:
                        await self._find_again(wire, batch)
                waiting = self._book.waiting([order.key for order in missing])
                sent = await self._send(wire, [order for order in missing if order.key not in waiting])
                collected = [await self._look(wire, batch) for batch in self._book.open()]
                if not any(collected) and not sent:
                    await asyncio.sleep(self._poll_s)
        finally:
            if wire is not None:
                await wire.close()
            self._reported(len(orders), n_stored)
        answers = self.store.answers([order.key for order in orders])
        self.store.own((order.key, order.brief.contact_id) for order in orders if order.key in answers)
        return [self._orders.draft(one, answers.get(one.key), self._given_up.get(one.key, "")) for one in orders]

    def _missing(self, orders: Sequence[Order]) -> list[Order]:
        """Return what has no answer and is not given up; a contact who stands twice in a list is asked for once."""
        answers = self.store.answers([order.key for order in orders])
        self._tally.statuses = Counter({"done": len(answers) + len(self._given_up)})
        once = {order.key: order for order in orders}
        return [one for key, one in once.items() if key not in answers and key not in self._given_up]

    def _reported(self, n_emails: int, n_stored: int) -> None:
        tally = self._tally
        statuses = {name: n for name, n in tally.statuses.items() if name != "done"} | tally.outcomes
        now = RunReport(
            n_emails, n_stored, tally.n_bought, len(self._given_up), sum(self._sent.values()), statuses, dict(tally.faults),
            tally.tokens_in, tally.tokens_out, tally.cost_nano / NANO, 0.0, 0,
        )  # fmt: skip
        self.report = now if self.report is None else self.report + now

    async def _send(self, wire: BatchWire, orders: list[Order]) -> bool:
        """Send as many orders as the money allows, in files of the right size; tell whether any was sent."""
        if not orders:
            return False
        purse, path, any_sent = self._account.purse, self._orders.requests.path, False
        affordable = self._affordable(orders)
        for group, content in files_of(affordable, path, most_lines=self._most_lines, most_bytes=self._most_bytes):
            token = secrets.token_hex(16)
            lines = [Line(one.key, one.brief.contact_id, purse.most(one.n_bytes)) for one in group]
            if not self._book.note(token, lines, cap=purse.cap_nano):
                break
            file_id = await wire.upload(token, content)
            self._book.sent(token, batch_id="", file_id=file_id)
            self._book.sent(token, batch_id=await wire.create(token, file_id, path), file_id=file_id)
            self._sent.update(one.key for one in group)
            any_sent = True
        if not any_sent and not self._book.open():
            raise BudgetError(
                f"max_cost_usd={self._account.max_cost_usd} is reached: {told(self.store.spent_usd)} is spent in this store, and "
                "one more request might pass the cap. Raise max_cost_usd and run again."
            )
        return any_sent

    def _affordable(self, orders: list[Order]) -> list[Order]:
        """Return the first orders whose most possible cost fits under the cap together."""
        purse = self._account.purse
        if purse.cap_nano is None:
            return orders
        left, n = purse.cap_nano - self.store.spent_nano, 0
        for order in orders:
            left -= purse.most(order.n_bytes)
            if left < 0:
                break
            n += 1
        return orders[:n]

    async def _find_again(self, wire: BatchWire, batch: OpenBatch) -> None:
        """Take up a batch that was noted when a run ended before its id was: it was started, or it never was."""
        if batch.file_id == IN_FILES:
            return
        found = await wire.find(batch.token)
        if found is not None:
            self._book.sent(batch.token, batch_id=found[0], file_id=found[1])
            return
        if batch.file_id:
            await wire.delete(batch.file_id)
        self._book.close(batch.token, [])

    async def _look(self, wire: BatchWire, batch: OpenBatch) -> bool:
        """Look at a batch, and collect it when it has ended; tell whether it had."""
        if not batch.batch_id:
            return False
        state = await wire.state(batch.batch_id)
        if not state.ended:
            return False
        results = [
            one
            for file in state.files
            for one in read_results(await wire.content(file), api=self._orders.requests.profile.api)
        ]
        self._collect(batch.token, results)
        for file in (*state.files, batch.file_id):
            await wire.delete(file)
        self._check_failed(state, results)
        return True

    def _collect(self, token: str, results: Iterable[Result]) -> int:
        """Keep the answers of one batch in one go, and note which lines are given up; return how many were kept."""
        purse, lines = self._account.purse, self._book.lines(token)
        kept: dict[str, tuple[StoredAnswer, str]] = {}
        erased = 0
        for one in results:
            line = lines.get(one.key)
            if one.reply is None:
                self._tally.faults[one.why] += 1
                if not one.again or self._sent[one.key] >= self._rounds:
                    self._given_up[one.key] = one.why
            elif line is None:
                erased += purse.cost(one.reply, 0)
            elif one.key not in kept:
                usage = one.reply.usage or Usage()
                cost = purse.cost(one.reply, line.most_nano)
                answer = StoredAnswer(
                    one.key,
                    one.reply.status,
                    one.reply.text,
                    self.name,
                    usage.tokens_in,
                    usage.tokens_out,
                    usage.cached,
                    cost,
                )
                kept[one.key] = (answer, line.contact_id)
                self._tally.count(answer)
        self._book.close(token, list(kept.values()), also_spent=erased)
        for key in lines.keys() - kept.keys():
            if self._sent[key] >= self._rounds:
                self._given_up.setdefault(key, UNANSWERED)
        return len(kept)

    def _check_failed(self, state: BatchState, results: Sequence[Result]) -> None:
        stopped = next((one for one in results if one.stops), None)
        if stopped is not None:
            raise WriterError(f"{stopped.why}; what was answered is kept, run again to go on.")
        if state.status != "failed":
            return
        if TOO_MANY_QUEUED in state.codes and self._most_lines > 1:
            self._most_lines = max(self._most_lines // 2, 1)
            self._given_up = {key: why for key, why in self._given_up.items() if why != UNANSWERED}
            return
        told_codes = ", ".join(state.codes) or "no reason given"
        raise WriterError(f"the server refused a batch ({told_codes}); nothing of it was bought.")

    def write_requests(self, briefs: Iterable[Brief], folder: str | Path) -> list[Path]:
        """Write the requests that the store has no answer to as files of JSON lines, for `vllm run-batch`.

        Parameters
        ----------
        briefs
            One a contact.
        folder
            Made when missing; the files hold what the model is told of each contact, so delete them afterwards.

        Returns
        -------
        list of pathlib.Path
            Files of at most `most_lines` requests; run each with
            ``vllm run-batch -i FILE -o RESULTS --model MODEL`` and hand the results to `read_results`.
        """
        self._given_up = {}
        missing = self._missing(self._orders.of(briefs))
        written = []
        limits = {"most_lines": self._most_lines, "most_bytes": self._most_bytes}
        for group, content in files_of(missing, self._orders.requests.path, **limits):
            token = hashlib.sha256("\n".join(one.key for one in group).encode()).hexdigest()
            lines = [Line(one.key, one.brief.contact_id, 0) for one in group]
            if all(batch.token != token for batch in self._book.open()):
                self._book.note(token, lines, cap=None)
                self._book.sent(token, batch_id="", file_id=IN_FILES)
            path = Path(folder) / f"segvspers-{token[:16]}.jsonl"
            with replacing(path) as draft:
                draft.write_bytes(content)
            written.append(path)
        return written

    def read_results(self, paths: Iterable[str | Path]) -> int:
        """Keep the results of files that `write_requests` wrote, in any order, and return how many there were.

        Raises
        ------
        MissingFileError
            When a file is not there.
        ArgumentError
            When no line belongs to requests that this store wrote.
        """
        results: list[Result] = []
        for path in map(Path, paths):
            if not path.is_file():
                raise MissingFileError(f"results: no file at {path}; check the spelling and the folder.")
            results += read_results(path.read_bytes(), api=self._orders.requests.profile.api)
        n_kept = 0
        for batch in self._book.open():
            of_batch = [one for one in results if one.key in self._book.lines(batch.token)]
            if batch.file_id == IN_FILES and of_batch:
                n_kept += self._collect(batch.token, of_batch)
        if results and not n_kept:
            raise ArgumentError("results: no line answers a request of this store; name the store that wrote them.")
        return n_kept

    def __repr__(self) -> str:
        return f"OpenAIBatchWriter({self._account!r})"
