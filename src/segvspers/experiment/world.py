"""A world whose truth is known: how often people reply, to what, when, and what gets in the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import percent
from segvspers.errors import ArgumentError, raise_all

if TYPE_CHECKING:
    import pandas as pd

TOPICS = (
    "analytics",
    "automation",
    "deliverability",
    "integrations",
    "pricing",
    "segmentation",
    "SMS",
    "templates",
)
SHARES = (
    "reply_rate",
    "icc",
    "wrong_fact_share",
    "wrong_fact_factor",
    "topics_cared_for",
    "auto_reply_share",
    "bot_open_share",
    "bot_click_share",
    "bounce_rate",
    "unsubscribe_rate",
    "spam_rate",
    "positive_share",
    "meeting_share",
    "win_share",
)
ABOVE_ZERO = (
    "contacts_per_company",
    "full_bits",
    "step_decay",
    "delay_median_hours",
    "delay_sigma",
    "follow_up_days",
    "deal_usd",
)
NOT_BELOW_ZERO = (
    "propensity_sigma",
    "fatigue",
    "wrong_fact_unsubscribes",
    "send_days",
    "deal_sigma",
)


@dataclass(frozen=True, slots=True)
class World:
    """Known truth of a simulated test; rates and shares are proportions, 0 to 1.

    Attributes
    ----------
    reply_rate
        Share of contacts assigned to the segment variant who ever reply.
    log_effect
        Log of the ratio of reply rates, individual to segment, for an email that says all that can be said
        (`full_bits`) about what its reader cares for. 0 makes an A/A world.
    icc
        Correlation of the replies of two contacts at one company.
    contacts_per_company, company_sizes, size_weights
        Mean of a geometric number of contacts; or the sizes seen and how often.
    propensity_sigma
        Spread of the logarithm of a contact's own readiness to reply.
    full_bits, topics, topics_cared_for
        Bits that make an email fully personal; subjects that exist; share of them that a contact cares for.
    wrong_fact_share, wrong_fact_factor, wrong_fact_unsubscribes
        How often a personal email states something untrue, and what that does to replies and unsubscribes.
    fatigue
        Drop of the log reply rate for each email of the last month, and rise of unsubscribes.
    n_steps, step_decay
        Emails of the sequence, and the ratio of one step's replies to those of the step before.
    delay_median_hours, delay_sigma
        Log-normal time from the email to the reply.
    follow_up_days, send_days
        When replies stop being counted after the last email; days over which the emails leave.
    auto_reply_share, bot_open_share, bot_click_share
        Contacts whose mailbox answers by itself, opens by machine, clicks by machine.
    bounce_rate, unsubscribe_rate, spam_rate
        Per contact in the segment variant.
    positive_share, meeting_share, win_share, deal_usd, deal_sigma
        What follows a reply, and the log-normal value of a deal.

    Notes
    -----
    Defaults are those of `read_priors`: cold outreach, with sources and grades there. Replies at one company
    are beta-binomial: each company has a rank, and a contact replies with the quantile of that rank of a Beta
    distribution with the contact's own mean and correlation `icc`; so both variants' outcomes exist for
    everyone, and rates and correlation are exact.

    Examples
    --------
    >>> world = World(reply_rate=0.04, log_effect=0.2)
    >>> round(world.rate_of(1.0) / world.rate_of(0.0), 3)
    1.221
    """

    reply_rate: float = 0.026
    log_effect: float = 0.10
    icc: float = 0.05
    contacts_per_company: float = 1.7
    company_sizes: tuple[int, ...] = ()
    size_weights: tuple[float, ...] = ()
    propensity_sigma: float = 0.5
    full_bits: float = 8.0
    topics: tuple[str, ...] = TOPICS
    topics_cared_for: float = 0.3
    wrong_fact_share: float = 0.04
    wrong_fact_factor: float = 0.5
    wrong_fact_unsubscribes: float = 3.0
    fatigue: float = 0.05
    n_steps: int = 1
    step_decay: float = 0.65
    delay_median_hours: float = 3.0
    delay_sigma: float = 2.3
    follow_up_days: float = 21.0
    send_days: float = 0.0
    auto_reply_share: float = 0.03
    bot_open_share: float = 0.35
    bot_click_share: float = 0.03
    bounce_rate: float = 0.02
    unsubscribe_rate: float = 0.004
    spam_rate: float = 0.0002
    positive_share: float = 0.30
    meeting_share: float = 0.50
    win_share: float = 0.20
    deal_usd: float = 4000.0
    deal_sigma: float = 0.8

    def __post_init__(self) -> None:
        """Refuse a world that can't be, with all reasons at once."""
        raise_all("World", _problems(self), error=ArgumentError)

    @property
    def matured_share(self) -> float:
        """Share of all replies that come within `follow_up_days`."""
        return self.replied_within(self.follow_up_days)

    def replied_within(self, days: float) -> float:
        """Return the share of a step's replies that have come after so many days."""
        if days <= 0:
            return 0.0
        z = math.log(days * 24 / self.delay_median_hours) / self.delay_sigma
        return 0.5 * math.erfc(-z / math.sqrt(2))

    def rate_of(self, dose: float) -> float:
        """Return the share of contacts whose reply is counted, for an email of a dose from 0 to 1."""
        return min(self.reply_rate * math.exp(self.log_effect * dose), 0.95) * self.matured_share

    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers of contacts at a company, and the share of companies that have each."""
        if self.company_sizes:
            weights = np.asarray(self.size_weights or np.ones(len(self.company_sizes)), dtype=float)
            return np.asarray(self.company_sizes), weights / weights.sum()
        if self.contacts_per_company == 1:
            return np.array([1]), np.array([1.0])
        stop = 1 / self.contacts_per_company
        top = max(2, math.ceil(math.log(1e-7) / math.log1p(-stop)))
        sizes = np.unique(np.r_[np.arange(1, min(top, 60) + 1), np.geomspace(1, top, 60).astype(int)])
        tail = np.r_[(1 - stop) ** (sizes[1:] - 1.0), 0.0]
        weights = (1 - stop) ** (sizes - 1.0) - tail
        return sizes, weights / weights.sum()

    @classmethod
    def fit(cls, outcomes: pd.DataFrame, *, control: str, treatment: str | None = None, **known: Any) -> World:
        """Return the world in which the replies, companies, delays and deals of a finished test are usual.

        Parameters
        ----------
        outcomes
            One row an assigned contact and step, as `read_outcomes` gives it.
        control, treatment
            The variant to take as dose 0, and the one to take as dose 1; all others when left out.
        known
            Fields of the world that are not to be fitted.

        Raises
        ------
        DataError
            When a column is missing or a variant has no rows.
        NotEstimableError
            When the control has no reply at all.

        Notes
        -----
        Moments: reply rate and its log ratio (+1/2) by variant; the correlation by the analysis of variance
        of 0/1 replies within companies (Ridout, Demetrio and Firth 1999), floored at 0; the delay by the
        median and quartiles of the times seen, so replies still to come are left out.

        Examples
        --------
        >>> import pandas as pd
        >>> seen = pd.DataFrame({"contact_id": range(400), "variant": ["a", "b"] * 200,
        ...                      "replied": [k % 20 < 2 for k in range(400)]})
        >>> World.fit(seen, control="a").reply_rate
        0.1
        """
        from segvspers.experiment.world_fit import fitted

        return cls(**{**fitted(outcomes, control=control, treatment=treatment), **known})

    @classmethod
    def from_priors(cls, *, scenario: str = "default", rng: Any = None, priors: Any = None) -> World:
        """Return one world drawn from the table of assumptions, or its middle when no `rng` is given.

        Parameters
        ----------
        scenario
            Which effect to believe in: ``default``, ``sceptical`` or ``vendor`` (vendor claims, weak).
        rng
            Seed of the draw.
        priors
            A table of `read_priors`; the cited defaults when left out.
        """
        from segvspers.experiment.world_fit import from_priors

        return cls(**from_priors(scenario=scenario, rng=rng, priors=priors))

    def __str__(self) -> str:
        """Return what matters most in one line."""
        return (
            f"World: {percent(self.reply_rate, 2)} reply to the segment email, "
            f"x{math.exp(self.log_effect):.2f} to a fully personal one, company correlation {self.icc:g}"
        )


def _problems(world: World) -> list[str]:
    problems = []
    for field in fields(world):
        value = getattr(world, field.name)
        if isinstance(value, tuple):
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not math.isfinite(value):
            problems.append(f"{field.name}={value!r} must be a finite number.")
        elif field.name in SHARES and not 0 <= value <= 1:
            problems.append(f"{field.name}={value!r} must be a proportion from 0 to 1.")
        elif field.name in ABOVE_ZERO and value <= 0:
            problems.append(f"{field.name}={value!r} must be above 0.")
        elif field.name in NOT_BELOW_ZERO and value < 0:
            problems.append(f"{field.name}={value!r} must not be below 0.")
    return problems or _contradictions(world)


def _contradictions(world: World) -> list[str]:
    problems = []
    if not 0 < world.reply_rate < 1:
        problems.append(f"reply_rate={world.reply_rate!r} must lie between 0 and 1, ends left out.")
    if world.icc >= 1:
        problems.append(f"icc={world.icc!r} must be below 1; a company is no single person.")
    if world.contacts_per_company < 1:
        problems.append(f"contacts_per_company={world.contacts_per_company!r} must be at least 1.")
    if world.n_steps < 1 or world.n_steps != int(world.n_steps):
        problems.append(f"n_steps={world.n_steps!r} must be a whole number of at least 1.")
    if world.size_weights and len(world.size_weights) != len(world.company_sizes):
        problems.append("size_weights needs one weight for each of company_sizes.")
    if world.company_sizes and min(world.company_sizes) < 1:
        problems.append("company_sizes must all be at least 1.")
    if not world.topics:
        problems.append("topics must name at least one subject.")
    return problems
