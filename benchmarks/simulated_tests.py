"""10,000 simulated tests of 10,000 contacts an arm: seconds a world; the target is under 2 s."""

import time

from segvspers import World, simulate_tests

WORLDS = {
    "contacts drawn": World(icc=0.0, contacts_per_company=1.0),
    "default (1.7 contacts a company, icc 0.05)": World(),
    "10 contacts a company, icc 0.2": World(icc=0.2, contacts_per_company=10.0),
    "50 contacts a company, icc 0.2": World(icc=0.2, contacts_per_company=50.0),
}


def main() -> None:
    simulate_tests(World(), n_tests=10)
    for name, world in WORLDS.items():
        start = time.perf_counter()
        found = simulate_tests(world, n_per_arm=10_000, n_tests=10_000, rng=1)
        print(f"{name}: {time.perf_counter() - start:.2f} s, power {found.rejected_share:.1%}")


if __name__ == "__main__":
    main()
