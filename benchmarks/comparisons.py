"""Time comparisons of a test of ten million rows against hand-written SQL, tea-tasting, and pandas with statsmodels.

    python benchmarks/comparisons.py [--rows 10000000] [--peers PYTHON]

CPU seconds, the best of several turns taken in alternation; a ratio to the hand-written statement of the same run.
`--peers` names a Python that has tea-tasting, or statsmodels, and pandas; what it lacks is skipped, and said.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

import segvspers as sv

COVARIATE, AMOUNT = "prior_revenue_usd", "revenue_usd"
PEERS = Path(__file__).with_name("comparisons_peers.py")
AMOUNTS = "exp(3 + 1.2 * sqrt(-2 * ln(random() + 1e-12)) * cos(6.2831853 * random()))"
MAKE = f"""
COPY (SELECT i AS contact_id, hash(i) % (n // 5) AS company_id,
    CASE WHEN hash(hash(i) % (n // 5) + 7) % 2 = 0 THEN 'segment' ELSE 'individual' END AS variant,
    'segment ' || (hash(i + 99) % 10) AS segment_id, random() < 0.034 AS replied,
    CASE WHEN random() < 0.02 THEN {AMOUNTS} ELSE 0 END AS revenue_usd,
    CASE WHEN random() < 0.3 THEN {AMOUNTS} ELSE 0 END AS prior_revenue_usd
FROM (SELECT i, $rows AS n FROM range($rows) t(i))) TO '$path' (FORMAT parquet)
"""
BY_CONTACT = """
SELECT variant, segment_id, count(*), sum(replied::INT), sum(revenue_usd), sum(revenue_usd * revenue_usd),
    sum(prior_revenue_usd), sum(prior_revenue_usd * prior_revenue_usd), sum(revenue_usd * prior_revenue_usd),
    count(*) FILTER (revenue_usd <> 0)
FROM read_parquet('$path') GROUP BY ALL
"""
BY_COMPANY = """
SELECT variant, count(*), sum(m), sum(m * m), sum(y), sum(y * y), sum(m * y), sum(r), sum(r * r), sum(m * r), sum(p),
    sum(p * p), sum(m * p), sum(r * p), sum(b), sum(m * m * m), sum(m * y * y), sum(m * m * y), sum(m * r * r), sum(m * m * r)
FROM (SELECT variant, company_id, count(*)::DOUBLE AS m, sum(replied::INT)::DOUBLE AS y, sum(revenue_usd) AS r,
    sum(prior_revenue_usd) AS p, count(*) FILTER (revenue_usd <> 0)::DOUBLE AS b
    FROM read_parquet('$path') GROUP BY ALL)
GROUP BY ALL
"""


def by_contact(path):
    cube = sv.aggregate_outcomes(path, amounts=[AMOUNT], covariates=[COVARIATE], by=["segment_id"])
    return [
        *_overall(cube),
        sv.compare_by_segment(cube, control="segment"),
        sv.compare_by_segment(cube, control="segment", outcome=AMOUNT),
        sv.compare_by_segment(cube, control="segment", outcome=AMOUNT, covariates=[COVARIATE]),
    ]


def by_company(path):
    return _overall(sv.aggregate_outcomes(path, amounts=[AMOUNT], covariates=[COVARIATE], cluster="company_id"))


def _overall(cube):
    return [
        sv.compare_reply_rates(cube, control="segment"),
        sv.compare_revenue(cube, control="segment", robust=False),
        sv.compare_revenue(cube, control="segment", covariates=[COVARIATE], robust=False),
    ]


def cpu(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def best(works, turns):
    seconds = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            seconds[name].append(cpu(work))
    return {name: min(found) for name, found in seconds.items()}


def peers(python, path):
    """Yield name and CPU seconds of each peer, or why it was left out."""
    for name in ("tea-tasting", "pandas and statsmodels"):
        found = subprocess.run([python, str(PEERS), name, path], capture_output=True, text=True, check=False)
        lines = found.stdout.strip().splitlines() or found.stderr.strip().splitlines()
        yield name, lines[-1] if lines else "said nothing", found.returncode


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--peers", default="")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "outcomes.parquet")
        connection = duckdb.connect()
        connection.execute(MAKE.replace("$rows", str(given.rows)).replace("$path", path))
        hand = {name: lambda sql=sql: connection.execute(sql.replace("$path", path)).fetchall()
                for name, sql in (("contact", BY_CONTACT), ("company", BY_COMPANY))}  # fmt: skip
        for warm in (by_contact, by_company):
            warm(path)
        print(f"{given.rows:,} rows, 2 variants, 10 segments; replies, revenue, revenue adjusted; CPU seconds")
        first = best(
            {"hand-written SQL by contact": hand["contact"], "segvspers by contact": lambda: by_contact(path)},
            given.turns,
        )
        second = best(
            {"hand-written SQL by company": hand["company"], "segvspers by company": lambda: by_company(path)},
            given.turns,
        )
        for found in (first, second):
            base = next(iter(found.values()))
            for name, seconds in found.items():
                print(f"{name:32s} {seconds:7.3f}   {seconds / base:6.2f} x")
        base = next(iter(first.values()))
        if not given.peers:
            print("no --peers: tea-tasting and statsmodels were not measured")
            return
        for name, line, failed in peers(given.peers, path):
            if failed:
                print(f"{name:32s} skipped: {line}", file=sys.stderr)
            else:
                print(f"{name:32s} {float(line):7.3f}   {float(line) / base:6.2f} x")


if __name__ == "__main__":
    main()
