"""What segments replied so far, shrunken towards the list: small segments have loud rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

CONFIDENCE = 0.95
N_GRID, N_HALVINGS = 24, 24


def replied_contacts(history: pd.DataFrame) -> pd.DataFrame:
    """Return one row a contact who was sent something: ``emailed`` and whether a person ``replied``."""
    kind = history["event"].astype(str)
    sent = history.loc[kind == "sent", "contact_id"].unique()
    human = kind == "reply"
    if "reply_class" in history.columns:
        human &= history["reply_class"].astype(str) != "auto_reply"
    replied = set(history.loc[human, "contact_id"].unique())
    return pd.DataFrame({"replied": [contact in replied for contact in sent]}, index=pd.Index(sent, name="contact_id"))


def answers_of(replied: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Return, for each contact, 1 when emailed and 1 when replied too; nan of `replied` was never emailed."""
    return None if replied is None else ((~np.isnan(replied)).astype(float), np.nan_to_num(replied))


def reply_rates(emailed: np.ndarray, replied: np.ndarray) -> pd.DataFrame:
    """Return one row a segment: contacts emailed, contacts who replied, and the shrunken rate with its interval.

    Notes
    -----
    The segments' rates come from one beta distribution, about which nothing is known beforehand: its mean and
    the inverse root of its weight are uniform (Gelman et al. 2013, *Bayesian Data Analysis*, section 5.3).
    ``reply_rate`` is the posterior mean, with the equal-tailed 95 % posterior interval. A rate fitted by
    empirical Bayes alone would have the same middle and too short an interval, since few segments say
    little about the distribution. ``reply_rate_raw`` is replied over emailed.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = replied / emailed
    frame = pd.DataFrame({"n_emailed": emailed, "n_replied": replied, "reply_rate_raw": raw})
    if not emailed.any():
        return frame.assign(reply_rate=np.nan, reply_rate_low=np.nan, reply_rate_high=np.nan)
    prior = beta_priors(replied, emailed)
    pairs, place = np.unique(np.stack([replied, emailed], axis=1), axis=0, return_inverse=True)
    told = _posterior(prior, pairs[:, 0], pairs[:, 1])[place.reshape(-1)]
    told[emailed == 0] = np.nan
    return frame.assign(reply_rate=told[:, 0], reply_rate_low=told[:, 1], reply_rate_high=told[:, 2])


def beta_priors(replied: np.ndarray, emailed: np.ndarray) -> np.ndarray:
    """Return the beta distributions that the rates may come from, a row each: a, b and their probability.

    A grid of means and weights, laid once over all that is possible and again over what is likely.
    """
    y, n = replied[emailed > 0].astype(float), emailed[emailed > 0].astype(float)
    middle = np.log((y.sum() + 0.5) / (n.sum() - y.sum() + 0.5))
    logits, roots = np.linspace(middle - 5, middle + 5, N_GRID), np.linspace(0.5 / np.sqrt(n.sum()), 1.0, N_GRID)
    for _ in range(3):
        grid = _grid(logits, roots, y, n)
        likely = grid[:, 4] > 1e-5 * grid[:, 4].max()
        logits, roots = (_around(grid[likely, axis], values) for axis, values in ((0, logits), (1, roots)))
    grid = grid[grid[:, 4] > 1e-3 * grid[:, 4].max()]
    return np.column_stack([grid[:, 2], grid[:, 3], grid[:, 4] / grid[:, 4].sum()])


def _around(likely: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return a grid over the likely values and one step to either side."""
    step = values[1] - values[0]
    return np.linspace(max(values[0], likely.min() - step), min(values[-1], likely.max() + step), N_GRID)


def _grid(logits: np.ndarray, roots: np.ndarray, y: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return a row a point: logit of the mean, inverse root of the weight, a, b and the posterior density."""
    from scipy.special import betaln

    logit, root = (axis.ravel() for axis in np.meshgrid(logits, roots, indexing="ij"))
    mean, weight = 1 / (1 + np.exp(-logit)), root**-2
    a, b = mean * weight, (1 - mean) * weight
    log = np.log(mean * (1 - mean))  # uniform in the mean, drawn on the scale of its logit
    pairs, times = np.unique(np.stack([y, n], axis=1), axis=0, return_counts=True)
    for (one, of), count in zip(pairs, times, strict=True):
        log += count * (betaln(a + one, b + of - one) - betaln(a, b))
    return np.column_stack([logit, root, a, b, np.exp(log - log.max())])


def _posterior(prior: np.ndarray, y: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return the posterior mean and the ends of the interval, a row a pair of counts."""
    from scipy.special import betainc

    a, b = prior[:, :1] + y, prior[:, 1:2] + n - y
    share = prior[:, 2]
    ends = []
    for level in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2):
        low, high = np.zeros(len(y)), np.ones(len(y))
        for _ in range(N_HALVINGS):
            middle = (low + high) / 2
            below = share @ betainc(a, b, middle) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        ends.append((low + high) / 2)
    return np.column_stack([share @ (a / (a + b)), *ends])
