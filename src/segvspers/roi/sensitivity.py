"""What moves the answer: tornado, switching values, scenarios and the curve of segments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers.roi import formulas
from segvspers.roi.model import Model, group_of

LOW, HIGH = 0.10, 0.90
TEST_LIFT = 0.25


def tornado(model: Model) -> pd.DataFrame:
    """Return net at the 10th and 90th percentile of each input, the others at their medians; widest first.

    `switch_value` is where net changes sign between the 1st and 99th percentile, nan when it does not.
    """
    middle = model.medians()
    rows = []
    for name in model.uncertain():
        low, high = (float(value) for value in np.quantile(model.draws[name], [LOW, HIGH]))
        net_low, net_high = (float(model.evaluate(middle | {name: value})["net"]) for value in (low, high))
        rows.append(
            {
                "parameter": name,
                "group": group_of(name),
                "input_low": low,
                "input_median": middle[name],
                "input_high": high,
                "net_low_usd": net_low,
                "net_high_usd": net_high,
                "swing_usd": abs(net_high - net_low),
                "switch_value": _switch(model, middle, name),
            }
        )
    columns = ["parameter", "group", "input_low", "input_median", "input_high", "net_low_usd", "net_high_usd"]
    table = pd.DataFrame(rows, columns=[*columns, "swing_usd", "switch_value"])
    table = table.sort_values(["swing_usd", "parameter"], ascending=[False, True], ignore_index=True)
    squares = table["swing_usd"] ** 2
    return table.assign(share_of_swing=squares / squares.sum() if squares.sum() > 0 else 0.0)


def _switch(model: Model, middle: dict[str, float], name: str) -> float:
    low, high = np.quantile(model.draws[name], [0.01, 0.99])
    grid = np.linspace(low, high, 201)
    net = np.broadcast_to(model.evaluate(middle | {name: grid})["net"], grid.shape)
    crossed = np.flatnonzero(np.diff(np.signbit(net)))
    if not len(crossed):
        return float("nan")
    i = int(crossed[0])
    return float(grid[i] - net[i] * (grid[i + 1] - grid[i]) / (net[i + 1] - net[i]))


def scenario_row(model: Model, *, name: str, note: str, corner: float | None = None) -> dict[str, Any]:
    """Return the figures of one scenario.

    `corner` puts every cost and funnel input at that quantile against (below 0.5) or in favour of the
    treatment, while the evidence keeps its draws.
    """
    inputs: dict[str, Any] = dict(model.draws)
    if corner is not None:
        middle = model.medians()
        for parameter in model.uncertain():
            if group_of(parameter) == "evidence":
                continue
            ends = np.quantile(model.draws[parameter], [corner, 1 - corner])
            nets = [float(model.evaluate(middle | {parameter: float(end)})["net"]) for end in ends]
            wanted = min(nets) if corner < 0.5 else max(nets)
            inputs[parameter] = float(ends[nets.index(wanted)])
    amounts = model.evaluate(inputs)
    net = np.asarray(amounts["net"])
    low, middle_net, high = np.quantile(net, [0.05, 0.5, 0.95])
    lift = np.median(model.draws["relative_rate"]) - 1 if "relative_rate" in model.draws else np.nan
    cost = np.asarray(amounts["cost_difference"])
    told = np.asarray(amounts["roi"])[cost > 0] if cost.ndim else np.asarray(amounts["roi"])
    ratio = np.median(told) if np.mean(cost > 0) >= 0.95 else np.nan
    return {
        "scenario": name,
        "relative_lift": float(lift),
        "benefit_usd": float(np.median(amounts["benefit"])),
        "cost_difference_usd": float(np.median(cost)),
        "net_usd": float(middle_net),
        "net_low_usd": float(low),
        "net_high_usd": float(high),
        "roi": float(ratio),
        "p_net_positive": float(np.mean(net > 0)),
        "note": note,
    }


def segment_curve(model: Model, *, n_contacts: int, rate: float, n_segments: float) -> pd.DataFrame:
    """Return what S templates and one email a contact cost, and whether such segments can be tested."""
    amounts = model.evaluate(model.draws)
    crossings = np.asarray(amounts["crossing_segments"])
    told = crossings[np.isfinite(crossings)]
    top = max(600.0, 3 * float(np.median(told)) if len(told) else 0.0, n_segments)
    grid = np.unique(np.concatenate([np.geomspace(1, min(top, max(n_contacts, 1)), 40).round(), [n_segments]]))
    steps = model.medians()["n_steps"]
    template, email = (
        np.quantile(amounts[name], [0.05, 0.5, 0.95]) * steps for name in ("template_cost", "email_cost")
    )
    needed = float(formulas.contacts_per_test(rate, TEST_LIFT)) * 2 if 0 < rate < 1 else float("nan")
    per_segment = n_contacts / grid
    return pd.DataFrame(
        {
            "n_segments": grid,
            "templates_usd": grid * template[1],
            "templates_low_usd": grid * template[0],
            "templates_high_usd": grid * template[2],
            "emails_usd": n_contacts * email[1],
            "emails_low_usd": n_contacts * email[0],
            "emails_high_usd": n_contacts * email[2],
            "contacts_per_segment": per_segment,
            "contacts_per_test": needed,
            "testable": per_segment >= needed,
        }
    )
