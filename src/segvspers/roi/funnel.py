"""What follows a reply: positive, meeting, deal, margin."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segvspers.assumptions import Distribution
from segvspers.roi.inputs import load_yaml, settled


@dataclass(frozen=True, slots=True)
class Funnel:
    """Steps from a reply to its margin; each a number, a distribution or None for the cited default.

    Parameters
    ----------
    positive_share, meeting_share, win_share
        Share of replies that are positive, of those that lead to a meeting, and of those that are won.
    relative_positive_share
        Positive share of replies to individual emails over that of segment emails; 1 when not known.
    value_usd, margin
        Revenue of one won deal (of a year, when `retention` is given) and the margin on it, 0 to 1.
    retention
        Share of customers kept from year to year; value is then the lifetime value at `discount_rate`.
    discount_rate
        Rate a year, for lifetime and present values.
    currency
        Three letters; the same as that of the costs.

    Raises
    ------
    ArgumentError
        With every value that is wrong, at once.

    Examples
    --------
    >>> Funnel(value_usd=10_000, margin=0.5).margin.mean
    0.5
    """

    positive_share: Any = None
    relative_positive_share: Any = None
    meeting_share: Any = None
    win_share: Any = None
    value_usd: Any = None
    margin: Any = None
    retention: Any = None
    discount_rate: float = 0.10
    currency: str = "USD"

    def __post_init__(self) -> None:
        """Turn each value into a distribution, or say what is wrong with all of them."""
        given = {item.name: getattr(self, item.name) for item in dataclasses.fields(self) if item.name != "currency"}
        values = settled("Funnel", given, currency=self.currency)
        for name, value in values.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "discount_rate", values["discount_rate"].mean)

    @classmethod
    def direct(cls, value_usd: Any, *, margin: Any = 1.0, currency: str = "USD") -> Funnel:
        """Return a funnel in which every reply earns its value: a purchase, a gift, a renewal.

        Examples
        --------
        >>> Funnel.direct(10).win_share.mean
        1.0
        """
        return cls(
            positive_share=1,
            meeting_share=1,
            win_share=1,
            value_usd=value_usd,
            margin=margin,
            currency=currency,
        )

    @classmethod
    def from_yaml(cls, path: str | Path) -> Funnel:
        """Read a funnel from a YAML file; a distribution is written ``{beta: [6, 14]}``."""
        allowed = {item.name for item in dataclasses.fields(cls)}
        return cls(**load_yaml(path, owner="Funnel", allowed=allowed))

    def values(self) -> dict[str, Distribution]:
        """Return the settled values by name."""
        found = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, Distribution)}
