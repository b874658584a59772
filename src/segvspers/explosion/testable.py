"""How many contacts a test inside one cell needs."""

from __future__ import annotations


def contacts_per_test(base_rate: float, relative_lift: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the contacts of both arms that show a relative lift in a two-sided test of two proportions.

    Notes
    -----
    Normal approximation with unpooled variances, equal arms (Fleiss, Levin and Paik 2003, section 4.3).

    Examples
    --------
    >>> round(contacts_per_test(0.03, 1 / 3) / 2)
    5298
    """
    from scipy.stats import norm

    lifted = base_rate * (1 + relative_lift)
    if not 0 < lifted < 1:
        return float("inf")
    spread = base_rate * (1 - base_rate) + lifted * (1 - lifted)
    z = norm.isf(alpha / 2) + norm.isf(1 - power)
    return float(2 * z * z * spread / (lifted - base_rate) ** 2)
