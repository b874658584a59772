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
