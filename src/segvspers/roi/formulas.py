"""Arithmetic of ROI, one function a formula, on numbers or arrays alike.

The symbols are those of the method note: N contacts, r reply rate, q positive share, m meeting given a
positive reply, w win given a meeting, V value of a deal, g margin, S templates, k steps. A ratio whose
denominator carries no information is nan.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def value_per_reply(q: Any, m: Any, w: Any, value: Any, margin: Any) -> Any:
    """Return the margin that one reply is worth, q m w V g.

    Examples
    --------
    >>> round(value_per_reply(0.3, 0.5, 0.2, 4000, 0.7), 6)
    84.0
    """
    return q * m * w * value * margin


def token_cost(n: Any, k: Any, retry: Any, tokens: tuple[Any, Any, Any], prices: tuple[Any, Any, Any]) -> Any:
    """Return the cost of the model's tokens; `tokens` and `prices` are input, cached input, output.

    Examples
    --------
    >>> round(token_cost(5000, 1, 0.05, (1000, 500, 300), (2.5, 1.25, 10.0)), 3)
    32.156
    """
    per_email = sum(count * price for count, price in zip(tokens, prices, strict=True))
    return n * k * (1 + retry) * per_email / 1e6


def roi(benefit: Any, cost: Any) -> Any:
    """Return (dB - dC)/dC, nan where dC is not above zero: a saving has no return on investment.

    Examples
    --------
    >>> float(roi(300.0, 100.0))
    2.0
    """
    return ratio(np.subtract(benefit, cost), np.where(np.asarray(cost) > 0, cost, np.nan))


def break_even_rate(
    rate: Any,
    cost_difference: Any,
    n: Any,
    per_reply: Any,
    *,
    reply_cost: Any = 0.0,
    relative_value: Any = 1.0,
) -> Any:
    """Return the reply rate of the treatment at which net is zero.

    With equal replies and free handling this is r_A + dC/(N q m w V g). `reply_cost` is what answering one
    reply costs, in which case `cost_difference` leaves it out; `relative_value` is the worth of a reply to
    the treatment over one to the control. It is nan where a reply earns nothing.

    Examples
    --------
    >>> round(float(break_even_rate(0.0, 0.68, 1, 12.9992)), 5)
    0.05231
    """
    gain = np.asarray(per_reply * relative_value - reply_cost, dtype=float)
    needed = rate * (per_reply - reply_cost) + cost_difference / n
    return ratio(needed, np.where(gain > 0, gain, np.nan))


def crossing_segments(n: Any, email_cost: Any, template_cost: Any) -> Any:
    """Return S*, the templates that cost as much as one email each: N c_email / c_template.

    Examples
    --------
    >>> round(float(crossing_segments(5000, 0.02 + 0.10 * 2 / 60 * 50, 0.75 * 50)), 2)
    24.89
    """
    return ratio(n * email_cost, template_cost)


def lifetime_value(margin_per_year: Any, retention: Any, discount: Any) -> Any:
    """Return CLV = m r/(1 + i - r): margin a year, retention, discount rate (Gupta and Lehmann).

    Examples
    --------
    >>> round(float(lifetime_value(100.0, 0.8, 0.10)), 2)
    266.67
    """
    return margin_per_year * retention / (1 + discount - retention)


def annuity(n_campaigns: Any, discount: Any, *, per_year: Any = 1.0) -> Any:
    """Return what one unit of money with each of n campaigns is worth today: sum of (1 + i)^(-t / per year), t from 1.

    Examples
    --------
    >>> round(float(annuity(2, 0.10)), 4)
    1.7355
    """
    growth = (1 + np.asarray(discount, dtype=float)) ** (1 / np.asarray(per_year, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = (1 - growth ** -np.asarray(n_campaigns, dtype=float)) / (growth - 1)
    return np.where(growth == 1, n_campaigns, worth)


def contacts_per_test(rate: Any, relative_lift: float) -> Any:
    """Return the contacts an arm needs to see a relative lift: two-sided 5 %, power 80 %, unpooled normal.

    Examples
    --------
    >>> round(float(contacts_per_test(0.03, 0.25)))
    9097
    """
    other = rate * (1 + relative_lift)
    spread = rate * (1 - rate) + other * (1 - other)
    return (1.959964 + 0.841621) ** 2 * spread / (other - rate) ** 2


def ratio(top: Any, bottom: Any) -> Any:
    """Return top/bottom, nan where the bottom is zero or nan."""
    below = np.asarray(bottom, dtype=float)
    return np.divide(top, below, out=np.full(np.broadcast(top, below).shape, np.nan), where=below != 0)
