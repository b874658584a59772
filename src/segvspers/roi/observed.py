"""Margin and cost seen per contact: no funnel is assumed, and their correlation is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import check_fraction, require_columns
from segvspers._display import count, html_finding, money, points
from segvspers.errors import ArgumentError, DataError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class ObservedValues:
    """Margin and cost per assigned contact of two variants, as seen.

    Attributes
    ----------
    control, treatment, n_control, n_treatment
        The variants and their contacts; `control` is None for a campaign that was compared with nothing.
    value_control, value_treatment, cost_control, cost_treatment
        Means per assigned contact, silent ones counted as zero.
    value_difference, cost_difference, covariance
        Treatment minus control, and the covariance matrix of the two differences.
    rate_control, rate_treatment, lift, lift_low, lift_high
        Shares of contacts with a value above zero, their difference and its 95 % interval.
    net_seen_usd
        Total value less total cost of the treatment, minus the same of the control: only fair between
        variants of about equal size.
    evidence, cluster
        How the variants came about, and the column whose groups belong together.
    """

    control: str | None
    treatment: str
    n_control: int
    n_treatment: int
    value_control: float
    value_treatment: float
    cost_control: float
    cost_treatment: float
    value_difference: float
    cost_difference: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    rate_control: float
    rate_treatment: float
    lift: float
    lift_low: float
    lift_high: float
    net_seen_usd: float
    evidence: str
    cluster: str | None
    currency: str = "USD"
    confidence: float = 0.95

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variant."""
        import pandas as pd

        rows = [
            {
                "variant": getattr(self, arm) or "nothing sent",
                "n_contacts": getattr(self, f"n_{arm}"),
                "rate": getattr(self, f"rate_{arm}"),
                "value_per_contact_usd": getattr(self, f"value_{arm}"),
                "cost_per_contact_usd": getattr(self, f"cost_{arm}"),
            }
            for arm in ("control", "treatment")
        ]
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Return what was seen, in two sentences."""
        against = self.control or "nothing sent"
        return (
            f"{count(self.n_treatment)} contacts with {self.treatment} "
            f"against {count(self.n_control)} with {against}: "
            f"{points(self.lift)} in the share that paid. Value and cost as seen leave a net of "
            f"{money(self.net_seen_usd, digits=2, currency=self.currency)}."
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw value and cost per contact of each variant."""
        from segvspers.plots.roi import draw_values

        return draw_values(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding(
            "Value and cost as seen", self.summary(), self.to_frame(), rate="percent", n_contacts="count"
        )


def observe_values(
    outcomes: pd.DataFrame,
    *,
    control: str | None,
    treatment: str | None = None,
    value: str = "revenue_usd",
    cost: str | None = None,
    value_usd: float = 1.0,
    margin: float = 1.0,
    contact_cost_usd: Mapping[str, float] | None = None,
    variant: str = "variant",
    cluster: str | None = None,
    currency: str = "USD",
) -> ObservedValues:
    """Measure margin and cost per assigned contact of two variants.

    Parameters
    ----------
    outcomes
        One row an assigned contact; silent contacts stay in with a value of zero.
    control, treatment
        Names of the variants; the treatment may be left out when there are two. A control of None compares
        with nothing sent and nothing earned, which is observational.
    value, value_usd, margin
        Column of amounts or of 0/1 events, what one unit of it is worth, and the margin on that.
    cost, contact_cost_usd
        Column of cost per contact, and a further cost per contact by variant.
    variant, cluster
        Column of variants, and the column whose groups belong together, such as ``company_id``.

    Raises
    ------
    DataError
        When a column or a variant is missing, or an amount can't be read.

    Notes
    -----
    The covariance of the value and cost differences is that of the means (sums by cluster, ratio form, when
    there are clusters), so that costs which rise with success are not counted as independent of it.

    Examples
    --------
    >>> import pandas as pd
    >>> seen = pd.DataFrame({"variant": ["a", "a", "b", "b"], "bought": [0, 0, 1, 0]})
    >>> values = observe_values(
    ...     seen, control="a", value="bought", value_usd=10, contact_cost_usd={"b": 0.15}
    ... )
    >>> values.net_seen_usd
    9.7
    """
    extra = dict(contact_cost_usd or {})
    _check(outcomes, [value, cost, cluster, variant if control is not None else None], margin, value_usd, extra)
    arms = _arms(outcomes, control=control, treatment=treatment, variant=variant)
    treated = arms["treatment"][0] or "sent"
    control_part, treatment_part = (
        _moments(
            rows,
            value=value,
            cost=cost,
            unit=value_usd * margin,
            extra=extra.get(name or treated, 0.0),
            cluster=cluster,
        )
        for name, rows in (arms["control"], (treated, arms["treatment"][1]))
    )
    covariance = control_part["covariance"] + treatment_part["covariance"]
    lift = treatment_part["rate"] - control_part["rate"]
    spread = 1.959963984540054 * np.sqrt(control_part["rate_variance"] + treatment_part["rate_variance"])
    return ObservedValues(
        control=control,
        treatment=treated,
        n_control=control_part["n"],
        n_treatment=treatment_part["n"],
        value_control=control_part["value"],
        value_treatment=treatment_part["value"],
        cost_control=control_part["cost"],
        cost_treatment=treatment_part["cost"],
        value_difference=treatment_part["value"] - control_part["value"],
        cost_difference=treatment_part["cost"] - control_part["cost"],
        covariance=tuple(tuple(map(float, row)) for row in covariance),  # type: ignore[arg-type]
        rate_control=control_part["rate"],
        rate_treatment=treatment_part["rate"],
        lift=lift,
        lift_low=lift - spread,
        lift_high=lift + spread,
        net_seen_usd=treatment_part["total"] - control_part["total"],
        evidence=_evidence(outcomes) if control is not None else "observational",
        cluster=cluster,
        currency=currency,
    )


def _check(
    outcomes: pd.DataFrame,
    columns: list[str | None],
    margin: float,
    value_usd: float,
    extra: Mapping[str, float],
) -> None:
    check_fraction("margin", margin, closed=True)
    wrong = {name: amount for name, amount in (dict(extra) | {"value_usd": value_usd}).items() if not amount >= 0}
    if wrong:
        raise ArgumentError(f"{wrong}: a cost or value per contact must be a number of at least 0.")
    require_columns(outcomes, [name for name in columns if name is not None], table="outcomes")


def _arms(outcomes: pd.DataFrame, *, control: str | None, treatment: str | None, variant: str) -> dict[str, Any]:
    if control is None:
        rows = (
            outcomes
            if treatment is None or variant not in outcomes.columns
            else outcomes[outcomes[variant] == treatment]
        )
        arms = {"control": (None, outcomes.iloc[:0]), "treatment": (treatment, rows)}
    else:
        names = [str(name) for name in outcomes[variant].dropna().unique()]
        others = sorted(set(names) - {control})
        if treatment is None and len(others) != 1:
            raise DataError(f"outcomes hold the variants {sorted(names)}; name one as treatment=.")
        chosen = treatment or others[0]
        arms = {
            "control": (control, outcomes[outcomes[variant] == control]),
            "treatment": (chosen, outcomes[outcomes[variant] == chosen]),
        }
    empty = [name for name, rows in arms.values() if name is not None and len(rows) < 2]
    if empty or len(arms["treatment"][1]) < 2:
        raise DataError(f"outcomes hold fewer than two contacts of {empty or 'the campaign'}; check the names.")
    return arms


def _moments(
    rows: pd.DataFrame, *, value: str, cost: str | None, unit: float, extra: float, cluster: str | None
) -> dict[str, Any]:
    import pandas as pd

    n = len(rows)
    if n == 0:
        nothing = {"n": 0, "value": 0.0, "cost": 0.0, "total": 0.0, "rate": 0.0, "rate_variance": 0.0}
        return nothing | {"covariance": np.zeros((2, 2))}
    seen = pd.to_numeric(rows[value], errors="coerce").to_numpy(dtype=float)
    spent = np.zeros(n) if cost is None else pd.to_numeric(rows[cost], errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(seen).all() and np.isfinite(spent).all()):
        raise DataError(f"outcomes: {value!r} or {cost!r} holds blanks or text; write 0 for contacts who paid nothing.")
    if (spent < 0).any():
        raise DataError(f"outcomes: {cost!r} holds negative costs in {(spent < 0).sum():,} rows; check the signs.")
    table = np.column_stack([seen * unit, spent + extra, seen != 0])
    means = table.mean(axis=0)
    residuals = np.where(np.ptp(table, axis=0) > 0, table - means, 0.0)
    if cluster is not None:
        codes = pd.factorize(rows[cluster].fillna("").to_numpy())[0]
        residuals = np.column_stack([np.bincount(codes, weights=residuals[:, j]) for j in range(3)])
    groups = len(residuals)
    covariance = residuals.T @ residuals / n**2 * groups / max(groups - 1, 1)
    return {
        "n": n,
        "value": float(means[0]),
        "cost": float(means[1]),
        "rate": float(means[2]),
        "total": float(seen.sum() * unit - spent.sum() - extra * n),
        "covariance": covariance[:2, :2],
        "rate_variance": float(covariance[2, 2]),
    }


def _evidence(outcomes: pd.DataFrame) -> str:
    if "evidence" in outcomes.columns and len(outcomes):
        kinds = sorted(set(outcomes["evidence"].dropna().astype(str)))
        if len(kinds) > 1:
            raise DataError(f"outcomes mix the evidence {kinds}; analyse each on its own.")
        return kinds[0] if kinds else "randomised"
    return str(outcomes.attrs.get("evidence", "randomised"))
