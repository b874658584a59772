"""Write the sample: `python -m segvspers.datasets --out data/sample`."""

import argparse

from segvspers.datasets.make import SEED, make_sample

parser = argparse.ArgumentParser(description="Write the sample data.")
parser.add_argument("--out", default="data/sample", help="folder to write to")
parser.add_argument("--seed", type=int, default=SEED, help="the same seed gives the same bytes")
given = parser.parse_args()
print(f"wrote {make_sample(given.out, seed=given.seed)}")  # noqa: T201
