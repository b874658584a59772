"""From learned scores to the finding: values, differences, bands, the k that pays, the verdict."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from segvspers.frontier.bands import Band, contrast_band
from segvspers.frontier.costs import Prices, policy_costs
from segvspers.frontier.finding import Frontier
from segvspers.frontier.judge import find_stop, judge
from segvspers.frontier.law import fit_law
from segvspers.frontier.naive import naive_values
from segvspers.frontier.policies import Menu, Policies, choose_before_blocks, choose_finally
from segvspers.frontier.scores import Learned, Moments, value_policies


def draw_values(
    learned: Learned,
    menu: Menu,
    prices: Prices,
    *,
    confidence: float,
    rng: np.random.Generator,
    **told: Any,
) -> Frontier:
    """Return the frontier of a test that was learned from."""
    test = learned.test
    choices = choose_before_blocks(learned, menu)
    moments = value_policies(learned, choices)
    counts = learned.sums.n.sum(axis=2)
    counts[: learned.scored.start] = 0
    costs = policy_costs(test, choices, counts, prices)
    rows, critical = _rows(learned, menu, moments, costs, prices, confidence, rng)
    net = moments.mean - (costs / prices.value_usd if prices.known else 0.0)
    templates = menu.places("templates")
    stop = find_stop(net, moments, templates, confidence, rng)
    finally_ = choose_finally(learned, menu)
    law = fit_law(
        np.array([menu.k[place] for place in templates]), moments.mean[templates],
        moments.covariance[np.ix_(templates, templates)], confidence=confidence,
        template_cost=prices.template_cost, rng=rng,
    )  # fmt: skip
    judged = judge(net, moments, menu, stop["k_best"], prices, confidence, rng)
    return Frontier(
        evidence=told.pop("evidence"), kind=test.kind, individual=_name(test, test.individual),
        best_blast=test.arms[finally_.order[0]], n_contacts=test.n_contacts, n_scored=moments.n,
        n_units=int(test.unit.max()) + 1, n_cells=test.n_cells, n_segments=int(test.segment_of_cell.max()) + 1,
        n_templates=len(test.templates), confidence=confidence, critical=critical, reply_value_usd=prices.value_usd,
        cost_per_template_usd=prices.template_usd, cost_per_email_usd=prices.email_usd, n_rolled_out=prices.n_contacts,
        **judged, **stop, law=law, policies=rows,
        templates=_templates(learned, menu, finally_), steps=_steps(net, moments, templates, prices, confidence),
        **told,
    )  # fmt: skip


def _name(test: Any, place: int) -> str | None:
    return test.arms[place] if place >= 0 else None


def _rows(
    learned: Learned,
    menu: Menu,
    moments: Moments,
    costs: np.ndarray,
    prices: Prices,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, float]:
    everything = np.eye(len(menu.policy))
    values = contrast_band(moments.mean, moments.covariance, everything, confidence=confidence, rng=rng, df=moments.df)
    lifts = contrast_band(
        moments.mean, moments.covariance, everything - everything[0], confidence=confidence, rng=rng, df=moments.df
    )
    known = learned.sums.total()
    worth = prices.value_usd
    rows = pd.DataFrame(
        {
            "policy": menu.policy,
            "k": menu.k,
            **_columns(values, "value"),
            **_columns(lifts, "lift"),
            "naive": naive_values(learned.test, menu, known.n, known.y),
            "cost_usd": costs,
            "net_usd": worth * values.estimate - costs,
            "net_low_usd": worth * values.low - costs,
            "net_high_usd": worth * values.high - costs,
            "net_band_low_usd": worth * values.band_low - costs,
            "net_band_high_usd": worth * values.band_high - costs,
            "net_lift_usd": worth * lifts.estimate - (costs - costs[0]),
            "net_lift_low_usd": worth * lifts.low - (costs - costs[0]),
            "net_lift_high_usd": worth * lifts.high - (costs - costs[0]),
        }
    )
    return rows, lifts.critical


def _columns(band: Band, name: str) -> dict[str, np.ndarray]:
    return {
        name: band.estimate, f"{name}_se": band.se, f"{name}_low": band.low, f"{name}_high": band.high,
        f"{name}_band_low": band.band_low, f"{name}_band_high": band.band_high,
    }  # fmt: skip


def _steps(net: np.ndarray, moments: Moments, templates: list[int], prices: Prices, confidence: float) -> pd.DataFrame:
    """Return what each further template adds, net of its cost."""
    contrasts = np.zeros((len(templates) - 1, len(net)))
    for row, (a, b) in enumerate(pairwise(templates)):
        contrasts[row, a], contrasts[row, b] = -1.0, 1.0
    band = contrast_band(
        net, moments.covariance, contrasts, confidence=confidence, rng=np.random.default_rng(0), df=moments.df
    )
    scale = prices.value_usd if prices.known else 1.0
    return pd.DataFrame(
        {
            "k": np.arange(2, len(templates) + 1),
            "added": band.estimate * scale,
            "added_low": band.low * scale,
            "added_high": band.high * scale,
        }
    )


def _templates(learned: Learned, menu: Menu, finally_: Policies) -> pd.DataFrame:
    """Return the templates in the order chosen on the whole test, and who would get each at every k."""
    test, rows = learned.test, []
    contacts = learned.sums.n.sum(axis=(0, 2))
    for k, place in enumerate(menu.places("templates"), start=1):
        shares = np.bincount(finally_.choice[place], weights=contacts, minlength=len(test.arms)) / contacts.sum()
        rows += [
            {"k": k, "template": test.arms[arm], "chosen": number, "share": float(shares[arm])}
            for number, arm in enumerate(finally_.order[:k], start=1)
        ]
    return pd.DataFrame(rows)
