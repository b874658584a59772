"""What it is worth to know more before deciding: everything, one input, or the result of a larger test."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segvspers.roi.model import Model, group_of

TEST_SIZES = (500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000)
N_BINS = 100
REGRESSION_DRAWS = 20_000


def perfect_information(net: np.ndarray) -> float:
    """Return EVPI, E[max(0, net)] - max(0, E[net]): the most that any study can be worth.

    Examples
    --------
    >>> perfect_information(np.array([-100.0, 300.0]))
    50.0
    """
    return float(np.mean(np.maximum(net, 0.0)) - max(0.0, float(np.mean(net))))


def regrets(net: np.ndarray) -> tuple[float, float]:
    """Return the expected regret of adopting and of staying, E[max(0, -net)] and E[max(0, net)].

    Examples
    --------
    >>> regrets(np.array([-100.0, 300.0]))
    (50.0, 150.0)
    """
    return float(np.mean(np.maximum(-net, 0.0))), float(np.mean(np.maximum(net, 0.0)))


def partial_information(model: Model, net: np.ndarray) -> pd.DataFrame:
    """Return what knowing each input exactly is worth, most first.

    Net given an input is its mean within 100 quantile bins of the input (Strong and Oakley 2013).
    """
    net = net[:REGRESSION_DRAWS]
    stay = max(0.0, float(np.mean(net)))
    rows = []
    for name in model.uncertain():
        order = np.argsort(model.draws[name][:REGRESSION_DRAWS], kind="stable")
        means = np.array([part.mean() for part in np.array_split(net[order], N_BINS)])
        worth = max(0.0, float(np.mean(np.maximum(means, 0.0))) - stay)
        rows.append({"parameter": name, "group": group_of(name), "value_usd": worth})
    table = pd.DataFrame(rows, columns=["parameter", "group", "value_usd"])
    return table.sort_values(["value_usd", "parameter"], ascending=[False, True], ignore_index=True)


def sample_information(
    rate_control: np.ndarray,
    rate_treatment: np.ndarray,
    net: np.ndarray,
    *,
    cost_per_contact: float,
    rng: np.random.Generator,
    sizes: tuple[int, ...] = TEST_SIZES,
) -> pd.DataFrame:
    """Return, for each size of a further test, its expected value, its cost and what is left.

    Notes
    -----
    A test of each size is drawn from every draw of the rates; net is regressed on what that test shows
    (Strong, Oakley, Brennan and Breeze 2015), and the expected value of sample information is
    E[max(0, fitted net)] - max(0, E[net]). The test costs what individual email costs more, per contact.
    """
    use = slice(0, REGRESSION_DRAWS)
    r_control, r_treatment, net = rate_control[use], np.minimum(rate_treatment[use], 1.0), net[use]
    stay, most = max(0.0, float(np.mean(net))), perfect_information(net)
    rows = []
    for n in sizes:
        seen_control = (rng.binomial(n, r_control) + 0.5) / (n + 1)
        seen_treatment = (rng.binomial(n, r_treatment) + 0.5) / (n + 1)
        fitted = _fitted(seen_treatment - seen_control, np.log(seen_treatment / seen_control), net)
        worth = min(max(0.0, float(np.mean(np.maximum(fitted, 0.0))) - stay), most)
        cost = max(0.0, n * cost_per_contact)
        rows.append(
            {
                "n_per_arm": n,
                "value_usd": worth,
                "cost_usd": cost,
                "net_value_usd": worth - cost,
                "share_of_evpi": worth / most if most > 0 else 0.0,
            }
        )
    return pd.DataFrame(rows)


def _fitted(difference: np.ndarray, log_ratio: np.ndarray, net: np.ndarray) -> np.ndarray:
    columns = [_scaled(difference), _scaled(log_ratio)]
    powers = [a**i * b**j for a, b in [tuple(columns)] for i in range(4) for j in range(4 - i)]
    design = np.column_stack(powers)
    squares = design.T @ design
    ridge = 1e-9 * np.trace(squares) * np.eye(len(squares))
    return design @ np.linalg.solve(squares + ridge, design.T @ net)


def _scaled(values: np.ndarray) -> np.ndarray:
    spread = values.std()
    return np.clip((values - values.mean()) / spread, -5, 5) if spread > 0 else np.zeros_like(values)
