"""From the odds to a decision: adopt, adopt for these groups, test more, or do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import require_columns
from segvspers.errors import DataError

DECISIONS = ("adopt", "adopt for these groups", "test more", "do not adopt")
QUARTERS = ("better and dearer", "better and cheaper", "worse and dearer", "worse and cheaper")
SHRUNK = {"shrunk_lift": "lift", "shrunk_low": "lift_low", "shrunk_high": "lift_high"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision, why it is that, and the size of the next test (0 when none pays)."""

    decision: str
    reason: str
    next_test_n: int


def decide(
    net: np.ndarray,
    *,
    evidence: str,
    samples: pd.DataFrame,
    groups: pd.DataFrame,
    adopt_above: float,
    by_group: bool = False,
) -> Choice:
    """Return the decision that the odds, the evidence and the worth of a further test leave.

    A net gain with probability `adopt_above` is adopted and one with less than its complement is not; in
    between, groups that reach it by themselves are adopted, or a test is made if it is worth its cost. With
    `by_group` the treatment is a policy that has chosen its groups already.
    Sends that were not randomised never lead further than to a test.
    """
    p, mean = float(np.mean(net > 0)), float(np.mean(net))
    best = samples.iloc[int(samples["net_value_usd"].to_numpy().argmax())] if len(samples) else None
    pays = best is not None and best["net_value_usd"] > 0
    n = int(best["n_per_arm"]) if pays and best is not None else 0
    if p <= 1 - adopt_above:
        return Choice("do not adopt", "a net gain is improbable", 0)
    if evidence == "observational":
        return Choice("test more", "the sends were not randomised", n)
    if p >= adopt_above and by_group and not groups["adopt"].all():
        return Choice("adopt for these groups", "a net gain of the hybrid is probable", 0)
    if p >= adopt_above:
        return Choice("adopt", "a net gain is probable", 0)
    if len(groups) and groups["adopt"].any() and not by_group:
        return Choice("adopt for these groups", "these groups gain by themselves", n)
    if pays:
        return Choice("test more", "this test can't tell, and a further one is worth its cost", n)
    reason = "this test can't tell, but a further one would cost more than it can save"
    return Choice("adopt" if mean > 0 else "do not adopt", reason, 0)


def quarter(better: bool, dearer: bool) -> str:
    """Return the verdict in four quarters: better or worse, cheaper or dearer."""
    return f"{'better' if better else 'worse'} and {'dearer' if dearer else 'cheaper'}"


def quarter_shares(benefit: np.ndarray, cost: np.ndarray) -> pd.DataFrame:
    """Return how probable each of the four quarters is."""
    better, dearer = benefit > 0, cost > 0
    shares = {
        quarter(b, d): float(np.mean((better == b) & (dearer == d))) for b in (True, False) for d in (True, False)
    }
    return pd.DataFrame({"verdict": QUARTERS, "probability": [shares[name] for name in QUARTERS]})


def value_groups(
    groups: Any,
    *,
    per_reply: np.ndarray,
    cost_per_contact: np.ndarray,
    adopt_above: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the net value of each group from its own lift, shrunk where the comparison shrank it.

    A group is adopted when its net gain is probable and, where the comparison corrected for many groups,
    its corrected p-value is below 0.05; without a correction the doubt allowed is shared by all groups.
    """
    columns = [
        "group",
        "n_contacts",
        "lift",
        "net_usd",
        "net_low_usd",
        "net_high_usd",
        "p_net_positive",
        "adopt",
    ]
    if groups is None:
        return pd.DataFrame(columns=columns)
    table = _tidy(groups)
    half = (table["lift_high"] - table["lift_low"]).to_numpy(dtype=float) / (2 * 1.959963984540054)
    corrected = "p_adjusted" in table.columns
    needed = adopt_above if corrected else 1 - (1 - adopt_above) / len(table)
    rows = []
    for i, name in enumerate(table["group"].astype(str)):
        n = float(table["n_contacts"].iloc[i])
        lift = table["lift"].iloc[i] + half[i] * rng.standard_normal(len(per_reply))
        net = n * (lift * per_reply - cost_per_contact)
        low, middle, high = np.quantile(net, [0.05, 0.5, 0.95])
        p = float(np.mean(net > 0))
        adopt = bool(p >= needed and (not corrected or table["p_adjusted"].iloc[i] < 0.05))
        rows.append((name, n, float(table["lift"].iloc[i]), float(middle), float(low), float(high), p, adopt))
    return pd.DataFrame(rows, columns=columns).sort_values("net_usd", ascending=False, ignore_index=True)


def _tidy(groups: Any) -> pd.DataFrame:
    table = (groups.to_frame() if not isinstance(groups, pd.DataFrame) else groups).copy()
    for shrunk, plain in SHRUNK.items():
        if shrunk in table.columns:
            table[plain] = table[shrunk]
    if "group" not in table.columns and "segment_id" in table.columns:
        table = table.rename(columns={"segment_id": "group"})
    if "n_contacts" not in table.columns and {"n_control", "n_treatment"} <= set(table.columns):
        table["n_contacts"] = table["n_control"] + table["n_treatment"]
    require_columns(table, ["group", "n_contacts", "lift", "lift_low", "lift_high"], table="groups")
    table = table.dropna(subset=["lift", "lift_low", "lift_high"])
    if table.empty:
        raise DataError("groups hold no lift that could be estimated; leave out groups=.")
    return table.reset_index(drop=True)
