"""With which chance each contact's variant was drawn: given, or assumed and said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segvspers._checks import few
from segvspers._display import percent
from segvspers.errors import ArgumentError, DataError, NotEstimableError

LEAST = 0.001
MISMATCH = 1e-6
FAR = 5.0  # standard errors


def find_propensities(
    frame: pd.DataFrame,
    arms: tuple[str, ...],
    arm: np.ndarray,
    *,
    propensities: Mapping[str, float] | str | None,
    within: str | None,
    unit: np.ndarray,
) -> tuple[np.ndarray, str]:
    """Return the chance with which each contact's variant was drawn, and what was assumed, in words."""
    if propensities is not None and within is not None:
        raise ArgumentError("propensities= and within= both say how variants were drawn; give one of them.")
    if within is not None:
        return _shares_within(frame[within], arms, arm, within)
    if propensities is None:
        shares = np.bincount(arm, minlength=len(arms)) / len(arm)
        return shares[arm], (
            "The chances of the draw were not given: each variant is taken to have been drawn with its share of the "
            "contacts, the same for everybody."
        )
    if isinstance(propensities, str):
        return _column(frame[propensities], arms, arm, unit, propensities), ""
    return _mapping(propensities, arms, arm, unit)[arm], ""


def _shares_within(column: pd.Series, arms: tuple[str, ...], arm: np.ndarray, within: str) -> tuple[np.ndarray, str]:
    codes = pd.factorize(column, use_na_sentinel=False)[0]
    counts = np.zeros((codes.max() + 1, len(arms)))
    np.add.at(counts, (codes, arm), 1)
    empty = int((counts == 0).any(axis=1).sum())
    if empty:
        raise NotEstimableError(
            f"{empty:,} of {len(counts):,} strata of {within!r} lack a variant, so nobody there could have got it; merge small "
            "strata."
        )
    shares = counts / counts.sum(axis=1, keepdims=True)
    said = f"The chances of the draw were not given: each variant is taken to have been drawn with its share within {within}."
    return shares[codes, arm], said


def _column(column: pd.Series, arms: tuple[str, ...], arm: np.ndarray, unit: np.ndarray, name: str) -> np.ndarray:
    chance = pd.to_numeric(column.astype("object"), errors="coerce").to_numpy(dtype=float)
    bad = ~((chance > 0) & (chance <= 1))
    if bad.any():
        rows = (np.flatnonzero(bad) + 1).tolist()
        raise DataError(f"{name!r} must hold chances above 0 and up to 1; it does not in row {few(rows)}.")
    sure = int((chance >= 1).sum())
    if sure:
        raise NotEstimableError(
            f"{name!r} is 1 for {sure:,} contacts: they could have got one variant only, so nothing tells what another would "
            "have brought them. Leave them out, and say so."
        )
    if chance.min() < LEAST:
        raise NotEstimableError(
            f"{name!r} goes down to {chance.min():.2g}; below {LEAST} single contacts would decide the whole value. Leave "
            "those contacts out, and say so."
        )
    spread = _unit_factor(unit)
    for place, arm_name in enumerate(arms):
        weights = np.where(arm == place, 1 / chance, 0.0)
        error = weights.std() / np.sqrt(len(weights)) * spread
        if abs(weights.mean() - 1) > FAR * error + 1e-9:
            raise DataError(
                f"{name!r} can't be the chances of the draw: by them {percent(weights.mean(), 0)} of contacts would have got "
                f"{arm_name!r}, where weights of a draw add up to 100 %. The column must hold the chance of the variant got."
            )
    return chance


def _mapping(given: Mapping[str, float], arms: tuple[str, ...], arm: np.ndarray, unit: np.ndarray) -> np.ndarray:
    from scipy.stats import chisquare

    named = {str(name): float(value) for name, value in given.items()}
    if set(named) != set(arms) or not all(0 < value < 1 for value in named.values()):
        raise ArgumentError(f"propensities={named} must give each of {list(arms)} a chance between 0 and 1.")
    shares = np.array([named[name] for name in arms])
    if abs(shares.sum() - 1) > 1e-6:
        raise ArgumentError(f"propensities={named} add up to {shares.sum():.4g}, not 1.")
    counts = np.bincount(arm, minlength=len(arms)) / _unit_factor(unit) ** 2
    test = chisquare(counts, shares * counts.sum())
    if test.pvalue < MISMATCH:
        seen = {name: round(float(value), 4) for name, value in zip(arms, counts / counts.sum(), strict=True)}
        raise DataError(
            f"propensities={named} are not the chances of this draw: the shares are {seen} (p {test.pvalue:.1g}). Look for "
            "lost contacts, or mend the chances."
        )
    return shares


def _unit_factor(unit: np.ndarray) -> float:
    """Return by how much drawing units instead of contacts can widen an error at most."""
    sizes = np.bincount(unit)
    return float(np.sqrt((sizes**2).sum() / sizes.sum()))
