"""Other packages on simulated arms: calibration_peers.py draws.csv answers.csv."""

from __future__ import annotations

import math
import sys
import warnings

import pandas as pd

warnings.filterwarnings("ignore")
SLOW = 150


def tea(one, ratio):
    import tea_tasting as tt
    from tea_tasting.aggr import Aggregates

    arms = []
    for k in (0, 1):
        n, y = one[f"contacts_{k}"], one[f"replies_{k}"]
        if ratio:
            g = one[f"companies_{k}"]
            m_y, m_m = y / g, n / g
            scale = g - 1
            arms.append(
                Aggregates(
                    count_=int(g),
                    mean_={"y": m_y, "m": m_m},
                    var_={
                        "y": (one[f"replies_squared_{k}"] - g * m_y**2) / scale,
                        "m": (one[f"contacts_squared_{k}"] - g * m_m**2) / scale,
                    },
                    cov_={("m", "y"): (one[f"contacts_replies_{k}"] - g * m_y * m_m) / scale},
                )
            )
        else:
            p = y / n
            arms.append(Aggregates(count_=int(n), mean_={"y": p}, var_={"y": p * (1 - p) * n / (n - 1)}, cov_={}))
    metric = tt.RatioOfMeans("y", "m") if ratio else tt.Mean("y")
    found = metric.analyze_aggregates(*arms)
    return found.effect_size_ci_lower, found.effect_size_ci_upper


def growthbook(one, ratio):
    from gbstats.frequentist.tests import FrequentistConfig, TwoSidedTTest
    from gbstats.models.statistics import ProportionStatistic, RatioStatistic, SampleMeanStatistic

    arms = []
    for k in (0, 1):
        n, y = int(one[f"contacts_{k}"]), one[f"replies_{k}"]
        if ratio:
            g = int(one[f"companies_{k}"])
            top = SampleMeanStatistic(n=g, sum=y, sum_squares=one[f"replies_squared_{k}"])
            bottom = SampleMeanStatistic(n=g, sum=n, sum_squares=one[f"contacts_squared_{k}"])
            arms.append(
                RatioStatistic(
                    n=g, m_statistic=top, d_statistic=bottom, m_d_sum_of_products=one[f"contacts_replies_{k}"]
                )
            )
        else:
            arms.append(ProportionStatistic(n=n, sum=int(y)))
    found = TwoSidedTTest(*arms, FrequentistConfig(difference_type="absolute")).compute_result()
    low, high = found.ci
    return (float("nan"),) * 2 if low is None or (low == 0 and high == 0) else (low, high)


def spotify(one, _):
    import spotify_confidence as sc

    frame = pd.DataFrame(
        {
            "v": ["a", "b"],
            "y": [one["replies_0"], one["replies_1"]],
            "n": [one["contacts_0"], one["contacts_1"]],
        }
    )
    test = sc.ZTest(
        frame,
        numerator_column="y",
        numerator_sum_squares_column="y",
        denominator_column="n",
        categorical_group_columns="v",
        interval_size=0.95,
    )
    found = test.difference(level_1="a", level_2="b", absolute=True)
    return found["ci_lower"].iloc[0], found["ci_upper"].iloc[0]


METHODS = {
    "tea-tasting mean by contact": (tea, False),
    "tea-tasting ratio by company": (tea, True),
    "gbstats proportion by contact": (growthbook, False),
    "gbstats ratio by company": (growthbook, True),
    "spotify-confidence z-test by contact": (spotify, False),
}


def interval(method, one, ratio):
    try:
        low, high = method(one, ratio)
    except Exception:  # noqa: BLE001  a method that stops gives no interval
        return None
    return None if low is None or high is None or math.isnan(low) or math.isnan(high) else (low, high)


def main(draws, answers):
    table = pd.read_csv(draws).to_dict("records")
    rows = []
    for name, (method, ratio) in METHODS.items():
        used = table[:SLOW] if method is spotify else table
        found = [interval(method, one, ratio) for one in used]
        kept = [one for one in found if one is not None]
        alarms = sum(low > 0 or high < 0 for low, high in kept)
        rows.append(
            (
                name,
                len(found),
                alarms / len(found),
                (len(kept) - alarms) / len(found),
                1 - len(kept) / len(found),
            )
        )
    columns = ["method", "n", "false_alarms", "coverage", "undefined"]
    pd.DataFrame(rows, columns=columns).to_csv(answers, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
