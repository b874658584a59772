"""Individual emails by a language model behind any server that speaks like OpenAI's."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from segvspers.emails.brief import Brief, Draft
from segvspers.emails.llm.money.account import Account, Api
from segvspers.emails.llm.money.estimate import CostEstimate, RunReport, told
from segvspers.emails.llm.money.prices import NANO, TokenPrices
from segvspers.emails.llm.run.apart import run_apart
from segvspers.emails.llm.run.limits import Bucket, Pace
from segvspers.emails.llm.run.orders import Order, Orders
from segvspers.emails.llm.run.pool import Pool, Stop, Tally
from segvspers.emails.llm.run.progress import Progress
from segvspers.emails.llm.server.endpoint import Endpoint
from segvspers.emails.llm.server.probe import find_profile
from segvspers.emails.llm.server.profile import Profile
from segvspers.emails.llm.server.wire import Wire
from segvspers.emails.run_store import RunStore, StoredAnswer
from segvspers.errors import BudgetError, WriterError

DEFAULT_STORE = "segvspers-emails.sqlite"


class OpenAIWriter:
    """Write individual emails with a language model, by the package `openai`, from any compatible server.

    Parameters
    ----------
    model
        Name of the model, as the server knows it.
    base_url, key_env
        Server, and the name of the environment variable that holds its key; OpenAI and ``OPENAI_API_KEY`` when
        left out. A server on this machine needs no key. Keys are taken from the environment only.
    prices
        What a million tokens cost; of the dated table that comes with the package when left out.
    max_cost_usd
        The most that may ever be spent in `store`, over all runs; None for no cap. Money is reserved before each
        request, so that the cap is never passed.
    store
        File of paid answers, made when missing. Run again after a stop: what is there is not bought again. With None
        answers live in memory only.
    placeholders
        Hold back names and values: the model writes ``{f3}`` and the phrase is put there on this machine.
    quotes
        Show the model what a contact wrote, at most 300 characters; not shown by default.
    max_output_tokens, options
        Longest answer (reasoning counts), and further settings such as ``{"temperature": 0.7}``.
    concurrency
        Most requests under way at once; how many there are is found out by the answers.
    requests_per_minute, tokens_per_minute
        Limits of your account, when the server does not tell them itself.
    timeout_s, max_retries
        Seconds until a request is given up, and how often it is sent again.
    trial
        Emails that `write_emails` writes and audits first; it stops when none of them is usable.
    progress
        Show a bar with cost and time left; None shows it where somebody watches.
    api
        ``responses`` or ``chat``; the first for OpenAI itself and the second for all others when left out.

    Attributes
    ----------
    name
        Stands in the column `writer` of the emails.
    report
        What it has done so far, as a `RunReport`.

    Raises
    ------
    ArgumentError
        When an argument is wrong, no price is known, or the key is not in the environment (when first needed).

    Notes
    -----
    One request a contact, no tools, no memory, ``store: false``. An answer is kept under the hash of its request;
    refusals, answers that were cut off, filtered or of another form have a status of their own, and their cost
    counts. Requests that never brought an answer but may have been billed count as if they were.

    Examples
    --------
    >>> writer = OpenAIWriter(model="gpt-4.1-mini", max_cost_usd=2, store=None)
    >>> writer
    OpenAIWriter(model='gpt-4.1-mini', server='api.openai.com', max_cost_usd=2, store=RunStore(memory, spent $0.0000))
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
        concurrency: int = 64,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        timeout_s: float = 60.0,
        max_retries: int = 5,
        trial: int = 10,
        progress: bool | None = None,
        api: Api | None = None,
    ) -> None:
        self._account = Account.opened(
            "OpenAIWriter", model=model, base_url=base_url, key_env=key_env, prices=prices, price_share=1.0,
            max_cost_usd=max_cost_usd, store=store, placeholders=placeholders, quotes=quotes,
            max_output_tokens=max_output_tokens, options=options, api=api,
            numbers={
                "concurrency": (concurrency, 1), "timeout_s": (timeout_s, 0.01), "max_retries": (max_retries, 0),
                "trial": (trial, 0), "requests_per_minute": (requests_per_minute, 1),
                "tokens_per_minute": (tokens_per_minute, 1),
            },
        )  # fmt: skip
        self._concurrency, self._timeout_s, self._max_retries = concurrency, timeout_s, max_retries
        self._pace = Pace(
            concurrency, time.monotonic, Bucket.per_minute(requests_per_minute), Bucket.per_minute(tokens_per_minute)
        )
        self.name, self.trial, self._progress = model, trial, progress
        self.report: RunReport | None = None
        self._orders: Orders | None = None
        self._pool: Pool | None = None
        self._drafts: dict[str, Draft] = {}
        self._tally = Tally()

    @property
    def store(self) -> RunStore:
        """The file of paid answers."""
        return self._account.store

    @property
    def prices(self) -> TokenPrices:
        """What a million tokens cost, and when that was read."""
        return self._account.prices

    @property
    def max_cost_usd(self) -> float | None:
        """The most that may ever be spent in the store; may be raised to go on."""
        return self._account.max_cost_usd

    @max_cost_usd.setter
    def max_cost_usd(self, value: float | None) -> None:
        self._account.max_cost_usd = value

    def write(self, briefs: Iterable[Brief]) -> list[Draft]:
        """Return one draft a brief, in their order; what the store holds is not bought again.

        Ctrl-C stops after the requests under way, a second one at once; what is finished is kept either way.

        Raises
        ------
        BudgetError
            When the emails would cost, or have cost, as much as they may.
        WriterError
            When the server can't be used; what was bought is kept.
        """
        listed = list(briefs)
        bar = Progress(len(listed), shown=self._progress)
        try:
            return run_apart(
                lambda: self.write_async(listed), on_tick=lambda: bar.show(self._tally), on_interrupt=self._interrupt
            )
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"stopped; {self._kept()}") from None
        finally:
            bar.show(self._tally)
            bar.close()

    async def write_async(self, briefs: Iterable[Brief]) -> list[Draft]:
        """Return what `write` returns, in the loop that is running."""
        listed = list(briefs)
        self._pool, self._drafts, self._tally = None, {}, Tally(n_wanted=len(listed))
        async with AsyncExitStack() as stack:
            wire = _OpenedLater(self._account.endpoint, stack, timeout_s=self._timeout_s, most=self._concurrency)
            self._orders = self._orders or self._account.orders(await self._profile(wire))
            orders = self._orders.of(listed)
            answers = self.store.answers([order.key for order in orders])
            self.store.own((order.key, order.brief.contact_id) for order in orders if order.key in answers)
            missing = list({order.key: order for order in orders if order.key not in answers}.values())
            self._tally.statuses["stored"] += len(orders) - len(missing)
            if missing:
                self._account.check_money(self._account.estimated(len(orders), missing))
                answers |= await self._buy(missing, wire())
        given_up: dict[str, str] = self._pool.given_up if self._pool is not None else {}
        self._reported(len(listed), len(missing))
        drafts = self._drafts
        return [
            drafts[one.key]
            if one.key in drafts
            else self._orders.draft(one, answers.get(one.key), given_up.get(one.key, ""))
            for one in orders
        ]

    def estimate(self, briefs: Iterable[Brief]) -> CostEstimate:
        """Return what writing these briefs would cost; nothing is sent."""
        account = self._account
        return account.estimate(self._orders or account.orders(account.known_profile or account.guess), briefs)

    async def _profile(self, wire: _OpenedLater) -> Profile:
        """Return what the server understands; it is asked once a store."""
        account = self._account
        profile = account.known_profile
        if profile is None:
            profile = await find_profile(wire(), account.requests, account.guess, purse=account.purse)
            account.keep_profile(profile)
        return profile

    async def _buy(self, missing: list[Order], wire: Wire) -> dict[str, StoredAnswer]:
        purse, makes = self._account.purse, self._orders
        assert makes is not None
        order_of = {order.key: order for order in missing}

        def arrived(answer: StoredAnswer) -> None:
            self._drafts[answer.key] = makes.draft(order_of[answer.key], answer, "")

        requests = makes.requests
        self._pace.begin()
        self._pool = pool = Pool(
            wire, requests.path, requests.profile.api, requests.model, purse, self._pace, self._max_retries, arrived,
            tally=self._tally,
        )  # fmt: skip
        await pool.run((order.job(purse) for order in missing), workers=min(self._concurrency, len(missing)))
        if pool.stop is not None:
            self._reported(self._tally.n_wanted, len(missing))
            self._raise(pool.stop)
        return pool.replies

    def _raise(self, stop: Stop) -> None:
        if stop.kind == "money":
            raise BudgetError(
                f"max_cost_usd={self.max_cost_usd} is reached: {told(self.store.spent_usd)} is spent in this store, and one "
                f"more request might pass the cap. {self._kept()}; raise max_cost_usd and run again."
            )
        if stop.kind == "server":
            raise WriterError(f"{stop.why}. {self._kept()}; run again to go on.")

    def _kept(self) -> str:
        where = "in memory" if self.store.path is None else f"in {self.store.path.name}"
        done = self._tally.n_bought + self._tally.statuses["stored"]
        return f"{done:,} of {self._tally.n_wanted:,} answers are kept {where}"

    def _interrupt(self) -> None:
        if self._pool is not None:
            self._pool.stop = self._pool.stop or Stop("user", "stopped by the user")

    def _reported(self, n_emails: int, n_missing: int) -> None:
        tally = self._tally
        statuses = {name: n for name, n in tally.statuses.items() if name != "stored"}
        now = RunReport(
            n_emails, n_emails - n_missing, tally.n_bought, statuses.get("failed", 0), tally.n_attempts, statuses,
            dict(tally.faults), tally.tokens_in, tally.tokens_out, tally.cost_usd, tally.unconfirmed_nano / NANO,
            self._pool.pace.peak if self._pool is not None else 0,
        )  # fmt: skip
        self.report = now if self.report is None else self.report + now

    def __repr__(self) -> str:
        return f"OpenAIWriter({self._account!r})"


class _OpenedLater:
    """A connection that is opened when it is first needed, so that a run out of the store needs no key."""

    def __init__(self, endpoint: Endpoint, stack: AsyncExitStack, *, timeout_s: float, most: int) -> None:
        self._endpoint, self._stack, self._timeout_s, self._most = endpoint, stack, timeout_s, most
        self._wire: Wire | None = None

    def __call__(self) -> Wire:
        if self._wire is None:
            self._wire = Wire(self._endpoint, timeout_s=self._timeout_s, most=self._most)
            self._stack.push_async_callback(self._wire.close)
        return self._wire
