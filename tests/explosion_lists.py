"""Lists that several tests of the room cross."""

import numpy as np
import pandas as pd

BY = ["industry", "company_size", "status", "region"]


def contacts(n=1000, seed=3, missing=0.1):
    r = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(n)],
            "industry": r.choice(list("abcdefghij"), n, p=r.dirichlet(np.ones(10))),
            "company_size": pd.Categorical(
                r.choice(["1-10", "11-50", "1000+"], n), ["1-10", "11-50", "1000+"], ordered=True
            ),
            "status": r.choice(["trial", "customer"], n),
            "region": r.choice(["US", "UK", "DACH"], n),
            "opens": r.poisson(3, n),
        }
    )
    frame.loc[r.random(n) < missing, "industry"] = None
    frame.loc[r.random(n) < missing, "region"] = None
    return frame


COLUMNS = ["industry", "plan", "region"]
COUNTS = (
    "n_contacts", "n_placed", "n_possible", "n_occupied", "n_single", "n_below_minimum", "n_cells_80", "chao1",
)  # fmt: skip


def mixed_list():
    """Return 4,000 contacts with columns of uneven levels, one of them with gaps, an amount and a reply."""
    r = np.random.default_rng(6)
    frame = pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(4_000)],
            "industry": r.choice(list("abcdefgh"), 4_000, p=r.dirichlet(np.ones(8))),
            "plan": r.choice(["A", "B", "C"], 4_000),
            "region": r.choice(["US", "UK"], 4_000),
            "spend": r.lognormal(size=4_000),
        }
    )
    frame["region"] = frame["region"].mask(r.random(4_000) < 0.1)
    return frame.assign(replied=r.random(4_000) < 0.1 + 0.15 * (frame["plan"] == "A"))
