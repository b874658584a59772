"""A recommendation as values seen per contact: what the hybrid brings and costs more than the default for everybody."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segvspers.errors import ArgumentError
from segvspers.frontier.policy import Recommendation
from segvspers.roi.observed import ObservedValues

GROUP_TAIL = 1.6448536269514722  # ends of the 90 % range that the report shows of groups


def policy_values(found: Recommendation) -> ObservedValues:
    """Return margin and cost per contact of the hybrid and of the default, valued on blocks not learned from.

    Raises
    ------
    ArgumentError
        When the worth of a reply was not given, so that there is no margin.
    """
    if not np.isfinite(found.reply_value_usd):
        raise ArgumentError("this recommendation knows no money; give reply_value_usd= to recommend_variant.")
    n = found.n_scored or found.n_contacts - found.n_held
    hybrid, default = found.policies.iloc[0], found.policies.iloc[1]
    worth = found.reply_value_usd
    variance = float(worth * default["lift_se"]) ** 2
    return ObservedValues(
        control=found.default, treatment="hybrid", n_control=n, n_treatment=n,
        value_control=worth * float(default["value"]), value_treatment=worth * float(hybrid["value"]),
        cost_control=float(default["cost_usd"]), cost_treatment=float(hybrid["cost_usd"]),
        value_difference=worth * found.lift, cost_difference=float(hybrid["cost_usd"] - default["cost_usd"]),
        covariance=((variance, 0.0), (0.0, 0.0)), rate_control=float(default["value"]), rate_treatment=float(hybrid["value"]),
        lift=found.lift, lift_low=found.lift_low, lift_high=found.lift_high, net_seen_usd=found.net_lift_usd * n,
        evidence=found.evidence, cluster=found.cluster, confidence=found.confidence,
    )  # fmt: skip


def policy_groups(found: Recommendation) -> pd.DataFrame:
    """Return the groups as the report shows them; those that get another variant than the default are adopted."""
    from scipy.stats import norm

    table = found.groups
    reach = norm.ppf(0.5 + found.confidence / 2)
    sd = (table["net_gain_high"] - table["net_gain_low"]) / (2 * reach)
    n, net = table["n_contacts"].astype(float), table["net_gain"]
    return pd.DataFrame(
        {
            "group": table["group"], "n_contacts": n, "lift": table["lift"], "net_usd": n * net,
            "net_low_usd": n * (net - GROUP_TAIL * sd), "net_high_usd": n * (net + GROUP_TAIL * sd),
            "p_net_positive": norm.cdf(net / sd.where(sd > 0, 1e-12)), "adopt": table["variant"] != found.default,
        }
    )  # fmt: skip
