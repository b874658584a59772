"""What tells how a file writes numbers and dates."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Clues:
    """What tells how a file writes numbers and dates: the user's word, its delimiter, its columns without doubt."""

    decimal: str | None = None
    day_first: bool | None = None
    delimiter: str = ""
    decimals: set[str] = field(default_factory=set)
    orders: set[bool] = field(default_factory=set)

    @property
    def likely_decimal(self) -> str:
        """Return the mark of decimals where a column leaves it open."""
        if len(self.decimals) == 1:
            return next(iter(self.decimals))
        return "," if self.delimiter == ";" else "."

    @property
    def likely_day_first(self) -> bool:
        """Return whether the day stands first where a column leaves it open."""
        if len(self.orders) == 1:
            return next(iter(self.orders))
        return self.likely_decimal == ","
