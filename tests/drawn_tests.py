"""Randomised tests whose truth is known, made row by row."""

import numpy as np
import pandas as pd


def drawn(rng, n=4000, *, arms=("a", "b", "individual"), effect=0.06, companies=None, shares=None):
    """Contacts of three plans and four regions; template a suits the first plans, b the others."""
    plan, region = rng.integers(0, 3, n), rng.integers(0, 4, n)
    company = rng.integers(0, companies, n) if companies else np.arange(n)
    if companies:
        drawn_arm = rng.choice(len(arms), companies, p=shares)[company]
        shared = rng.normal(0, 0.09, companies)[company]
        plan = rng.integers(0, 3, companies)[company]
    else:
        drawn_arm, shared = rng.choice(len(arms), n, p=shares), 0.0
    truth = chances(plan, region, arms, effect)
    chance = np.clip(truth[np.arange(n), drawn_arm] + shared, 0, 1)
    table = pd.DataFrame(
        {
            "contact_id": [f"C{k}" for k in range(n)], "company_id": company.astype(str),
            "variant": np.array(arms)[drawn_arm], "replied": rng.random(n) < chance,
            "plan": np.array(["free", "pro", "team"])[plan], "region": np.array(["n", "e", "s", "w"])[region],
        }
    )  # fmt: skip
    return table, truth


def chances(plan, region, arms, effect):
    base = 0.10 + 0.02 * region
    suits = {"a": plan == 0, "b": plan != 0, "c": plan == 2}
    columns = [base + effect * (suits.get(name, np.ones(len(plan), dtype=bool))) for name in arms]
    return np.column_stack(columns)
