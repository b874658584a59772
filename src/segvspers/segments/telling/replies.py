"""What segments replied so far, shrunken towards the list: small segments have loud rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

CONFIDENCE = 0.95


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
    Beta-binomial empirical Bayes: the segments' rates come from one beta distribution, fitted by maximum
    marginal likelihood; ``reply_rate`` is the posterior mean, with the equal-tailed 95 % posterior interval.
    ``reply_rate_raw`` is replied over emailed. The interval takes the fitted beta as known.
    """
    with np.errstate(invalid="ignore"):
        raw = replied / emailed
    frame = pd.DataFrame({"n_emailed": emailed, "n_replied": replied, "reply_rate_raw": raw})
    if not emailed.any():
        return frame.assign(reply_rate=np.nan, reply_rate_low=np.nan, reply_rate_high=np.nan)
    from scipy import stats

    a, b = beta_prior(replied, emailed)
    posterior = stats.beta(a + replied, b + emailed - replied)
    low, high = posterior.interval(CONFIDENCE)
    return frame.assign(reply_rate=posterior.mean(), reply_rate_low=low, reply_rate_high=high)


def beta_prior(counts: np.ndarray, totals: np.ndarray) -> tuple[float, float]:
    """Return the beta distribution that makes the counts most likely.

    Its weight is at most that of all trials, which is what it comes to when the rates differ by chance alone.
    """
    from scipy import optimize, stats

    counts, totals = counts[totals > 0], totals[totals > 0]
    n = float(totals.sum())
    start = (counts.sum() + 0.5) / (n + 1)

    def against(at: np.ndarray) -> float:
        mean, weight = 1 / (1 + np.exp(-at[0])), np.exp(at[1])
        return -float(stats.betabinom.logpmf(counts, totals, mean * weight, (1 - mean) * weight).sum())

    first = np.log(start / (1 - start))
    found = [
        optimize.minimize(
            against,
            [first, np.log(weight)],
            method="L-BFGS-B",
            bounds=[(first - 5, first + 5), (0.0, np.log(max(n, 2)))],
        )
        for weight in (max(1.5, n / 100), max(1.5, n / 2))
    ]
    at = min(found, key=lambda one: one.fun).x
    mean, weight = 1 / (1 + np.exp(-at[0])), np.exp(at[1])
    return float(mean * weight), float((1 - mean) * weight)
