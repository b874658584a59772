"""A model on a server: how it is asked, what it costs, what may be spent, and where its answers are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from segvspers.emails.brief import Brief
from segvspers.emails.llm.money.estimate import (
    CHARACTERS_A_TOKEN,
    ENOUGH,
    TOKENS_OF_AN_EMAIL,
    CostEstimate,
    expected,
    told,
)
from segvspers.emails.llm.money.prices import NANO, TokenPrices, prices_of
from segvspers.emails.llm.money.purse import Purse
from segvspers.emails.llm.run.orders import Order, Orders
from segvspers.emails.llm.server.endpoint import Endpoint
from segvspers.emails.llm.server.profile import Profile, first_guess
from segvspers.emails.llm.server.request import Requests, check_options
from segvspers.emails.run_store import RunStore
from segvspers.errors import ArgumentError, BudgetError, raise_all

Api = Literal["chat", "responses"]


def _check(owner: str, numbers: Mapping[str, tuple[Any, float]], *, model: str, api: str | None) -> None:
    """Raise one error that lists every setting which is no number or too small, and a model or API that is none."""
    problems = [
        f"{name}={value!r} must be a number of at least {least:g}"
        for name, (value, least) in numbers.items()
        if value is not None and not (isinstance(value, int | float) and value >= least)
    ]
    if api not in {None, "chat", "responses"}:
        problems.append(f"api={api!r} is none of 'chat' and 'responses'")
    if not model:
        problems.append("model is empty; name one that the server has")
    raise_all(owner, problems, error=ArgumentError)


@dataclass(slots=True)
class Account:
    """What every writer by a model knows of its server and its money."""

    model: str
    endpoint: Endpoint
    prices: TokenPrices
    max_cost_usd: float | None
    store: RunStore
    placeholders: bool
    quotes: bool
    max_output_tokens: int
    options: Mapping[str, Any]
    api: Api | None

    @classmethod
    def opened(
        cls,
        owner: str,
        *,
        model: str,
        base_url: str | None,
        key_env: str | None,
        prices: TokenPrices | None,
        price_share: float,
        max_cost_usd: float | None,
        store: str | Path | None,
        placeholders: bool,
        quotes: bool,
        max_output_tokens: int,
        options: Mapping[str, Any] | None,
        api: Api | None,
        numbers: Mapping[str, tuple[Any, float]],
    ) -> Account:
        """Return the account of a writer called `owner`, or raise every problem of its settings at once.

        `numbers` are settings of the writer itself with the least that each may be; `price_share` is the share of the
        table's prices that it pays when none are given.
        """
        shared = {"max_output_tokens": (max_output_tokens, 50), "max_cost_usd": (max_cost_usd, 0)}
        _check(owner, {**shared, **numbers}, model=model, api=api)
        endpoint = Endpoint.of(base_url, key_env)
        if prices is None:
            listed = prices_of(model, host=endpoint.host, openai=endpoint.is_openai)
            prices = listed if price_share == 1 else listed.shared(price_share)
        return cls(
            model, endpoint, prices, max_cost_usd, RunStore(store), placeholders, quotes, max_output_tokens,
            check_options(options), api,
        )  # fmt: skip

    @property
    def purse(self) -> Purse:
        """The store's money under the cap."""
        cap = None if self.max_cost_usd is None else int(self.max_cost_usd * NANO)
        return Purse(self.store, self.prices, cap, self.max_output_tokens)

    @property
    def guess(self) -> Profile:
        """What the server understands as far as anybody can tell without asking."""
        return first_guess(is_openai=self.endpoint.is_openai, api=self.api)

    @property
    def known_profile(self) -> Profile | None:
        """What the server was found to understand, or nothing when it was not asked yet."""
        kept = self.store.profile(self._profile_name)
        return None if kept is None else Profile.from_json(kept)

    def keep_profile(self, profile: Profile) -> None:
        """Keep what the server understands for the next run."""
        self.store.keep_profile(self._profile_name, profile.to_json())

    @property
    def _profile_name(self) -> str:
        return f"{self.endpoint.base_url}|{self.model}|{self.api or ''}"

    def requests(self, profile: Profile) -> Requests:
        """Return the builder of requests for a profile."""
        return Requests(self.endpoint.base_url, self.model, profile, self.max_output_tokens, self.options)

    def orders(self, profile: Profile) -> Orders:
        """Return the maker of orders for a profile."""
        return Orders(self.requests(profile), self.store, placeholders=self.placeholders, quotes=self.quotes)

    def estimate(self, orders: Orders, briefs: Iterable[Brief]) -> CostEstimate:
        """Return what writing some briefs would cost; nothing is sent."""
        made = orders.of(briefs)
        stored = self.store.answers([order.key for order in made])
        return self.estimated(len(made), [order for order in made if order.key not in stored])

    def estimated(self, n_emails: int, missing: list[Order]) -> CostEstimate:
        """Return what the missing orders would cost, by the answers seen so far or else by their characters."""
        n_seen, mean_in, mean_out = self.store.usual(self.model)
        seen, n = n_seen >= ENOUGH, len(missing)
        tokens_in = mean_in * n if seen else sum(order.n_bytes for order in missing) / CHARACTERS_A_TOKEN
        tokens_out = (mean_out if seen else TOKENS_OF_AN_EMAIL) * n
        most = sum(self.purse.most(order.n_bytes) for order in missing)
        return CostEstimate(
            self.model, n_emails, n_emails - n, round(tokens_in), round(tokens_out),
            expected(self.prices, tokens_in, tokens_out), most / NANO, self.store.spent_usd, self.max_cost_usd, n_seen,
            self.prices.read_on, self.prices.source,
        )  # fmt: skip

    def check_money(self, estimate: CostEstimate) -> None:
        """Refuse to begin what the cap will not let end.

        Raises
        ------
        BudgetError
            When the expected cost does not fit under the cap.
        """
        if not estimate.fits:
            raise BudgetError(
                f"{estimate.n_to_buy:,} emails would cost about {told(estimate.expected_usd)}, and {told(estimate.spent_usd)} "
                f"is spent in this store already: more than max_cost_usd={self.max_cost_usd}. Nothing was bought now; raise "
                "max_cost_usd, write fewer emails, or name another store."
            )

    def __repr__(self) -> str:
        return f"model={self.model!r}, server={self.endpoint.host!r}, max_cost_usd={self.max_cost_usd!r}, store={self.store!r}"
