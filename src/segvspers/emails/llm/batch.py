"""Individual emails by a language model in batches: half the price, up to a day of waiting, lists of any length."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from segvspers._files import replacing
from segvspers.emails.brief import Brief, Draft
from segvspers.emails.llm.money.account import Account, Api
from segvspers.emails.llm.money.estimate import CostEstimate, RunReport
from segvspers.emails.llm.money.prices import BATCH_SHARE, NANO, TokenPrices
from segvspers.emails.llm.run.apart import run_apart
from segvspers.emails.llm.run.batches import IN_FILES, Batches
from segvspers.emails.llm.run.orders import Order
from segvspers.emails.llm.run.progress import Progress
from segvspers.emails.llm.server.batch_lines import MOST_BYTES, MOST_LINES, Result, files_of, read_results
from segvspers.emails.llm.server.batch_wire import BatchWire
from segvspers.emails.llm.writer import DEFAULT_STORE
from segvspers.emails.run_batches import BatchBook, Line
from segvspers.emails.run_store import RunStore
from segvspers.errors import ArgumentError, MissingFileError

AT_ONCE = 2_000


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
        self._account = Account.opened(
            "OpenAIBatchWriter", model=model, base_url=base_url, key_env=key_env, prices=prices, price_share=BATCH_SHARE,
            max_cost_usd=max_cost_usd, store=store, placeholders=placeholders, quotes=quotes,
            max_output_tokens=max_output_tokens, options=options, api=api,
            numbers={
                "poll_s": (poll_s, 0), "rounds": (rounds, 1), "most_lines": (most_lines, 1), "most_bytes": (most_bytes, 10_000),
            },
        )  # fmt: skip
        account = self._account
        self._orders = account.orders(account.known_profile or account.guess)
        self._batches = Batches(account, self._orders, BatchBook(account.store), rounds, most_lines, most_bytes)
        self._poll_s, self._progress = poll_s, progress
        self.name = model
        self.report: RunReport | None = None

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
            return run_apart(work, on_tick=lambda: bar.show(self._batches.tally), on_interrupt=interrupt)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("stopped; batches go on at the server, run again to collect them") from None
        finally:
            bar.show(self._batches.tally)
            bar.close()

    async def write_async(self, briefs: Iterable[Brief]) -> list[Draft]:
        """Return what `write` returns, in the loop that is running."""
        orders = self._orders.of(briefs)
        self._batches.begin(len(orders))
        wire: BatchWire | None = None
        missing = self._batches.missing(orders)
        n_stored = len(orders) - len(missing)
        if missing and not self._batches.book.open():  # what is reserved for open batches is mostly not spent
            self._account.check_money(self._account.estimated(len(orders), missing))
        try:
            while missing := self._batches.missing(orders):
                wire = wire or BatchWire(self._account.endpoint, timeout_s=600)
                if not await self._batches.step(wire, missing):
                    await asyncio.sleep(self._poll_s)
        finally:
            if wire is not None:
                await wire.close()
            self._reported(len(orders), n_stored)
        answers = self.store.answers([order.key for order in orders])
        self.store.own((order.key, order.brief.contact_id) for order in orders if order.key in answers)
        return [
            self._orders.draft(one, answers.get(one.key), self._batches.given_up.get(one.key, "")) for one in orders
        ]

    def _reported(self, n_emails: int, n_stored: int) -> None:
        tally = self._batches.tally
        statuses = {name: n for name, n in tally.statuses.items() if name != "done"} | tally.outcomes
        now = RunReport(
            n_emails, n_stored, tally.n_bought, len(self._batches.given_up), sum(self._batches.sent.values()), statuses, dict(tally.faults),
            tally.tokens_in, tally.tokens_out, tally.cost_nano / NANO, 0.0, 0,
        )  # fmt: skip
        self.report = now if self.report is None else self.report + now

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
        self._batches.given_up = {}
        written, book = [], self._batches.book
        limits = {"most_lines": self._batches.most_lines, "most_bytes": self._batches.most_bytes}
        for group, content in files_of(self._unanswered(briefs), self._orders.requests.path, **limits):
            token = hashlib.sha256("\n".join(one.key for one in group).encode()).hexdigest()
            lines = [Line(one.key, one.brief.contact_id, 0) for one in group]
            if all(batch.token != token for batch in book.open()):
                book.note(token, lines, cap=None)
                book.sent(token, batch_id="", file_id=IN_FILES)
            path = Path(folder) / f"segvspers-{token[:16]}.jsonl"
            with replacing(path) as draft:
                draft.write_bytes(content)
            written.append(path)
        return written

    def _unanswered(self, briefs: Iterable[Brief]) -> Iterator[Order]:
        """Give the orders that the store has no answer to, some thousand in memory at a time; each once."""
        seen: set[str] = set()
        left = iter(briefs)
        while some := list(islice(left, AT_ONCE)):
            for one in self._batches.missing(self._orders.of(some)):
                if one.key not in seen:
                    seen.add(one.key)
                    yield one

    def submit(self, briefs: Iterable[Brief]) -> int:
        """Send the requests that have neither an answer nor a batch, without waiting, and return how many were sent.

        For lists whose briefs don't fit into memory: submit them as they come, such as from `stream_briefs`, and write
        to a file a day later; the answers are then collected once, and bought nowhere twice.

        Raises
        ------
        BudgetError
            When nothing can be sent under the cap.
        WriterError
            When the server can't be used.
        """
        return run_apart(lambda: self._submitted(briefs), on_tick=lambda: None, on_interrupt=lambda: None)

    async def _submitted(self, briefs: Iterable[Brief]) -> int:
        self._batches.begin(0)
        wire = BatchWire(self._account.endpoint, timeout_s=600)
        left = self._unanswered(briefs)
        try:
            while some := list(islice(left, self._batches.most_lines)):
                waiting = self._batches.book.waiting([one.key for one in some])
                fresh = [one for one in some if one.key not in waiting]
                if fresh and not await self._batches.send(wire, fresh):
                    break
        finally:
            await wire.close()
        return self._batches.sent.total()

    def read_results(self, paths: Iterable[str | Path]) -> int:
        """Keep the results of files that `write_requests` wrote, in any order, and return how many there were.

        Raises
        ------
        MissingFileError
            When a file is not there.
        ArgumentError
            When no line belongs to requests that this store wrote.
        """
        n_found = n_kept = 0
        for path in map(Path, paths):
            if not path.is_file():
                raise MissingFileError(f"results: no file at {path}; check the spelling and the folder.")
            results = list(read_results(path.read_bytes(), api=self._orders.requests.profile.api))
            n_found += len(results)
            n_kept += self._kept(results)
        if n_found and not n_kept:
            raise ArgumentError("results: no line answers a request of this store; name the store that wrote them.")
        return n_kept

    def _kept(self, results: Sequence[Result]) -> int:
        """Keep the results of one file, and return how many belong to requests of this store."""
        n_kept = 0
        for batch in self._batches.book.open():
            if batch.file_id == IN_FILES:
                lines = self._batches.book.lines(batch.token)
                of_batch = [one for one in results if one.key in lines]
                n_kept += self._batches.collect(batch.token, of_batch) if of_batch else 0
        return n_kept

    def __repr__(self) -> str:
        return f"OpenAIBatchWriter({self._account!r})"
