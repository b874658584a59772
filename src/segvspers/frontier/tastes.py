"""How the contacts of a world differ in what they answer to, and how much of that segments and records tell."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from segvspers.errors import ArgumentError, raise_all
from segvspers.experiment.world import World
from segvspers.frontier.quantiser import distances

SMALLEST_EFFECT = 1e-9
MOST_LOSS = 200.0


@dataclass(frozen=True, slots=True)
class Tastes:
    """Tastes of a world's contacts.

    Attributes
    ----------
    n_dimensions
        Effective dimensions of what a contact answers to.
    attributes_seen, attributes_total
        Attributes that segments are made of, and attributes that shape tastes in all, each by an equal part.
    record_richness, record_spread
        How much of what the attributes leave open a contact's own record tells: mean and standard deviation over
        contacts, shares from 0 to 1.
    thin_record_risk
        How many times the world's `wrong_fact_share` an email from an empty record states something untrue; 1 from a
        full one.
    n_templates
        Number of templates behind the world's `reply_rate`; its `log_effect` is that of emails to contacts of whom all is
        known over these.

    Notes
    -----
    A contact of taste u answers a message m with chance ``top x exp(-loss |u - m|^2)``; u is standard normal in each
    dimension. Segments see the part of u that their attributes tell, an individual email also what the record
    tells. `top` and `loss` follow from the world's `reply_rate` and `log_effect`. Without an effect, tastes make no
    difference.

    Examples
    --------
    >>> Tastes(attributes_seen=2, attributes_total=8).share_seen
    0.25
    """

    n_dimensions: int = 4
    attributes_seen: int = 4
    attributes_total: int = 6
    record_richness: float = 0.5
    record_spread: float = 0.25
    thin_record_risk: float = 3.0
    n_templates: int = 12

    def __post_init__(self) -> None:
        """Refuse tastes that can't be, with all reasons at once."""
        raise_all("Tastes", _problems(self), error=ArgumentError)

    @property
    def share_seen(self) -> float:
        """Share of the variance of tastes that the attributes of segments tell."""
        return self.attributes_seen / self.attributes_total

    def records(self, n: int = 400) -> np.ndarray:
        """Return how much the records of `n` contacts tell, from the thinnest to the richest (a beta distribution)."""
        mean, spread = self.record_richness, self.record_spread
        if spread == 0 or mean in (0.0, 1.0):
            return np.full(n, mean)
        from scipy.stats import beta

        size = mean * (1 - mean) / spread**2 - 1
        return np.asarray(beta.ppf((np.arange(n) + 0.5) / n, mean * size, (1 - mean) * size))


def _problems(tastes: Tastes) -> list[str]:
    problems = []
    for field in fields(tastes):
        value = getattr(tastes, field.name)
        whole = field.name in ("n_dimensions", "attributes_seen", "attributes_total", "n_templates")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
            problems.append(f"{field.name}={value!r} must be a finite number.")
        elif whole and (value != int(value) or value < (0 if field.name == "attributes_seen" else 1)):
            problems.append(f"{field.name}={value!r} must be a whole number of at least 1 (attributes_seen: 0).")
    if problems:
        return problems
    if tastes.attributes_seen > tastes.attributes_total:
        problems.append("attributes_seen must not be above attributes_total.")
    if not 0 <= tastes.record_richness <= 1:
        problems.append(f"record_richness={tastes.record_richness!r} must be a share from 0 to 1.")
    elif tastes.record_spread < 0 or tastes.record_spread**2 > tastes.record_richness * (1 - tastes.record_richness):
        problems.append(
            f"record_spread={tastes.record_spread!r} is not what shares of mean {tastes.record_richness:g} can spread by."
        )
    if tastes.thin_record_risk < 1:
        problems.append(f"thin_record_risk={tastes.thin_record_risk!r} must be at least 1.")
    return problems


@dataclass(frozen=True, slots=True)
class TasteModel:
    """A world with tastes as numbers: chance of a reply ``top x style x exp(-loss |u - m|^2)``."""

    world: World
    tastes: Tastes
    top: float
    loss: float
    style: float

    @classmethod
    def of(cls, world: World, tastes: Tastes) -> TasteModel:
        """Return the model in which `n_templates` templates get the world's reply rate, and full knowledge its effect.

        Raises
        ------
        ArgumentError
            When the effect is larger than these tastes can make, or replies would be more than certain.
        """
        from scipy.optimize import brentq

        rate, effect = world.rate_of(0.0), world.log_effect
        if effect <= SMALLEST_EFFECT:
            return cls(world, tastes, rate, 0.0, float(np.exp(min(effect, 0.0))))

        def short(loss: float) -> float:
            return -float(np.log(_templates(tastes, loss, tastes.n_templates))) - effect

        if short(MOST_LOSS) < 0:
            raise ArgumentError(
                f"log_effect={effect:g} is more than tastes of {tastes.n_dimensions} dimensions can make."
            )
        loss = float(brentq(short, 0.0, MOST_LOSS))
        top = rate * float(np.exp(effect))
        if top > 0.95:
            raise ArgumentError(f"reply_rate and log_effect make a reply {top:.2f} sure; lower one of them.")
        return cls(world, tastes, top, loss, 1.0)

    def templates(self, k: int) -> float:
        """Return the reply rate of the best k segments."""
        return self.top * _templates(self.tastes, self.loss, k)

    def individual(self, record: np.ndarray, *, wrong_facts: bool = True) -> np.ndarray:
        """Return the reply rates of individual emails for records that tell so much."""
        left = (1 - self.tastes.share_seen) * (1 - record)
        rate = self.top * self.style * (1 + 2 * self.loss * left) ** (-self.tastes.n_dimensions / 2)
        return rate * (1 - self.wrong_share(record) * (1 - self.world.wrong_fact_factor)) if wrong_facts else rate

    def wrong_share(self, record: np.ndarray) -> np.ndarray:
        """Return how often an individual email from such records states something untrue."""
        times = 1 + (self.tastes.thin_record_risk - 1) * (1 - record)
        return np.minimum(self.world.wrong_fact_share * times, 1.0)

    @property
    def limit(self) -> float:
        """Reply rate when all is known of everybody and nothing is wrong."""
        return self.top * self.style


def _templates(tastes: Tastes, loss: float, k: int) -> float:
    """Return the mean of exp(-loss |u - m|^2) for the best k messages, the unseen part of u integrated out."""
    unseen = 1 + 2 * loss * (1 - tastes.share_seen)
    near = np.exp(-loss / unseen * tastes.share_seen * distances(int(tastes.n_dimensions), k)).mean()
    return float(unseen ** (-tastes.n_dimensions / 2) * near)
