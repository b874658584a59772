"""Prices of models: dated inputs, read from a table with its source or given by the user; money in whole nano-dollars."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from importlib.resources import files

from segvspers.errors import ArgumentError

NANO = 1_000_000_000
SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")
BATCH_SHARE = 0.5
LOCAL = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer; `cached` and `cache_write` are parts of `tokens_in`."""

    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """US dollars for a million tokens, with the day on which they were read and where.

    Parameters
    ----------
    input_usd, output_usd
        Of the prompt, and of the answer (reasoning counts as answer).
    cached_usd, cache_write_usd
        Of prompt tokens that the server had kept, and that it keeps from now on; as `input_usd` when left out.
    read_on, source
        Day, such as ``"2026-11-25"``, and where the prices stood.

    Examples
    --------
    >>> TokenPrices(input_usd=0.4, output_usd=1.6, cached_usd=0.1).cost_usd(tokens_in=700, tokens_out=250, cached=500)
    0.00053
    """

    input_usd: float
    output_usd: float
    cached_usd: float | None = None
    cache_write_usd: float | None = None
    read_on: str = ""
    source: str = "given by the user"

    def __post_init__(self) -> None:
        """Refuse amounts that can't be prices."""
        given = (self.input_usd, self.output_usd, self.cached_usd, self.cache_write_usd)
        if any(amount is not None and not 0 <= amount < 1e5 for amount in given):
            raise ArgumentError("TokenPrices: prices are US dollars for a million tokens, 0 or more.")

    def nano(self, usage: Usage) -> int:
        """Return the cost of an answer in nano-dollars, rounded up."""
        cached = self.input_usd if self.cached_usd is None else self.cached_usd
        write = self.input_usd if self.cache_write_usd is None else self.cache_write_usd
        plain = max(usage.tokens_in - usage.cached - usage.cache_write, 0)
        micro = (
            plain * self.input_usd + usage.cached * cached + usage.cache_write * write
            + usage.tokens_out * self.output_usd
        )  # fmt: skip
        return -int(-round(micro * 1000, 3) // 1)

    def most_nano(self, tokens_in: int, tokens_out: int) -> int:
        """Return the most that a request can cost: nothing cached, and all of it kept at the dearer price."""
        dear = max(self.input_usd, self.cache_write_usd or 0.0, self.cached_usd or 0.0)
        return -int(-(tokens_in * dear + tokens_out * self.output_usd) * 1000 // 1)

    def cost_usd(self, *, tokens_in: int, tokens_out: int, cached: int = 0) -> float:
        """Return the cost of an answer in US dollars."""
        return self.nano(Usage(tokens_in, tokens_out, cached)) / NANO

    def shared(self, share: float) -> TokenPrices:
        """Return these prices times a share, such as that of a batch."""
        parts = (self.input_usd, self.output_usd, self.cached_usd, self.cache_write_usd)
        input_usd, output_usd, cached, write = (None if part is None else part * share for part in parts)
        return TokenPrices(input_usd or 0.0, output_usd or 0.0, cached, write, self.read_on, self.source)


FREE = TokenPrices(0.0, 0.0, source="a server of your own")


def known_prices() -> dict[str, TokenPrices]:
    """Return the table of prices that comes with the package, by model."""
    text = (files("segvspers.emails.llm.money") / "prices.csv").read_text(encoding="utf-8")
    return {
        row["model"]: TokenPrices(
            float(row["input_usd"]), float(row["output_usd"]), float(row["cached_usd"]),
            float(row["cache_write_usd"]), row["read_on"], row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    }  # fmt: skip


def prices_of(model: str, *, host: str, openai: bool) -> TokenPrices:
    """Return the prices of a model: of the table for OpenAI itself, nothing for a server on this machine.

    Raises
    ------
    ArgumentError
        When no price is known: without one no money cap can hold.
    """
    if host in LOCAL:
        return FREE
    known = known_prices() if openai else {}
    found = known.get(SNAPSHOT.sub("", model))
    if found is None:
        raise ArgumentError(
            f"no price is known for model={model!r} at {host}; give what it costs a million tokens with "
            "prices=sv.TokenPrices(input_usd=..., output_usd=...), with zeros for a server of your own."
            + (f" Prices are known for {sorted(known)}." if known else "")
        )
    return found
