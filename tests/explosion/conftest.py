"""Explosions that several tests of the room look at."""

import numpy as np
import pytest

from explosion_lists import BY, contacts


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
