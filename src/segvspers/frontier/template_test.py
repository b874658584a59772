"""A randomised test of many templates, row by row, in a world whose tastes are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_at_least
from segvspers.errors import ArgumentError
from segvspers.experiment.potential import MOST, given_company
from segvspers.experiment.world import World
from segvspers.frontier.tastes import TasteModel, Tastes

ATTRIBUTES = (
    ("industry", 10),
    ("company_size", 5),
    ("engagement_level", 3),
    ("purchase_status", 4),
    ("region", 6),
    ("plan", 3),
    ("role", 8),
    ("channel", 4),
)
COMPANY_WIDE = ("industry", "company_size", "region")


def simulate_template_test(
    world: World,
    *,
    tastes: Tastes | None = None,
    n_contacts: int = 20_000,
    n_templates: int = 12,
    individual: bool = True,
    rng: int | np.random.Generator | None = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a test that sends templates and individual emails at random, and what every email would have brought.

    Parameters
    ----------
    world
        Reply rate, effect, wrong facts and companies.
    tastes
        How contacts differ; the attributes that segments see are columns of the test.
    n_contacts, n_templates
        Size of the test. Each template is written for the seen taste of one contact drawn at random.
    individual
        Whether one variant more holds individual emails.
    rng
        Seed.

    Returns
    -------
    tuple of pandas.DataFrame
        Outcomes (``contact_id, company_id, variant, replied``, the attributes; `evidence` is ``"simulated"``), and the
        truth (``contact_id`` and the chance of a reply under each variant, before the company's rank).

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes, truth = sv.simulate_template_test(sv.World(log_effect=0.5), n_contacts=2000, n_templates=3, rng=1)
    >>> sorted(set(outcomes["variant"]))
    ['individual', 'template 01', 'template 02', 'template 03']
    """
    tastes = tastes or Tastes()
    check_at_least("n_contacts", n_contacts, 2)
    check_at_least("n_templates", n_templates, 1)
    if tastes.attributes_seen > len(ATTRIBUTES):
        raise ArgumentError(
            f"attributes_seen={tastes.attributes_seen} is above the {len(ATTRIBUTES)} attributes that exist."
        )
    draws = as_rng(rng)
    model = TasteModel.of(world, tastes)
    company = _companies(world, n_contacts, draws)
    columns, seen = _attributes(tastes, company, draws)
    names = [f"template {number:02d}" for number in range(1, n_templates + 1)]
    unseen = np.sqrt(1 - tastes.share_seen) * draws.standard_normal(seen.shape)
    rates = np.empty((n_contacts, n_templates + int(individual)))
    record = draws.permutation(tastes.records(n_contacts))
    for place, writer in enumerate(draws.choice(n_contacts, n_templates, replace=False)):
        rates[:, place] = model.top * np.exp(-model.loss * ((seen + unseen - seen[writer]) ** 2).sum(axis=1))
    if individual:
        names.append("individual")
        rates[:, -1] = _individual(model, unseen, record, draws)
    rates = np.minimum(rates, MOST)
    chance = pd.DataFrame(rates, columns=names)
    truth = chance.assign(contact_id=[f"T{number:07d}" for number in range(n_contacts)])
    after = given_company(chance, pd.Series(company), world, draws).to_numpy()
    arm = draws.integers(0, len(names), int(company.max()) + 1)[company]
    outcomes = pd.DataFrame(
        {
            "contact_id": truth["contact_id"], "company_id": [f"B{number:06d}" for number in company],
            "variant": np.array(names, dtype=object)[arm],
            "replied": draws.random(n_contacts) < after[np.arange(n_contacts), arm],
            **columns, "evidence": "simulated",
        }
    )  # fmt: skip
    return outcomes, truth[["contact_id", *names]]


def _individual(model: TasteModel, unseen: np.ndarray, record: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """Return the chances under individual emails, whose message is what a record lets one expect of the unseen taste."""
    told = record[:, None]
    noise = np.sqrt(1 - model.tastes.share_seen) * draws.standard_normal(unseen.shape)
    miss = (1 - told) * unseen - np.sqrt(told * (1 - told)) * noise  # a share of 1 - told of the variance is left
    wrong = draws.random(len(record)) < model.wrong_share(record)
    own = model.top * model.style * np.exp(-model.loss * (miss**2).sum(axis=1))
    return np.asarray(own * np.where(wrong, model.world.wrong_fact_factor, 1.0))


def _companies(world: World, n_contacts: int, draws: np.random.Generator) -> np.ndarray:
    sizes, weights = world.sizes()
    drawn = draws.choice(sizes, n_contacts, p=weights)
    return np.repeat(np.arange(n_contacts), drawn)[:n_contacts]


def _attributes(
    tastes: Tastes, company: np.ndarray, draws: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the columns that segments see, and the part of each contact's taste that they tell."""
    n, d = len(company), int(tastes.n_dimensions)
    columns, seen = {}, np.zeros((n, d))
    for name, n_levels in ATTRIBUTES[: int(tastes.attributes_seen)]:
        shares = np.sort(draws.dirichlet(np.full(n_levels, 4.0)))[::-1]
        wide = name in COMPANY_WIDE
        codes = draws.choice(n_levels, int(company.max()) + 1 if wide else n, p=shares)
        codes = codes[company] if wide else codes
        effect = draws.standard_normal((n_levels, d))
        effect -= shares @ effect
        effect /= np.sqrt(shares @ effect**2)
        seen += effect[codes] / np.sqrt(tastes.attributes_total)
        columns[name] = np.array([f"{name} {level}" for level in "abcdefghij"[:n_levels]], dtype=object)[codes]
    return columns, seen
