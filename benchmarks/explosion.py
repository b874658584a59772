"""Time the counting of all subsets of ten attributes, in memory and from files that need not fit in it.

python benchmarks/explosion.py             # 10 million contacts in memory, 1 million scored, 100 million in Parquet
python benchmarks/explosion.py --rows 1e6 --file-rows 1e6

CPU seconds of one thread unless said; ratios are taken inside one run. The Parquet file lies in a temporary folder and
is deleted.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

LEVELS = (10, 5, 3, 4, 12, 8, 2, 6, 4, 3)
BY = [f"a{place}" for place in range(len(LEVELS))]
SUBSETS_OF_PEERS = [["a0"], ["a0", "a1"], ["a2", "a4", "a7"], BY[:4], BY[:6], BY[:8]]


def main():
    """Run the three parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--scored-rows", type=float, default=1e6)
    parser.add_argument("--file-rows", type=float, default=1e8)
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        CHILDREN[given.child[0]](given.child[1])
        return
    if given.rows:
        in_memory(int(given.rows))
    if given.scored_rows:
        scored(int(given.scored_rows))
    if given.file_rows:
        from_file(int(given.file_rows))


def attributes(n):
    """Draw skewed levels of ten attributes."""
    from segvspers._levels import Attribute

    rng = np.random.default_rng(1)
    drawn = []
    for name, levels in zip(BY, LEVELS, strict=True):
        border = np.cumsum(rng.dirichlet(np.full(levels, 3.0)))[:-1]
        codes = np.searchsorted(border, rng.random(n)).astype(np.int8)
        drawn.append(Attribute(name, tuple(f"level {level}" for level in range(levels)), codes))
    return drawn


def used(work):
    """Return what work returns and the least CPU seconds of three runs."""
    seconds, found = [], None
    for _ in range(3):
        start = time.process_time()
        found = work()
        seconds.append(time.process_time() - start)
    return found, min(seconds)


def in_memory(n):
    """Count all subsets from codes, against the pass that counts the finest cells, and against peers."""
    from segvspers import explode_segments
    from segvspers.explosion.cells import count_cells
    from segvspers.explosion.subsets import tally_subsets

    drawn = attributes(n)
    cells, one_pass = used(lambda: count_cells(drawn))
    found, roll_up = used(lambda: tally_subsets(cells, minimum_size=30, per_test=1e4, largest_subset=len(BY)))
    total, subsets = one_pass + roll_up, found.frame
    print(f"{n:,} contacts in memory, {len(subsets):,} subsets of {len(BY)} attributes (and the empty one)")
    print(f"  pass that counts the finest cells    {one_pass:6.2f} CPU s")
    print(f"  roll-up and tally of all subsets     {roll_up:6.2f} CPU s")
    print(
        f"  both together                        {total:6.2f} CPU s = {total / one_pass:.2f} x the pass (aim: at most 2)"
    )
    frame = pd.DataFrame({a.name: pd.Categorical.from_codes(a.codes, list(a.levels)) for a in drawn})
    whole, seconds = used(lambda: explode_segments(frame, by=BY))
    print(f"  explode_segments, with all its frames {seconds:5.2f} CPU s = {seconds / one_pass:.2f} x the pass")
    peers(frame, subsets, total)
    assert whole.n_occupied == int(subsets["n_occupied"].max())


def peers(frame, subsets, total):
    """Group some subsets by pandas and by DuckDB on one thread; check counts and state what all would take."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    connection.register("contacts", frame)
    by_names = {frozenset(names): n for names, n in zip(subsets["attributes"], subsets["n_occupied"], strict=True)}

    def by_pandas(names):
        return len(frame.groupby(names, observed=True).size())

    def by_duckdb(names):
        sql = f"SELECT count(*) FROM (SELECT 1 FROM contacts GROUP BY {', '.join(names)})"
        return connection.sql(sql).fetchall()[0][0]

    for peer, work in (("pandas groupby", by_pandas), ("DuckDB GROUP BY", by_duckdb)):
        start = time.process_time()
        counts = [work(names) for names in SUBSETS_OF_PEERS]
        each = (time.process_time() - start) / len(SUBSETS_OF_PEERS)
        assert counts == [by_names[frozenset(names)] for names in SUBSETS_OF_PEERS]
        print(
            f"  {peer:<15} a subset at a time     {each:6.2f} CPU s a subset, the same counts; all {len(subsets):,} would "
            f"take {each * len(subsets) / total:,.0f} x ours"
        )


def scored(n):
    """Score all subsets on contacts not seen."""
    from segvspers.explosion.honest import outcome_cells, score_subsets

    drawn, rng = attributes(n), np.random.default_rng(2)
    rate = 0.03 + 0.02 * (drawn[0].codes == 3) + 0.02 * (drawn[2].codes == 1) * (drawn[3].codes == 0)
    replied = (rng.random(n) < rate).astype(float)
    start = time.process_time()
    scores = score_subsets(outcome_cells(drawn, replied, rng=rng), largest_subset=len(BY))
    seconds = time.process_time() - start
    best, full = scores.loc[scores["explained"].idxmax()], scores.iloc[0]
    truth = rate.var() / (rate.mean() * (1 - rate.mean()))
    print(f"{n:,} contacts, {len(scores):,} segmentations scored on contacts not seen: {seconds:.1f} CPU s")
    print(f"  best {' x '.join(sorted(best['attributes']))}: {best['explained']:.4f}; could be explained: {truth:.4f}")
    print(f"  all ten: {full['explained_in_sample']:.3f} in sample, {full['explained']:.4f} on contacts not seen")


def from_file(n):
    """Count a Parquet file in a process of its own, against DuckDB's own grouping by the same columns."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "contacts.parquet")
        write(path, n)
        size = Path(path).stat().st_size / 1e9
        ours, peer = child("explode", path), child("group", path)
    print(f"{n:,} contacts in {size:.2f} GB of Parquet, text levels, in a process of its own (two threads)")
    print(
        f"  explode_segments                     {ours['cpu']:6.1f} CPU s, peak {ours['peak']:.2f} GiB (aim: below 4)"
    )
    print(f"  DuckDB, finest cells only            {peer['cpu']:6.1f} CPU s, peak {peer['peak']:.2f} GiB")
    print(f"  ratio {ours['cpu'] / peer['cpu']:.2f}; both count {ours['n_occupied']:,} occupied cells")
    assert ours["n_occupied"] == peer["n_occupied"]


def write(path, n):
    """Write a list of text levels."""
    import duckdb

    columns = ", ".join(
        f"'level ' || CAST(floor({k} * random() * sqrt(random())) AS INT) AS {a}"
        for a, k in zip(BY, LEVELS, strict=True)
    )
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB", "preserve_insertion_order": False})
    connection.sql("SELECT setseed(0.5)").fetchall()
    connection.sql(f"COPY (SELECT range AS contact_id, {columns} FROM range({n})) TO '{path}' (FORMAT parquet)")


def child(what, path):
    """Run one job in a process of its own and return what it printed."""
    told = subprocess.check_output([sys.executable, __file__, "--child", what, path], text=True)
    return json.loads(told.splitlines()[-1])


def explode(path):
    """Explode the file."""
    from segvspers import explode_segments

    report(explode_segments(path, by=BY).n_occupied)


def group(path):
    """Group the file by all columns in DuckDB."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    sql = f"SELECT count(*) FROM (SELECT {', '.join(BY)}, count(*) FROM read_parquet('{path}') GROUP BY ALL)"
    report(connection.sql(sql).fetchall()[0][0])


def report(n_occupied):
    """Print CPU seconds and peak memory of this process."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"n_occupied": n_occupied, "cpu": time.process_time(), "peak": peak}))


CHILDREN = {"explode": explode, "group": group}

if __name__ == "__main__":
    main()
