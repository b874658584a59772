"""What a run will cost, before it is paid for, and what it did cost afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._display import count, html_finding, money, plural
from segvspers.emails.llm.money.prices import NANO, TokenPrices, Usage

if TYPE_CHECKING:
    import pandas as pd

CHARACTERS_A_TOKEN = 4
TOKENS_OF_AN_EMAIL = 250
ENOUGH = 5


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """Expected cost of the emails that a run would buy.

    Attributes
    ----------
    model
        The model that would write.
    n_emails, n_stored
        Emails asked for, and those that are paid for already.
    tokens_in, tokens_out
        Expected in all, for the emails to be bought.
    expected_usd, most_usd
        Expected cost, and the most that the requests can cost if every answer were as long as it may be.
    spent_usd, max_cost_usd
        Spent so far in this store, and the cap on all that is ever spent there.
    n_seen
        Answers of this model whose tokens the estimate rests on; with fewer than five it counts characters.
    prices_on, source
        When and where the prices were read.
    """

    model: str
    n_emails: int
    n_stored: int
    tokens_in: int
    tokens_out: int
    expected_usd: float
    most_usd: float
    spent_usd: float
    max_cost_usd: float | None
    n_seen: int
    prices_on: str
    source: str

    @property
    def n_to_buy(self) -> int:
        """Emails that would be bought."""
        return self.n_emails - self.n_stored

    @property
    def fits(self) -> bool:
        """Whether the expected cost stays under the cap."""
        return self.max_cost_usd is None or self.spent_usd + self.expected_usd <= self.max_cost_usd

    def to_frame(self) -> pd.DataFrame:
        """Return the estimate as one row."""
        import pandas as pd

        names = list(self.__dataclass_fields__)
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def summary(self) -> str:
        """Return the estimate in one or two sentences."""
        stored = f"; {count(self.n_stored)} more are paid for already" if self.n_stored else ""
        basis = (
            f"{count(self.n_seen)} answers seen"
            if self.n_seen >= ENOUGH
            else f"{CHARACTERS_A_TOKEN} characters a token and {TOKENS_OF_AN_EMAIL} tokens an email"
        )
        priced = f"prices of {self.prices_on}, {self.source}" if self.prices_on else f"prices: {self.source}"
        cap = "" if self.max_cost_usd is None else f" Spent so far {told(self.spent_usd)} of {told(self.max_cost_usd)}."
        return (
            f"{plural(self.n_to_buy, 'email')} by {self.model} should cost about {told(self.expected_usd)}, at most "
            f"{told(self.most_usd)}{stored}. By {basis}; {priced}.{cap}"
        )

    def _repr_html_(self) -> str:
        return html_finding("Cost before the run", self.summary(), self.to_frame())


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a writer has done so far.

    Attributes
    ----------
    n_emails, n_stored, n_bought, n_failed
        Emails asked for, answers that were paid for before, bought now, and never answered.
    n_attempts
        Requests sent, repeats included.
    statuses, faults
        Count of each outcome of an answer, and of each reason why a request was repeated or given up.
    tokens_in, tokens_out, cost_usd, unconfirmed_usd
        Of these emails; unconfirmed are requests without an answer that may have been billed all the same.
    peak
        Most requests under way at once.
    """

    n_emails: int
    n_stored: int
    n_bought: int
    n_failed: int
    n_attempts: int
    statuses: dict[str, int]
    faults: dict[str, int]
    tokens_in: int
    tokens_out: int
    cost_usd: float
    unconfirmed_usd: float
    peak: int

    def __add__(self, other: RunReport) -> RunReport:
        """Return both together."""
        summed = {
            name: getattr(self, name) + getattr(other, name)
            for name in self.__dataclass_fields__
            if name not in {"statuses", "faults", "peak"}
        }
        return RunReport(
            **summed, statuses=_merged(self.statuses, other.statuses), faults=_merged(self.faults, other.faults),
            peak=max(self.peak, other.peak),
        )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row an outcome."""
        import pandas as pd

        rows = [("outcome", *item) for item in sorted(self.statuses.items())]
        rows += [("fault", *item) for item in sorted(self.faults.items())]
        return pd.DataFrame(rows, columns=["what", "which", "n"])

    def summary(self) -> str:
        """Return what happened in one or two sentences."""
        bad = {name: n for name, n in self.statuses.items() if name != "answered"}
        other = f" Not usable: {', '.join(f'{n} {name}' for name, n in sorted(bad.items()))}." if bad else ""
        unsure = (
            f", of which {told(self.unconfirmed_usd)} may have been billed without an answer"
            if self.unconfirmed_usd
            else ""
        )
        return (
            f"{plural(self.n_emails, 'email')}: {count(self.n_stored)} from the store, {count(self.n_bought)} bought with "
            f"{plural(self.n_attempts, 'request')} for {told(self.cost_usd)}{unsure}.{other}"
        )

    def _repr_html_(self) -> str:
        return html_finding("The run", self.summary(), self.to_frame())


def _merged(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(one) + Counter(other)).items()))


def told(amount: float) -> str:
    """Return dollars with as many places as small amounts need."""
    return money(amount, digits=2 if amount == 0 or amount >= 1 else 4)


def expected(prices: TokenPrices, tokens_in: float, tokens_out: float) -> float:
    """Return the cost of tokens in US dollars when nothing is cached."""
    return prices.nano(Usage(round(tokens_in), round(tokens_out))) / NANO
