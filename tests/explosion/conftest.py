"""Lists that several tests of the room cross."""

import numpy as np
import pandas as pd
import pytest

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


@pytest.fixture(name="contacts")
def _contacts():
    """Return the function that draws a list with some missing levels."""
    return contacts


@pytest.fixture(scope="session")
def by():
    return list(BY)


@pytest.fixture(scope="session")
def explosion():
    from segvspers import explode_segments

    return explode_segments(contacts(), by=BY)


@pytest.fixture(scope="session")
def with_outcome():
    from segvspers import explode_segments

    frame = contacts(3000)
    rate = 0.05 + 0.25 * (frame["status"] == "trial")
    replied = np.random.default_rng(2).random(3000) < rate
    return explode_segments(frame.assign(replied=replied), by=BY, outcome="replied")
