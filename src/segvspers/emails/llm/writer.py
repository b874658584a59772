"""Individual emails by a language model behind any server that speaks like OpenAI's."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from segvspers.emails.brief import Brief, Draft
from segvspers.emails.llm.apart import run_apart
from segvspers.emails.llm.endpoint import Endpoint
from segvspers.emails.llm.estimate import (
    CHARACTERS_A_TOKEN,
    ENOUGH,
    TOKENS_OF_AN_EMAIL,
    CostEstimate,
    RunReport,
    expected,
    told,
)
from segvspers.emails.llm.limits import Bucket, Pace
from segvspers.emails.llm.orders import Order, Orders
from segvspers.emails.llm.pool import Pool, Stop, Tally
from segvspers.emails.llm.prices import NANO, TokenPrices, prices_of
from segvspers.emails.llm.probe import find_profile
from segvspers.emails.llm.profile import Profile, first_guess
from segvspers.emails.llm.progress import Progress
from segvspers.emails.llm.purse import Purse
from segvspers.emails.llm.request import Requests, check_options
from segvspers.emails.llm.wire import Wire
from segvspers.emails.run_store import RunStore
from segvspers.errors import ArgumentError, BudgetError, WriterError, raise_all

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
        api: Literal["chat", "responses"] | None = None,
    ) -> None:
        numbers = {
            "max_output_tokens": (max_output_tokens, 50), "concurrency": (concurrency, 1), "timeout_s": (timeout_s, 0.01),
            "max_retries": (max_retries, 0), "trial": (trial, 0), "max_cost_usd": (max_cost_usd, 0),
            "requests_per_minute": (requests_per_minute, 1), "tokens_per_minute": (tokens_per_minute, 1),
        }  # fmt: skip
        problems = [
            f"{name}={value!r} must be a number of at least {least}"
            for name, (value, least) in numbers.items()
            if value is not None and not (isinstance(value, int | float) and value >= least)
        ]
        if api not in {None, "chat", "responses"}:
            problems.append(f"api={api!r} is none of 'chat' and 'responses'")
        if not model:
            problems.append("model is empty; name one that the server has")
        raise_all("OpenAIWriter", problems, error=ArgumentError)
        self.model, self.max_cost_usd, self.trial = model, max_cost_usd, trial
        self.endpoint = Endpoint.of(base_url, key_env)
        self.prices = prices or prices_of(model, host=self.endpoint.host, openai=self.endpoint.is_openai)
        self.placeholders, self.quotes = placeholders, quotes
        self.max_output_tokens, self._options = max_output_tokens, check_options(options)
        self._concurrency, self._timeout_s, self._max_retries = concurrency, timeout_s, max_retries
        self._rates = (requests_per_minute, tokens_per_minute)
        self._progress, self._api = progress, api
        self.store = RunStore(store)
        self.name = model
        self.report: RunReport | None = None
        self._orders: Orders | None = None
        self._pool: Pool | None = None
        self._tally = Tally()

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
        self._pool, self._tally = None, Tally(n_wanted=len(listed))
        wire: Wire | None = None
        try:
            if self._orders is None:
                profile = self._known_profile()
                if profile is None:
                    wire = self._wire()
                    profile = await self._find_profile(wire)
                self._orders = self._make_orders(profile)
            orders = self._orders.of(listed)
            answers = self.store.answers([order.key for order in orders])
            self.store.own((order.key, order.brief.contact_id) for order in orders if order.key in answers)
            missing = [order for order in orders if order.key not in answers]
            self._tally.statuses["stored"] += len(orders) - len(missing)
            if missing:
                self._check_money(self._estimated(orders, missing))
                wire = wire or self._wire()
                answers |= await self._buy(missing, wire)
        finally:
            if wire is not None:
                await wire.close()
        given_up: dict[str, str] = self._pool.given_up if self._pool is not None else {}
        self._reported(len(listed), len(missing))
        assert self._orders is not None
        return [self._orders.draft(one, answers.get(one.key), given_up.get(one.key, "")) for one in orders]

    def estimate(self, briefs: Iterable[Brief]) -> CostEstimate:
        """Return what writing these briefs would cost; nothing is sent."""
        orders = (self._orders or self._make_orders(self._known_profile() or self._guess())).of(briefs)
        stored = self.store.answers([order.key for order in orders])
        return self._estimated(orders, [order for order in orders if order.key not in stored])

    async def _buy(self, missing: list[Order], wire: Wire) -> dict[str, Any]:
        assert self._orders is not None
        requests = self._orders.requests
        per_request, per_token = self._rates
        pace = Pace(self._concurrency, time.monotonic, Bucket.per_minute(per_request), Bucket.per_minute(per_token))
        purse = self._purse()
        self._pool = pool = Pool(
            wire, requests.path, requests.profile.api, self.model, purse, pace, self._max_retries, tally=self._tally
        )
        jobs = (order.job(purse) for order in missing)
        await pool.run(jobs, workers=min(self._concurrency, len(missing)))
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

    def _estimated(self, orders: list[Order], missing: list[Order]) -> CostEstimate:
        n_seen, mean_in, mean_out = self.store.usual(self.model)
        counted = sum(order.n_bytes for order in missing) / CHARACTERS_A_TOKEN
        tokens_in = mean_in * len(missing) if n_seen >= ENOUGH else counted
        tokens_out = (mean_out if n_seen >= ENOUGH else TOKENS_OF_AN_EMAIL) * len(missing)
        purse = self._purse()
        most = sum(purse.most(order.n_bytes) for order in missing)
        return CostEstimate(
            self.model, len(orders), len(orders) - len(missing), round(tokens_in), round(tokens_out),
            expected(self.prices, 1, tokens_in, tokens_out), most / NANO, self.store.spent_usd, self.max_cost_usd, n_seen,
            self.prices.read_on, self.prices.source,
        )  # fmt: skip

    def _check_money(self, estimate: CostEstimate) -> None:
        if not estimate.fits:
            raise BudgetError(
                f"{estimate.n_to_buy:,} emails would cost about {told(estimate.expected_usd)}, and {told(estimate.spent_usd)} "
                f"is spent in this store already: more than max_cost_usd={self.max_cost_usd}. Nothing was bought now; raise "
                "max_cost_usd, write fewer emails, or name another store."
            )

    def _purse(self) -> Purse:
        cap = None if self.max_cost_usd is None else int(self.max_cost_usd * NANO)
        return Purse(self.store, self.prices, cap, self.max_output_tokens)

    def _guess(self) -> Profile:
        return first_guess(is_openai=self.endpoint.is_openai, api=self._api)

    def _known_profile(self) -> Profile | None:
        kept = self.store.profile(self._profile_name)
        return None if kept is None else Profile.from_json(kept)

    @property
    def _profile_name(self) -> str:
        return f"{self.endpoint.base_url}|{self.model}|{self._api or ''}"

    async def _find_profile(self, wire: Wire) -> Profile:
        profile = await find_profile(wire, self._requests, self._guess(), purse=self._purse())
        self.store.keep_profile(self._profile_name, profile.to_json())
        return profile

    def _requests(self, profile: Profile) -> Requests:
        return Requests(self.endpoint.base_url, self.model, profile, self.max_output_tokens, self._options)

    def _make_orders(self, profile: Profile) -> Orders:
        return Orders(self._requests(profile), self.store, placeholders=self.placeholders, quotes=self.quotes)

    def _wire(self) -> Wire:
        return Wire(self.endpoint, timeout_s=self._timeout_s, most=self._concurrency)

    def __repr__(self) -> str:
        return (
            f"OpenAIWriter(model={self.model!r}, server={self.endpoint.host!r}, max_cost_usd={self.max_cost_usd!r}, "
            f"store={self.store!r})"
        )
