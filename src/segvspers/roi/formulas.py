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


def crossing_contacts(fixed_control: Any, fixed_treatment: Any, per_control: Any, per_treatment: Any) -> Any:
    """Return the contacts at which both variants cost the same; nan where that is never.

    Examples
    --------
    >>> float(crossing_contacts(450.0, 400.0, 0.0, 0.25))
    200.0
    """
    found = np.asarray(ratio(np.subtract(fixed_control, fixed_treatment), per_treatment - per_control))
    return np.where(found > 0, found, np.nan)


def lifetime_value(margin_per_year: Any, retention: Any, discount: Any) -> Any:
    """Return CLV = m r/(1 + i - r): margin a year, retention, discount rate (Gupta and Lehmann).

    Examples
    --------
    >>> round(float(lifetime_value(100.0, 0.8, 0.10)), 2)
    266.67
    """
    return margin_per_year * retention / (1 + discount - retention)


def present_value(flows: Any, discount: float, *, periods_per_year: float = 1.0) -> Any:
    """Return the sum of flow_t / (1 + i)^(t / periods a year) along the first axis, t from 0.

    Examples
    --------
    >>> round(float(present_value([-1000, 600, 600], 0.10)), 2)
    41.32
    """
    flows = np.asarray(flows, dtype=float)
    years = np.arange(len(flows)) / periods_per_year
    weights = (1 + discount) ** -years
    return np.tensordot(weights, flows, axes=1)


def payback_period(flows: Any) -> Any:
    """Return the first t with a cumulative flow of at least zero, nan when that never comes.

    Examples
    --------
    >>> float(payback_period([-1000, 600, 600]))
    2.0
    """
    total = np.cumsum(np.asarray(flows, dtype=float), axis=0)
    reached = total >= 0
    return np.where(reached.any(axis=0), reached.argmax(axis=0), np.nan)


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
