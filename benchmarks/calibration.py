"""False alarms, coverage, exaggeration and power over a grid of worlds; writes docs/calibration.md.

python benchmarks/calibration.py [--tests 4000] [--peers PYTHON]

PYTHON is an interpreter of an environment of its own with tea-tasting, spotify-confidence and gbstats; they
get the same draws.
"""

from __future__ import annotations

import argparse
import itertools
import math
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from segvspers import World
from segvspers.experiment.arms import Arms, draw_arms
from segvspers.experiment.many import lift_intervals
from segvspers.experiment.power import design_effect

RATES = (0.002, 0.01, 0.034, 0.10)
SIZES = (100, 500, 2_000, 10_000, 50_000)
COMPANIES = ((1.0, 0.0), *itertools.product((1.7, 5.0, 20.0, 50.0), (0.0, 0.05, 0.2)))
EFFECT = 1.3
PEER_TESTS = 1000
INTRO = """# Calibration of the reply-rate comparison

Written by `python benchmarks/calibration.py`: {n_tests:,} simulated tests in each of {n_worlds:,} worlds
(SIMULATED; reply rate 0.2 to 10 %, 100 to 50,000 contacts an arm, companies of 1 to 50 contacts on average
with geometric sizes, correlation 0 to 0.2), once without a lift and once with one of 30 %. The Monte Carlo
error of a share of 5 % is {error:.2f} points, so the extremes of many worlds lie {extreme:.1f} points
off by chance. Nominal: 5 % false alarms, 95 % coverage.

`by contact` is Newcombe's hybrid score interval: right when contacts were drawn. `by company` adds the design
effect and Student's t (`segvspers.experiment.many`): right when companies were drawn. An interval that leaves
out zero is an alarm. Companies of uneven size count as the number of even ones that tell as much; replies are
divided by the design effect. Below 20 such companies or about 30 such replies an arm the interval is
conservative: fewer alarms, more coverage, less power.

## Ranges"""
DIRTY = """## Delays and machines

A test whose variants left on different days, read on one day, raises false alarms; a common horizon does not.
Automatic replies counted as replies cost power."""
TIMED = """## Methods that read rows

A/A tests of {n} contacts an arm, row by row: companies of 5 with correlation 0.1, replies of 6 %, emails over 10 days, replies
within days. `revenue` has log-normal orders (sigma 1.5) of those who replied. `while it runs` counts a test as an alarm when any of
the daily looks allows to stop; `peeking` is what ordinary intervals declare at those looks."""
PEERS = """## Other packages on the same draws

No lift. `ratio` takes companies as units (replies per contact by the delta method); the others take contacts
as units. Undefined: the method gives no interval, or one of no length at zero."""
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tests", type=int, default=4000)
    options.add_argument("--peers", default="")
    options.add_argument("--rows", type=int, default=1000, help="tests of the methods that read rows")
    options.add_argument("--out", default=str(ROOT / "docs" / "calibration.md"))
    given = options.parse_args()
    start = time.perf_counter()
    grid = pd.concat([cell(*case, n_tests=given.tests) for case in cases()], ignore_index=True)
    grid.to_csv(Path(tempfile.gettempdir()) / "calibration.csv", index=False)
    peers = peer_table(given.peers, given.tests) if given.peers else pd.DataFrame()
    text = page(grid, peers, polluted(given.tests), timed_table(given.rows), given.tests)
    Path(given.out).write_text(text, encoding="utf-8")
    print(f"{len(grid):,} rows in {time.perf_counter() - start:.0f} s")
    print(classes(grid).to_string(index=False))


def cases() -> list[tuple[float, int, float, float]]:
    everything = itertools.product(RATES, SIZES, COMPANIES)
    return [(rate, n, size, icc) for rate, n, (size, icc) in everything if n / size >= 5]


def world(rate: float, size: float, icc: float, effect: float = 1.0) -> World:
    return World(reply_rate=rate, log_effect=math.log(effect), icc=icc, contacts_per_company=size)


def arms_of(rate: float, n: int, size: float, icc: float, effect: float, n_tests: int) -> tuple[Arms, Arms]:
    rng = np.random.default_rng([round(rate * 1000), n, round(size * 10), round(icc * 100), round(effect * 100)])
    truth = world(rate, size, icc)
    return tuple(draw_arms(truth, one, n_contacts=n, n_tests=n_tests, rng=rng) for one in (rate, rate * effect))


def cell(rate: float, n: int, size: float, icc: float, *, n_tests: int) -> pd.DataFrame:
    """Return one row a method for one world."""
    rows = []
    same = arms_of(rate, n, size, icc, 1.0, n_tests)
    effect = design_effect(size, icc, math.sqrt(max(0.0, 1 - 1 / size)))
    other = arms_of(rate, n, size, icc, EFFECT, n_tests)
    for method, clustered in (("by contact", False), ("by company", True)):
        _, low, high = lift_intervals(*same, confidence=0.95, clustered=clustered)
        lift, low_b, high_b = lift_intervals(*other, confidence=0.95, clustered=clustered)
        true, found = rate * (EFFECT - 1), (low_b > 0) | (high_b < 0)
        rows.append(
            {
                "reply_rate": rate,
                "n_per_arm": n,
                "contacts_per_company": size,
                "icc": icc,
                "companies_per_arm": round(n / size),
                "even_companies_per_arm": round(float(same[0].even_companies.mean())),
                "replies_per_arm": rate * n,
                "effective_replies_per_arm": round(rate * n / effect, 1),
                "method": method,
                "false_alarms": ((low > 0) | (high < 0)).mean(),
                "coverage": ((low_b <= true) & (high_b >= true)).mean(),
                "power": found.mean(),
                "exaggeration": np.abs(lift[found]).mean() / true if found.any() else math.nan,
                "undefined": float(np.isnan(low).mean()),
            }
        )
    return pd.DataFrame(rows)


def classes(grid: pd.DataFrame) -> pd.DataFrame:
    """Return the range of each method's figures by what there was to see."""
    enough = grid["even_companies_per_arm"].ge(20)
    many = grid["effective_replies_per_arm"].ge(30)
    kind = np.select(
        [enough & many, enough, ~enough],
        ["20+ companies, 30+ replies", "20+ companies, fewer replies", "under 20 companies"],
        "",
    )
    plain = grid["icc"].eq(0).map({True: "contacts independent", False: "companies correlated"})
    by = grid.assign(seen=kind, world=plain).groupby(["method", "world", "seen"], sort=True)
    return by.agg(
        worlds=("icc", "size"),
        false_alarms_min=("false_alarms", "min"),
        false_alarms_median=("false_alarms", "median"),
        false_alarms_max=("false_alarms", "max"),
        coverage_min=("coverage", "min"),
        coverage_max=("coverage", "max"),
        undefined=("undefined", "max"),
    ).reset_index()


def polluted(n_tests: int) -> pd.DataFrame:
    """Return false alarms of a staggered test read early, and power when machines count as people."""
    rows = []
    slow = World(reply_rate=0.05, log_effect=0.0, icc=0.0, contacts_per_company=1.0, delay_median_hours=48)
    for days_late in (0, 2, 4, 6):
        early, late = slow.replied_within(7), slow.replied_within(7 - days_late)
        for method, seen in (("all replies on day 7", early), ("common horizon", late)):
            rng = np.random.default_rng([days_late, method == "common horizon"])
            pair = [
                draw_arms(slow, 0.05 * share, n_contacts=10_000, n_tests=n_tests, rng=rng) for share in (seen, late)
            ]
            _, low, high = lift_intervals(*pair, confidence=0.95, clustered=False)
            what = f"treatment sent {days_late} days later, read on day 7"
            rows.append((what, method, "false alarms", ((low > 0) | (high < 0)).mean()))
    for share in (0.0, 0.03, 0.1):
        for method, added in (("human replies", 0.0), ("all replies", share)):
            rng = np.random.default_rng([round(share * 100), round(added * 100)])
            pair = [
                draw_arms(slow, rate + added, n_contacts=5_000, n_tests=n_tests, rng=rng)
                for rate in (0.034, 0.034 * EFFECT)
            ]
            _, low, high = lift_intervals(*pair, confidence=0.95, clustered=False)
            rows.append((f"auto-replies {share:.0%}, true lift +30 %", method, "power", (low > 0).mean()))
    return pd.DataFrame(rows, columns=["world", "counted", "figure", "value"])


def drawn_rows(rng: np.random.Generator, n: int, *, late_days: float = 0.0) -> pd.DataFrame:
    """Return the rows of a test of `n` contacts an arm in which both emails work alike."""
    company = np.repeat(np.arange(2 * n // 5), 5)
    treated = (rng.permutation(company.max() + 1) % 2).astype(bool)[company]
    share = rng.beta(0.06 * 9, 0.94 * 9, company.max() + 1)[company]
    sent = rng.uniform(0, 10, company.max() + 1)[company] + late_days * treated
    replied = rng.random(len(company)) < share
    start = pd.Timestamp("2026-01-05", tz="UTC") + pd.to_timedelta(sent, unit="D")
    wait = pd.to_timedelta(rng.lognormal(math.log(3 / 24), 2.3, len(company)), unit="D")
    return pd.DataFrame(
        {
            "contact_id": np.arange(len(company)).astype(str),
            "company_id": company.astype(str),
            "variant": np.where(treated, "b", "a"),
            "sent_at": start,
            "replied": replied,
            "replied_at": pd.Series(start + wait).where(replied),
            "revenue_usd": np.where(replied, rng.lognormal(4.0, 1.5, len(company)), 0.0),
        }
    )


def cut_off(rows: pd.DataFrame, day: float) -> pd.DataFrame:
    """Return what is seen of a test on a day."""
    end = pd.Timestamp("2026-01-05", tz="UTC") + pd.Timedelta(days=day)
    rows = rows[rows["sent_at"] <= end].copy()
    late = rows["replied_at"] > end
    rows["replied"] &= ~late
    rows["replied_at"] = rows["replied_at"].where(~late)
    return rows.assign(as_of=end)


def timed_table(n_tests: int, n: int = 2_000) -> pd.DataFrame:
    """Return the false alarms of every method that reads rows."""
    import segvspers as sv

    names = {"control": "a", "cluster": "company_id"}
    alarms: dict[str, list[bool]] = {}
    for test in range(n_tests):
        rng = np.random.default_rng([2026, test])
        rows, shifted = drawn_rows(rng, n), cut_off(drawn_rows(rng, n, late_days=4.0), 12)
        ripe = cut_off(rows, 40)
        early = cut_off(rows, 24)
        watched = sv.monitor_reply_rates(
            early.drop(columns="as_of"), as_of=early["as_of"].iloc[0], window_days=3, **names
        )
        seen, end = shifted.drop(columns="as_of"), shifted["as_of"].iloc[0]
        alarms_now = {
            "reply rates by company": sv.compare_reply_rates(ripe, **names).p_value < 0.05,
            "reply rates by contact": sv.compare_reply_rates(ripe, control="a").p_value < 0.05,
            "revenue by company": sv.compare_revenue(ripe, **names).p_value < 0.05,
            "treatment 4 days later, counted on day 12": sv.compare_reply_rates(seen, **names).p_value < 0.05,
            "treatment 4 days later, reply curves": sv.compare_over_time(
                seen, as_of=end, horizon_days=4, **names
            ).p_value
            < 0.05,
            "while it runs, by company": watched.advice == "stop",
            "peeking, by company": watched.n_peeked > 0,
        }
        for name, alarm in alarms_now.items():
            alarms.setdefault(name, []).append(bool(alarm))
    return pd.DataFrame([{"method": name, "n": n_tests, "false_alarms": np.mean(one)} for name, one in alarms.items()])


def peer_table(python: str, n_tests: int) -> pd.DataFrame:
    """Return the figures of other packages on the same draws, and ours on them."""
    rows = []
    chosen = [
        (0.034, 10_000, 1.0, 0.0),
        (0.034, 10_000, 5.0, 0.05),
        (0.034, 10_000, 20.0, 0.2),
        (0.10, 2_000, 50.0, 0.2),
        (0.01, 500, 1.7, 0.05),
        (0.002, 500, 1.0, 0.0),
        (0.002, 2_000, 5.0, 0.05),
    ]
    for case in chosen:
        pair = arms_of(*case, 1.0, n_tests)
        with tempfile.TemporaryDirectory() as folder:
            table = {
                f"{name}_{k}": getattr(arm, name)[:PEER_TESTS] for k, arm in enumerate(pair) for name in Arms.__slots__
            }
            draws, answers = Path(folder) / "draws.csv", Path(folder) / "answers.csv"
            pd.DataFrame(table).to_csv(draws, index=False)
            subprocess.run([python, str(ROOT / "benchmarks" / "calibration_peers.py"), draws, answers], check=True)
            theirs = pd.read_csv(answers)
        for method, clustered in (("segvspers by contact", False), ("segvspers by company", True)):
            _, low, high = (one[:PEER_TESTS] for one in lift_intervals(*pair, confidence=0.95, clustered=clustered))
            ours = {"method": method, "n": PEER_TESTS, "false_alarms": ((low > 0) | (high < 0)).mean()}
            ours |= {"coverage": ((low <= 0) & (high >= 0)).mean(), "undefined": np.isnan(low).mean()}
            theirs = pd.concat([pd.DataFrame([ours]), theirs], ignore_index=True)
        labels = dict(zip(("reply_rate", "n_per_arm", "contacts_per_company", "icc"), case, strict=True))
        rows.append(theirs.sort_values("method").assign(**labels))
    return pd.concat(rows, ignore_index=True)


def page(grid: pd.DataFrame, peers: pd.DataFrame, dirty: pd.DataFrame, timed: pd.DataFrame, n_tests: int) -> str:
    shares = ["false_alarms", "coverage", "power", "undefined"]
    dirty_shares, peer_shares = ["value"], ["false_alarms", "coverage", "undefined"]
    named = ["reply_rate", "n_per_arm", "contacts_per_company", "icc", "method", "n", *peer_shares]
    ranges = [f"{name}_{end}" for name in ("false_alarms", "coverage") for end in ("min", "max")]
    intro = INTRO.format(
        n_tests=n_tests,
        n_worlds=len(grid) // 2,
        error=(error := math.sqrt(0.0475 / n_tests) * 100),
        extreme=2.6 * error,
    )
    parts = [intro, table(classes(grid), [*ranges, "false_alarms_median", "undefined"])]
    parts += [DIRTY, table(dirty, dirty_shares)]
    parts += [TIMED.format(n="2,000"), table(timed, ["false_alarms"])]
    if len(peers):
        parts += [PEERS, table(peers[named], peer_shares)]
    return "\n\n".join([*parts, "## Every world", table(grid, shares)]) + "\n"


def table(frame: pd.DataFrame, shares: list[str]) -> str:
    """Return a Markdown table; shares as per cent."""
    shown = frame.copy()
    for name in shares:
        shown[name] = ["" if pd.isna(one) else f"{one * 100:.1f} %" for one in shown[name]]
    if "exaggeration" in shown:
        shown["exaggeration"] = ["" if pd.isna(one) else f"{one:.2f}" for one in shown["exaggeration"]]
    for name in ("replies_per_arm", "n_per_arm", "companies_per_arm"):
        if name in shown:
            shown[name] = [f"{one:,.10g}" for one in shown[name]]
    lines = [
        " | ".join(str(one).replace("_", " ") for one in shown.columns),
        " | ".join("---" for _ in shown.columns),
    ]
    lines += [" | ".join(str(one) for one in row) for row in shown.itertuples(index=False)]
    return "\n".join(f"| {line} |" for line in lines)


if __name__ == "__main__":
    main()
