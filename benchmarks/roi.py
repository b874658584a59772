"""Time the estimate of ROI: `python benchmarks/roi.py`."""

import time
from types import SimpleNamespace

import segvspers as sv

TEST = SimpleNamespace(
    control="segment", treatment="individual", n_control=2500, n_treatment=2500, rate_control=0.034,
    rate_treatment=0.046, lift=0.012, lift_low=0.001, lift_high=0.023, confidence=0.95, cluster=None,
    evidence="randomised",
)  # fmt: skip

if __name__ == "__main__":
    sv.estimate_roi(TEST, n_draws=1_000)
    for n_draws in (10_000, 100_000, 1_000_000):
        started, used = time.perf_counter(), time.process_time()
        found = sv.estimate_roi(TEST, n_draws=n_draws)
        wall, cpu = time.perf_counter() - started, time.process_time() - used
        print(f"{n_draws:>9,} draws: {wall:.2f} s wall, {cpu:.2f} s CPU, net {found.net_usd:,.0f} USD")
