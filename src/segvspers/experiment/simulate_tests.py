"""Thousands of whole tests in a world whose truth is known, and how often they are right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_at_least, check_fraction
from segvspers._display import count, html_finding, percent, points
from segvspers.errors import ArgumentError
from segvspers.experiment.arms import Arms, draw_arms
from segvspers.experiment.many import lift_intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from segvspers.experiment.world import World


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedTests:
    """What a test of one design says over many simulated runs; rates are proportions, 0 to 1.

    Attributes
    ----------
    world, n_per_arm, n_tests, clustered, confidence, n_looks
        What was simulated and how it was analysed.
    true_rate_control, true_rate_treatment, true_lift
        The truth.
    rejected_share, rejected_low, rejected_high
        Share of tests whose interval leaves out zero at the last look, with its Wilson interval: the power
        when there is a lift, the rate of false alarms when there is none.
    rejected_at_any_look
        Share that left out zero at one look or more: what stopping at the first good day would declare.
    coverage
        Share of intervals that hold the true lift.
    mean_lift, exaggeration, wrong_sign_share
        Average lift; average size of significant lifts over the true one; share of significant lifts with
        the wrong sign. The last two are nan without a lift or a significant test.
    regret_per_1000
        Replies per 1,000 contacts lost by rolling out only what is significantly better.
    draws
        One row a test: ``lift, lift_low, lift_high, replies_control, replies_treatment``.
    """

    world: World
    n_per_arm: int
    n_tests: int
    clustered: bool
    confidence: float
    n_looks: int
    true_rate_control: float
    true_rate_treatment: float
    true_lift: float
    rejected_share: float
    rejected_low: float
    rejected_high: float
    rejected_at_any_look: float
    coverage: float
    mean_lift: float
    exaggeration: float
    wrong_sign_share: float
    regret_per_1000: float
    draws: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the figures as one row a figure."""
        names = (
            "true_rate_control",
            "true_rate_treatment",
            "true_lift",
            "rejected_share",
            "rejected_low",
            "rejected_high",
            "rejected_at_any_look",
            "coverage",
            "mean_lift",
            "exaggeration",
            "wrong_sign_share",
            "regret_per_1000",
        )
        return pd.DataFrame({"figure": names, "value": [getattr(self, name) for name in names]})

    def summary(self) -> str:
        """Return what the design is worth, in two or three sentences."""
        unit = "companies" if self.clustered else "contacts"
        design = f"{count(self.n_tests)} simulated tests of {count(self.n_per_arm)} contacts an arm, by {unit}: "
        if self.true_lift == 0:
            said = f"with no difference {percent(self.rejected_share)} say there is one"
        else:
            said = (
                f"a lift of {points(self.true_lift)} on {percent(self.true_rate_control, 2)} is found by "
                f"{percent(self.rejected_share, 0)}"
            )
        parts = [f"{design}{said}; {percent(self.coverage)} of {percent(self.confidence, 0)} intervals hold it."]
        if not math.isnan(self.exaggeration):
            parts.append(f"Those that find one state {self.exaggeration:.2f} times its true size.")
        if self.n_looks > 1:
            parts.append(f"Looking {self.n_looks} times finds one in {percent(self.rejected_at_any_look)}.")
        return " ".join(parts)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the lifts that the tests would state, and the true one."""
        from segvspers.plots.simulation import draw_tests

        return draw_tests(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Simulated tests", self.summary(), self.to_frame())


def simulate_tests(
    world: World,
    *,
    n_per_arm: int = 5_000,
    n_tests: int = 10_000,
    clustered: bool = True,
    confidence: float = 0.95,
    n_looks: int = 1,
    rng: int | np.random.Generator = 0,
) -> SimulatedTests:
    """Run a test many times in a world and count how often it is right.

    Parameters
    ----------
    world
        The truth; ``log_effect=0`` makes every test an A/A test.
    n_per_arm
        Contacts in each arm, at whole companies of the world's sizes.
    n_tests
        Number of tests.
    clustered
        Whether the analysis knows that companies were drawn; False shows what ignoring them does.
    confidence
        Level of the intervals.
    n_looks
        Times that the analyst looks, after equal numbers of companies.
    rng
        Seed.

    Returns
    -------
    SimulatedTests
        Power or false alarms, coverage, exaggeration, wrong signs and regret.

    Raises
    ------
    ArgumentError
        When a number is not allowed.

    Notes
    -----
    Each arm is drawn as the counts of companies by size and replies, which are multinomial: exact, and as
    quick for a million contacts as for a thousand. `simulate_outcomes` makes the same tests row by row.

    References
    ----------
    Gelman, A. and Carlin, J. (2014). Beyond power calculations. Perspectives on Psychological Science 9.

    Examples
    --------
    >>> import segvspers as sv
    >>> aa = simulate_tests(sv.World(reply_rate=0.05, log_effect=0), n_tests=2000, rng=1)
    >>> 0.035 < aa.rejected_share < 0.065
    True
    """
    for name, value, least in (("n_per_arm", n_per_arm, 2), ("n_tests", n_tests, 1), ("n_looks", n_looks, 1)):
        check_at_least(name, value, least)
        if value != int(value):
            raise ArgumentError(f"{name}={value!r} must be a whole number.")
    check_fraction("confidence", confidence)
    rates = world.rate_of(0.0), world.rate_of(1.0)
    draws = as_rng(rng)
    ever = np.zeros(n_tests, dtype=bool)
    arms: list[Arms] = []
    for _ in range(n_looks):
        share = n_per_arm / n_looks
        new = [draw_arms(world, rate, n_contacts=share, n_tests=n_tests, rng=draws) for rate in rates]
        arms = [old + more for old, more in zip(arms, new, strict=True)] if arms else new
        lift, low, high = lift_intervals(arms[0], arms[1], confidence=confidence, clustered=clustered)
        ever |= (low > 0) | (high < 0)
    table = pd.DataFrame({"lift": lift, "lift_low": low, "lift_high": high})
    table["replies_control"], table["replies_treatment"] = arms[0].replies, arms[1].replies
    table["n_control"], table["n_treatment"] = arms[0].contacts, arms[1].contacts
    return SimulatedTests(
        world=world,
        n_per_arm=int(n_per_arm),
        n_tests=int(n_tests),
        clustered=clustered,
        confidence=confidence,
        n_looks=int(n_looks),
        **_figures(table, ever, *rates),
        draws=table,
    )


def _figures(table: pd.DataFrame, ever: np.ndarray, control: float, treatment: float) -> dict[str, float]:
    lift, true = table["lift"].to_numpy(), treatment - control
    better, worse = table["lift_low"].to_numpy() > 0, table["lift_high"].to_numpy() < 0
    found = better | worse
    wins = lift[found]
    some = found.any() and true != 0
    covered = (table["lift_low"] <= true + 1e-12) & (table["lift_high"] >= true - 1e-12)
    adopted = float(better.mean())
    low, high = _wilson_share(int(found.sum()), len(found))
    return {
        "true_rate_control": control,
        "true_rate_treatment": treatment,
        "true_lift": true,
        "rejected_share": float(found.mean()),
        "rejected_low": low,
        "rejected_high": high,
        "rejected_at_any_look": float(ever.mean()),
        "coverage": float(covered.mean()),
        "mean_lift": float(lift.mean()),
        "exaggeration": float(np.abs(wins).mean() / abs(true)) if some else math.nan,
        "wrong_sign_share": float((np.sign(wins) != np.sign(true)).mean()) if some else math.nan,
        "regret_per_1000": 1000 * (true * (1 - adopted) if true > 0 else -true * adopted),
    }


def _wilson_share(n_found: int, n: int) -> tuple[float, float]:
    z, share = 1.959963984540054, n_found / n
    middle, reach = share + z**2 / (2 * n), z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n)
