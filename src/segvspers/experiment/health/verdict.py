"""The answer of one check, and the table that all checks look at."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

PASS, REVIEW, FAIL, UNCHECKED = "Pass", "Review", "Fail", "Not checked"
STATUSES = (PASS, REVIEW, FAIL, UNCHECKED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check: its status, the figure in words, the number behind it, and what to do."""

    check: str
    status: str
    figure: str
    value: float
    what_to_do: str


@dataclass(frozen=True, slots=True, eq=False)
class Inspected:
    """The table under inspection and what is known of its design."""

    outcomes: pd.DataFrame
    cluster: str | None
    shares: dict[str, float]
    covariates: tuple[str, ...]
    as_of: pd.Timestamp | None
    as_of_known: bool
    follow_up_days: float
    relative_lift: float
    units: pd.DataFrame = field(repr=False)

    def has(self, *names: str) -> bool:
        """Tell whether the table has all the columns, each with at least one value."""
        return all(name in self.outcomes.columns and self.outcomes[name].notna().any() for name in names)


def unchecked(check: str, *columns: str) -> Verdict:
    """Return the verdict of a check whose columns are not there."""
    needed = ", ".join(columns)
    return Verdict(check, UNCHECKED, "not in the table", float("nan"), f"needs {needed}")


def graded(value: float, *, review: float, fail: float) -> str:
    """Return the status of a figure that is bad when large."""
    return FAIL if value > fail else REVIEW if value > review else PASS
