"""What both variants cost: templates on one side; tokens, review and prompts on the other."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers.assumptions import Distribution
from segvspers.errors import ArgumentError, DataError
from segvspers.roi.inputs import load_yaml, settled

if TYPE_CHECKING:
    import pandas as pd

WORDS = {"currency", "prices_on", "observed_from"}


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of one campaign; each a number, a distribution or None for the cited default.

    Parameters
    ----------
    n_segments, n_steps
        Templates S of the segment campaign, and emails k in the sequence.
    template_hours, writer_rate_usd
        Hours of writing and approving one template, and what an hour costs.
    retry_share, tokens_in, tokens_cached, tokens_out
        Calls that are repeated, and tokens of one email.
    price_in_usd, price_cached_usd, price_out_usd, prices_on
        Prices of a million tokens, and the day on which they were read (``"2026-11-01"``).
    email_cost_usd
        Cost of the model for one email, when it was observed; it then replaces tokens and prices.
    prompt_hours, review_share, review_minutes
        Hours of prompt writing a campaign, and the share of emails a person reads and for how long.
    setup_usd
        Paid once, before the first campaign.
    platform_segment_usd, platform_individual_usd, data_usd
        Platform of each variant a campaign, and data bought per contact for individual emails.
    reply_minutes, seller_rate_usd
        Time to answer one reply and what an hour of it costs.
    unsubscribe_rate, relative_unsubscribe, subscriber_value_usd
        Unsubscribes of the segment email, those of the individual one over it, and the worth of a
        contact who stays on the list.
    currency
        Three letters; all amounts are in it.
    observed_from
        Where observed costs came from; set by `observe`.

    Raises
    ------
    ArgumentError
        With every value that is wrong, at once.

    Notes
    -----
    Token prices are inputs with a date: the defaults are placeholders and marked so in every report.

    Examples
    --------
    >>> Costs(n_segments=600, writer_rate_usd=50).n_segments.mean
    600.0
    """

    n_segments: Any = None
    n_steps: Any = None
    template_hours: Any = None
    writer_rate_usd: Any = None
    retry_share: Any = None
    tokens_in: Any = None
    tokens_cached: Any = None
    tokens_out: Any = None
    price_in_usd: Any = None
    price_cached_usd: Any = None
    price_out_usd: Any = None
    email_cost_usd: Any = None
    prompt_hours: Any = None
    review_share: Any = None
    review_minutes: Any = None
    setup_usd: Any = None
    platform_segment_usd: Any = None
    platform_individual_usd: Any = None
    data_usd: Any = None
    reply_minutes: Any = None
    seller_rate_usd: Any = None
    unsubscribe_rate: Any = None
    relative_unsubscribe: Any = None
    subscriber_value_usd: Any = None
    prices_on: str | None = None
    currency: str = "USD"
    observed_from: str = ""

    def __post_init__(self) -> None:
        """Turn each value into a distribution, or say what is wrong with all of them."""
        given = {item.name: getattr(self, item.name) for item in dataclasses.fields(self) if item.name not in WORDS}
        for name, value in settled("Costs", given, currency=self.currency).items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "prices_on", _day(self.prices_on))

    @classmethod
    def from_yaml(cls, path: str | Path) -> Costs:
        """Read costs from a YAML file; a distribution is written ``{triangular: [10, 12, 15]}``."""
        allowed = {item.name for item in dataclasses.fields(cls)} - {"observed_from"}
        return cls(**load_yaml(path, owner="Costs", allowed=allowed))

    def values(self) -> dict[str, Distribution]:
        """Return the settled values by name."""
        found = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, Distribution)}

    def observe(self, emails: pd.DataFrame) -> Costs:
        """Return costs with what the run store saw in the place of what was assumed.

        Parameters
        ----------
        emails
            Table of `write_emails`; rows of variant ``individual`` count. `cost_usd` replaces tokens and
            prices, with retries in it; without it `tokens_in` and `tokens_out` replace the token counts.

        Raises
        ------
        DataError
            When an observed cost is negative.

        Examples
        --------
        >>> import pandas as pd
        >>> emails = pd.DataFrame({"variant": ["individual"] * 2, "cost_usd": [0.01, 0.03]})
        >>> Costs().observe(emails).email_cost_usd.mean
        0.02
        """
        rows = emails[emails["variant"] == "individual"] if "variant" in emails.columns else emails
        seen = {
            name: rows[name].astype(float).dropna()
            for name in ("cost_usd", "tokens_in", "tokens_out")
            if name in rows.columns
        }
        wrong = [name for name, column in seen.items() if (column < 0).any()]
        if wrong:
            raise DataError(f"emails: {wrong} hold negative values; check the run store's prices.")
        source = f"run store, {len(rows):,} individual emails"
        if len(seen.get("cost_usd", ())):
            return dataclasses.replace(self, email_cost_usd=float(seen["cost_usd"].mean()), observed_from=source)
        counts = {name: float(seen[name].mean()) for name in ("tokens_in", "tokens_out") if len(seen.get(name, ()))}
        return dataclasses.replace(self, **counts, observed_from=source) if counts else self  # type: ignore[arg-type]


def _day(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ArgumentError(f"Costs: prices_on={value!r} is no day; write it as '2026-11-01'.") from None
