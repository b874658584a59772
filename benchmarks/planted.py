"""Tables of mixed columns with planted segments: skewed numbers, shared zeros, categories, scrambled rows."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd

LEVELS = {"industry": 10, "company_size": 5, "engagement": 3, "status": 4, "region": 12, "channel": 8}
# Spread of the segments' means on the scale of each number's latent score.
NUMBERS = ("recency", "orders", "revenue", "opens", "clicks", "tenure", "sessions", "employees")


def planted(
    n: int,
    *,
    seed: int,
    n_segments: int = 8,
    spread: float = 1.2,
    sharpness: float = 0.8,
    correlation: float = 0.3,
    scrambled: float = 0.08,
    missing: float = 0.0,
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return a table, the segment of each row, and which rows are scrambled.

    Two in five of the pairs of a segment and a column tell nothing; one common factor links the numbers
    inside a segment, by loadings up to the root of `correlation`; revenue is there only with orders.
    """
    world, rng = (np.random.default_rng([seed, part]) for part in (0, n))
    share = world.dirichlet(np.full(n_segments, 6.0))
    told = world.random((n_segments, len(NUMBERS) + len(LEVELS))) >= 0.4
    centre = world.normal(0, spread, (n_segments, len(NUMBERS))) * told[:, : len(NUMBERS)]
    segment = rng.choice(n_segments, n, p=share)
    factor = rng.normal(size=(n, 1))
    noise = rng.normal(size=(n, len(NUMBERS)))
    loading = np.sqrt(correlation) * world.random(len(NUMBERS))
    score = centre[segment] + loading * factor + np.sqrt(1 - loading**2) * noise
    z = dict(zip(NUMBERS, score.T, strict=True))
    orders = rng.poisson(np.exp(0.9 * z["orders"] + 0.1))
    frame = pd.DataFrame(
        {
            "recency": np.exp(3 + 0.8 * z["recency"]),
            "orders": orders,
            "revenue": np.where(orders > 0, orders * np.exp(3.5 + 0.8 * z["revenue"]), 0.0),
            "opens": rng.poisson(np.exp(1.2 + 0.8 * z["opens"])),
            "clicks": rng.poisson(np.exp(-0.3 + 0.9 * z["clicks"])),
            "tenure": np.exp(2.5 + 0.7 * z["tenure"]),
            "sessions": rng.poisson(np.exp(0.8 + 0.9 * z["sessions"])),
            "employees": np.ceil(np.exp(3 + 1.3 * z["employees"])),
        }
    )
    for place, (name, size) in enumerate(LEVELS.items()):
        base = world.dirichlet(np.full(size, 2.0))
        tilt = world.normal(0, sharpness, (n_segments, size)) * told[:, len(NUMBERS) + place, None] * 1.6
        table = base * np.exp(tilt)
        table /= table.sum(axis=1, keepdims=True)
        drawn = (rng.random(n)[:, None] > np.cumsum(table, axis=1)[segment]).sum(axis=1)
        frame[name] = pd.Categorical.from_codes(np.minimum(drawn, size - 1), [f"{name[:2]}{i}" for i in range(size)])
    mixed = rng.random(n) < scrambled
    for name in frame.columns:
        # Orders and revenue of a scrambled row come from one other row, so that there is no revenue without orders.
        source = "orders" if name == "revenue" else name
        frame[name] = _scrambled(frame[name], mixed, np.random.default_rng([seed, zlib.crc32(source.encode())]))
        if missing:
            frame[name] = frame[name].mask(rng.random(n) < missing)
    return frame, segment, mixed


def _scrambled(column: pd.Series, rows: np.ndarray, rng: np.random.Generator) -> pd.Series:
    """Return the column with the values of some rows taken from rows drawn from all."""
    source = np.arange(len(column))
    source[rows] = rng.integers(0, len(column), int(rows.sum()))
    return column.iloc[source].reset_index(drop=True)


def home_ground(n: int, *, seed: int, n_segments: int = 8, n_numbers: int = 8) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the home ground of k-means: equal spherical normals, with three categories that tell nothing."""
    world, rng = (np.random.default_rng([seed, 100 + part]) for part in (0, n))
    centre = world.normal(0, 1.6, (n_segments, n_numbers))
    segment = rng.integers(0, n_segments, n)
    frame = pd.DataFrame(
        centre[segment] + rng.normal(size=(n, n_numbers)), columns=[f"x{place}" for place in range(n_numbers)]
    )
    for name, size in (("region", 6), ("plan", 4), ("team", 3)):
        frame[name] = pd.Categorical.from_codes(rng.integers(0, size, n), [f"{name}{i}" for i in range(size)])
    return frame, segment
