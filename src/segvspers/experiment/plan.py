"""Plan a test before it runs, save the plan, and say later what deviates from it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from segvspers._checks import check_at_least, check_choice, check_fraction
from segvspers._display import count, html_finding, money, percent, points
from segvspers._files import write_text
from segvspers.errors import ArgumentError, DataError, MissingFileError, raise_all
from segvspers.experiment import power as formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVE = 41


@dataclass(frozen=True, slots=True, eq=False)
class TestPlan:
    """What a test sets out to find, and what that takes; rates and lifts are proportions, 0 to 1.

    Attributes
    ----------
    control, treatment, hypothesis, primary_metric, stopping_rule
        What is compared, on what, and when the test ends.
    reply_rate, lift, relative_lift
        The control's rate and the lift that the test is built to find.
    power, confidence, formula
        Chance to find it, level of the interval, and the formula by name.
    n_per_arm, n_companies_per_arm, n_contacts
        Units needed, with the design effect of drawing companies.
    cluster, contacts_per_company, icc, size_cv, design_effect
        The unit of the draw and what it costs.
    days
        Days of assigning and following up; nan when no pace was given.
    value
        One row a number of contacts an arm: the expected value of that test's information in dollars, less
        its cost; empty without a value of a reply.
    curve
        One row a number of contacts an arm: power, and the lift found with the plan's power.
    """

    __test__ = False

    control: str
    treatment: str
    hypothesis: str
    primary_metric: str
    stopping_rule: str
    reply_rate: float
    lift: float
    relative_lift: float
    power: float
    confidence: float
    formula: str
    n_per_arm: int
    n_companies_per_arm: int
    n_contacts: int
    cluster: str | None
    contacts_per_company: float
    icc: float
    size_cv: float
    design_effect: float
    follow_up_days: float
    days: float
    curve: pd.DataFrame
    value: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return contacts an arm against power and detectable lift."""
        return self.curve.copy()

    def summary(self) -> str:
        """Return the plan in a few sentences."""
        unit = f", at {count(self.n_companies_per_arm)} companies" if self.cluster else ""
        parts = []
        parts.append(
            f"To find a lift of {points(self.lift)} ({percent(self.relative_lift, 0)}) on a reply rate of "
            f"{percent(self.reply_rate, 2)} with power {percent(self.power, 0)}, assign "
            f"{count(self.n_per_arm)} contacts an arm{unit}."
        )
        if self.design_effect > 1:
            parts.append(f"Drawing companies costs a factor of {self.design_effect:.2f}.")
        if not math.isnan(self.days):
            parts.append(f"That takes {count(self.days)} days with {self.follow_up_days:g} of follow-up.")
        if len(self.value):
            best = self.value.sort_values("net_value_usd").iloc[-1]
            parts.append(
                f"The information is worth {money(best['net_value_usd'])} net at "
                f"{count(best['n_per_arm'])} contacts an arm, where testing more no longer pays."
            )
        return " ".join([*parts, f"Formula: {formulas.FORMULAS[self.formula]}."])

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw power against contacts an arm."""
        from segvspers.plots.plan import draw_plan

        return draw_plan(self, ax=ax)

    def to_json(self, path: str | Path) -> Path:
        """Write the plan, without its curves, whole or not at all, and return the path."""
        kept = {name: value for name, value in asdict(self).items() if name not in {"curve", "value"}}
        kept = kept | {"days": None if math.isnan(self.days) else self.days}
        return write_text(path, json.dumps(kept, indent=2, sort_keys=True) + "\n")

    def _repr_html_(self) -> str:
        return html_finding("Test plan", self.summary(), self.curve.iloc[::8], power="percent")


def plan_test(
    *,
    reply_rate: float,
    relative_lift: float | None = None,
    lift: float | None = None,
    n_per_arm: int | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
    formula: str = "pooled",
    control: str = "segment",
    treatment: str = "individual",
    cluster: str | None = None,
    contacts_per_company: float = 1.0,
    icc: float = 0.0,
    size_cv: float = 0.0,
    contacts_per_day: float | None = None,
    follow_up_days: float = 21.0,
    value_per_reply_usd: float | None = None,
    n_rollout: int | None = None,
    extra_cost_per_contact_usd: float = 0.0,
    log_effect: tuple[float, float] = (0.10, 0.25),
    hypothesis: str = "",
    stopping_rule: str = "one analysis, after the follow-up of the last email",
) -> TestPlan:
    """Work out how many contacts a test needs, or what a list of given size can find.

    Parameters
    ----------
    reply_rate
        The control's reply rate.
    relative_lift, lift
        The lift to find, as a ratio less one or in proportions; give one of them, or `n_per_arm`.
    n_per_arm
        Contacts an arm that there are; the plan then states the lift they can find.
    power, confidence
        Chance to find the lift; level of the two-sided interval.
    formula
        ``pooled`` (R power.prop.test), ``miller`` (Evan Miller's calculator) or ``arcsine`` (statsmodels).
    cluster, contacts_per_company, icc, size_cv
        Unit of the draw, its mean size, the correlation within it and the coefficient of variation of sizes.
    contacts_per_day, follow_up_days
        Pace of the sends and the time a reply has.
    value_per_reply_usd, n_rollout, extra_cost_per_contact_usd, log_effect
        With the first two, the value of the test's information: what a reply is worth, contacts mailed after
        the test, what the treatment costs more, and the prior mean and sd of the log relative effect.

    Returns
    -------
    TestPlan
        Sizes, curves, duration; save it with ``to_json``.

    Raises
    ------
    ArgumentError
        When numbers are impossible, or none or several of lift, relative_lift and n_per_arm are given.

    Notes
    -----
    Contacts are the formula's number times the design effect 1 + ((cv^2 + 1) m - 1) icc. The value of
    information takes a normal prior of the lift and a normal likelihood (Raiffa and Schlaifer 1961).

    Examples
    --------
    >>> plan_test(reply_rate=0.20, lift=0.05, formula="miller").n_per_arm
    1031
    """
    _check_numbers(reply_rate, power, confidence, formula, contacts_per_company, icc, size_cv)
    given = [value for value in (relative_lift, lift, n_per_arm) if value is not None]
    if len(given) != 1:
        raise ArgumentError("give exactly one of relative_lift=, lift= and n_per_arm=.")
    effect = formulas.design_effect(contacts_per_company, icc, size_cv) if cluster or icc else 1.0
    how: dict[str, Any] = {"confidence": confidence, "formula": formula}
    if n_per_arm is not None:
        check_at_least("n_per_arm", n_per_arm, 2)
        lift = formulas.detectable_lift(reply_rate, n_per_arm / effect, power=power, **how)
        if math.isnan(lift):
            raise ArgumentError(f"n_per_arm={n_per_arm} can't find any lift with power {power}; raise it.")
        needed = int(n_per_arm)
    else:
        lift = reply_rate * float(relative_lift) if relative_lift is not None else float(lift or 0.0)
        if lift == 0 or not 0 < reply_rate + lift < 1:
            raise ArgumentError(
                f"a lift of {lift:g} on {reply_rate:g} gives no rate between 0 and 1 that differs; change it."
            )
        needed = math.ceil(formulas.n_per_arm(reply_rate, reply_rate + lift, power=power, **how) * effect - 1e-9)
    days = math.nan
    if contacts_per_day is not None:
        check_at_least("contacts_per_day", contacts_per_day, 1)
        days = math.ceil(2 * needed / contacts_per_day) + follow_up_days
    value = pd.DataFrame()
    if value_per_reply_usd is not None and n_rollout is not None:
        worth = (value_per_reply_usd, n_rollout, extra_cost_per_contact_usd)
        value = _value_of_information(reply_rate, effect, needed, worth, log_effect)
    return TestPlan(
        control=control,
        treatment=treatment,
        hypothesis=hypothesis or f"more contacts reply to {treatment!r} than to {control!r}",
        primary_metric="replied",
        stopping_rule=stopping_rule,
        reply_rate=reply_rate,
        lift=lift,
        relative_lift=lift / reply_rate,
        power=power,
        confidence=confidence,
        formula=formula,
        n_per_arm=needed,
        n_companies_per_arm=math.ceil(needed / contacts_per_company),
        n_contacts=2 * needed,
        cluster=cluster,
        contacts_per_company=contacts_per_company,
        icc=icc,
        size_cv=size_cv,
        design_effect=effect,
        follow_up_days=follow_up_days,
        days=days,
        curve=_curve(reply_rate, lift, needed, effect, power, how),
        value=value,
    )


def read_plan(path: str | Path) -> TestPlan:
    """Read a plan that `TestPlan.to_json` wrote.

    Raises
    ------
    MissingFileError
        When there is no file.
    DataError
        When it is no plan.
    """
    if not Path(path).is_file():
        raise MissingFileError(f"no plan at {Path(path).name}; check the path.")
    try:
        kept = json.loads(Path(path).read_text(encoding="utf-8"))
        kept["days"] = math.nan if kept["days"] is None else kept["days"]
        how = {"confidence": kept["confidence"], "formula": kept["formula"]}
        sizes = (kept["reply_rate"], kept["lift"], kept["n_per_arm"], kept["design_effect"], kept["power"])
        return TestPlan(**kept, curve=_curve(*sizes, how), value=pd.DataFrame())
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{Path(path).name} is no plan of plan_test(): {error}.") from None


def _curve(rate: float, lift: float, needed: int, effect: float, power: float, how: dict[str, Any]) -> pd.DataFrame:
    sizes = [max(2, round(needed * 10 ** (-1.0 + 1.6 * k / (CURVE - 1)))) for k in range(CURVE)]
    return pd.DataFrame(
        {
            "n_per_arm": sizes,
            "power": [formulas.power_at(rate, rate + lift, n / effect, **how) for n in sizes],
            "detectable_lift": [formulas.detectable_lift(rate, n / effect, power=power, **how) for n in sizes],
        }
    )


def _value_of_information(
    rate: float, effect: float, needed: int, worth: tuple[float, int, float], prior: tuple[float, float]
) -> pd.DataFrame:
    """Return the expected value of tests of several sizes, by the unit normal loss integral."""
    per_reply, n_rollout, extra = worth
    mean, sd = rate * math.expm1(prior[0] + prior[1] ** 2 / 2), rate * prior[1]
    gap = mean - extra / per_reply
    rows = []
    for k in range(CURVE):
        n = max(2, round(needed * 10 ** (-2.0 + 3.0 * k / (CURVE - 1))))
        noise = 2 * rate * (1 - rate) * effect / n
        told = sd**2 / math.sqrt(sd**2 + noise)
        z = gap / told
        density, below = math.exp(-z * z / 2) / math.sqrt(2 * math.pi), 0.5 * math.erfc(-z / math.sqrt(2))
        gain = per_reply * max(0, n_rollout) * (told * density + gap * below - max(gap, 0.0))
        rows.append((n, gain, extra * n, gain - extra * n))
    return pd.DataFrame(rows, columns=["n_per_arm", "information_usd", "test_cost_usd", "net_value_usd"])


def _check_numbers(
    rate: float, power: float, confidence: float, formula: str, size: float, icc: float, cv: float
) -> None:
    for name, value in (("reply_rate", rate), ("power", power), ("confidence", confidence)):
        check_fraction(name, value)
    check_choice("formula", formula, formulas.FORMULAS)
    problems = []
    if not 0 <= icc < 1:
        problems.append(f"icc={icc!r} must be at least 0 and below 1.")
    if size < 1:
        problems.append(f"contacts_per_company={size!r} must be at least 1.")
    if cv < 0:
        problems.append(f"size_cv={cv!r} must not be below 0.")
    raise_all("plan_test", problems, error=ArgumentError)
