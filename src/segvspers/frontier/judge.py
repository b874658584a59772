"""What a frontier says: which k is best, and whether individual email beats templates, or where it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers._display import plural
from segvspers.frontier.bands import Band, contrast_band
from segvspers.frontier.costs import Prices
from segvspers.frontier.policies import Menu
from segvspers.frontier.scores import Moments


def find_stop(
    net: np.ndarray, moments: Moments, templates: list[int], confidence: float, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the k of the largest net value, and all k that can't be told from it at once."""
    n = len(templates)
    best = int(np.argmax(net[templates])) + 1
    if n == 1:
        return {"k_best": 1, "k_best_low": 1, "k_best_high": 1}
    pairs = [(a, b) for a in range(n) for b in range(n) if a < b]
    contrasts = np.zeros((len(pairs), len(net)))
    for row, (a, b) in enumerate(pairs):
        contrasts[row, templates[b]], contrasts[row, templates[a]] = 1.0, -1.0
    band = contrast_band(net, moments.covariance, contrasts, confidence=confidence, rng=rng, df=moments.df)
    worse = {a for row, (a, _) in enumerate(pairs) if band.band_low[row] > 0}
    worse |= {b for row, (_, b) in enumerate(pairs) if band.band_high[row] < 0}
    kept = [k for k in range(1, n + 1) if k - 1 not in worse]
    return {"k_best": best, "k_best_low": min([*kept, best]), "k_best_high": max([*kept, best])}


def judge(
    net: np.ndarray,
    moments: Moments,
    menu: Menu,
    k_best: int,
    prices: Prices,
    confidence: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return the verdict and the gains that it rests on.

    Notes
    -----
    Individual email must beat every k at once, the hybrid every k and individual email for all, by one band each; for
    segments it is enough that one k beats individual email by the band.
    """
    templates, own, both = menu.places("templates"), menu.places("individual"), menu.places("hybrid")
    scale = prices.value_usd if prices.known else 1.0
    against = templates if own else [templates[0]] * len(templates)
    band = _contrasts(net, moments, own * len(templates) if own else templates, against, confidence, rng)
    if not own:
        at = 0 if len(templates) == 1 else 1 + int(np.argmax(net[templates][1:]))
        loses = prices.known and len(templates) > 1 and band.band_high[1:].max() < 0
        verdict = "templates" if band.band_low.max() > 0 else "blast" if loses else "open"
        return {"verdict": verdict, **_gain(band, at, scale), "hybrid": _hybrid_frame([], None, scale)}
    verdict = "individual" if band.band_low.min() > 0 else "segments" if band.band_high.min() < 0 else "open"
    rivals = [*templates, *own]
    hybrid = _contrasts(net, moments, both * len(rivals), rivals, confidence, rng)
    if hybrid.band_low.min() > 0:
        verdict = "hybrid"
    shown = [(plural(k_best, "template"), k_best - 1), ("individual email for all", len(templates))]
    return {"verdict": verdict, **_gain(band, k_best - 1, scale), "hybrid": _hybrid_frame(shown, hybrid, scale)}


def _contrasts(
    net: np.ndarray, moments: Moments, first: list[int], second: list[int], confidence: float, rng: np.random.Generator
) -> Band:
    """Return net values of the first policies less those of the second."""
    rows = np.zeros((len(first), len(net)))
    for row, (a, b) in enumerate(zip(first, second, strict=True)):
        rows[row, a] += 1.0
        rows[row, b] -= 1.0
    return contrast_band(net, moments.covariance, rows, confidence=confidence, rng=rng, df=moments.df)


def _gain(band: Band, at: int, scale: float) -> dict[str, Any]:
    return {
        "k_compared": at + 1, "gain": float(band.estimate[at]) * scale, "gain_low": float(band.band_low[at]) * scale,
        "gain_high": float(band.band_high[at]) * scale,
    }  # fmt: skip


def _hybrid_frame(shown: list[tuple[str, int]], band: Band | None, scale: float) -> pd.DataFrame:
    rows = [
        (name, band.estimate[at] * scale, band.band_low[at] * scale, band.band_high[at] * scale)
        for name, at in shown
        if band is not None
    ]
    return pd.DataFrame(rows, columns=["against", "gain", "gain_low", "gain_high"])
