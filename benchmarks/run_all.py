"""Run every benchmark of this folder and write docs/benchmarks.md: what each printed, what it took, and on which machine.

    python benchmarks/run_all.py                        all of them, at sizes that take about half an hour of CPU
    python benchmarks/run_all.py roi.py comparisons.py  some of them; the page keeps what stands there of the others
    python benchmarks/run_all.py --peers PYTHON         with an interpreter that has tea-tasting, statsmodels, litellm, ...

Peers run on the same data in the same run, so read ratios first: they say more than seconds of one machine. What a script
can't do here (a peer that is not installed) it says itself.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from segvspers._files import replacing

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
PACKAGES = ("numpy", "pandas", "duckdb", "pyarrow", "scipy", "scikit-learn", "statsmodels", "openai")
# Each script with its arguments: {peers} is the interpreter with the peers, left out with its option when there is none;
# {data} the folder of data sets in SEGVSPERS_DATA, without which a run is skipped; {tmp} a folder that is thrown away.
RUNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "sample_path.py": ((),),
    "readers.py": (("--rounds", "2"),),
    "reply_classes.py": ((),),
    "facts_at_scale.py": (("--rows", "4000000", "--contacts", "400000"),),
    "explosion.py": (("--file-rows", "2e7"),),
    "segments.py": (("plain", "correlated", "--rows", "20000"), ("million",)),
    "offline_writer.py": ((), ("20000", "100000")),
    "variety.py": ((),),
    "openai_writer.py": ((),),
    "audit_mutations.py": ((),),
    "accuracy_shared_task.py": (("{data}/accuracy_shared_task",),),
    "near_duplicates.py": (("--peers", "{peers}"),),
    "audit_leaks.py": ((),),
    "audience.py": ((),),
    "comparisons.py": (("--peers", "{peers}"),),
    "simulated_tests.py": ((),),
    "calibration.py": (("--tests", "2000", "--rows", "200", "--out", "{tmp}/calibration.md", "--peers", "{peers}"),),
    "frontier.py": (("speed", "--n", "500000"), ("coverage", "--n", "20000", "--runs", "20")),
    "policy.py": (("10",),),
    "roi.py": ((),),
    "scale.py": (("--contacts", "5000", "25000"), ("plan",)),
}
# Modules that scripts import or start themselves.
PARTS = {
    "run_all.py", "calibration_peers.py", "comparisons_peers.py", "planted.py", "scale_plan.py", "box_scores.py",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a script: its command, what it printed, and what it took."""

    command: str
    printed: str
    failed: bool
    wall: float
    cpu: float
    peak_mib: float


def run(script: str, arguments: tuple[str, ...], peers: str) -> Ran:
    """Run one script to its end, and measure it with all processes that it waited for."""
    shown = " ".join(["python", f"benchmarks/{script}", *without_peers(arguments, peers)]).replace("{peers}", "PYTHON")
    shown = shown.replace("{data}", "DATA").replace("{tmp}", "TMP")
    data = os.environ.get("SEGVSPERS_DATA", "")
    if not data and any("{data}" in one for one in arguments):
        return Ran(shown, "skipped: SEGVSPERS_DATA names no folder of data sets", False, 0.0, 0.0, 0.0)
    folder = tempfile.TemporaryDirectory()
    places = {"{peers}": peers, "{data}": data, "{tmp}": folder.name}
    given = without_peers(arguments, peers)
    for mark, place in places.items():
        given = [one.replace(mark, place) for one in given]
    environment = os.environ | ({"PEER_PYTHON": peers} if peers else {})
    with folder, tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, str(ROOT / "benchmarks" / script), *given],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        output.seek(0)
        printed = cleaned(output.read(), peers)
    return Ran(shown, printed, child.returncode != 0, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def without_peers(arguments: tuple[str, ...], peers: str) -> list[str]:
    """Return the arguments, without the option for the peers when there are none."""
    given = list(arguments)
    if "{peers}" in given and not peers:
        place = given.index("{peers}")
        del given[place - 1 : place + 1]
    return given


def cleaned(text: str, peers: str) -> str:
    """Return what was printed without progress bars, warnings' line numbers and places of this machine."""
    for place, name in (
        (peers, "PYTHON"),
        (os.environ.get("SEGVSPERS_DATA", ""), "DATA"),
        (f"{ROOT}/", ""),
        (tempfile.gettempdir(), "TMP"),
    ):
        text = text.replace(place, name) if place else text
    lines = [re.sub(r".*\r", "", line).rstrip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line and "Warning" not in line and "it/s" not in line)


def about(script: str) -> str:
    """Return the first paragraph of a script's docstring."""
    told = ast.get_docstring(ast.parse((ROOT / "benchmarks" / script).read_text(encoding="utf-8"))) or ""
    return " ".join(told.split("\n\n")[0].split())


def section(script: str, found: list[Ran]) -> str:
    """Return the part of the page that tells of one script."""
    parts = [f"## {script}", about(script)]
    for one in found:
        took = f"{one.wall:,.0f} s, {one.cpu:,.0f} s of CPU, at most {one.peak_mib:,.0f} MiB"
        parts += [
            f"```text\n$ {one.command}\n{one.printed}\n```",
            f"{'**Failed.** ' if one.failed else ''}Took {took}.",
        ]
    return "\n\n".join(parts)


def machine() -> str:
    """Return what the figures were taken on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = next((int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {model}, {os.cpu_count()} threads, {memory:.0f} GiB; {platform.system()}, Python "
        f"{platform.python_version()}; {packages}."
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def page(sections: dict[str, str], told: str) -> str:
    """Return the whole page."""
    intro = (
        "# Benchmarks\n\nWritten by `make bench` (`python benchmarks/run_all.py [--peers PYTHON] [SCRIPT ...]`). CPU seconds are those of all "
        "threads and child processes; peers ran on the same data in the same run, so read the ratios first. Figures at larger sizes "
        "are in [scale.md](scale.md), the calibration of the tests in [calibration.md](calibration.md).\n\n"
        f"Machine: {told}"
    )
    return "\n\n".join([intro, *(sections[name] for name in RUNS if name in sections)]) + "\n"


def kept(path: Path) -> dict[str, str]:
    """Return the sections that a page holds already."""
    if not path.is_file():
        return {}
    parts = re.split(r"^## (?=\w+\.py$)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0]: f"## {part.rstrip()}" for part in parts}


def main() -> int:
    """Run what was asked for and write the page; return how many scripts failed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("scripts", nargs="*", metavar="SCRIPT")
    options.add_argument("--peers", default="", metavar="PYTHON")
    options.add_argument("--out", type=Path, default=PAGE)
    given = options.parse_args()
    unknown = sorted(set(given.scripts) - set(RUNS))
    if unknown:
        options.error(f"{unknown} are no benchmarks; choose from {sorted(RUNS)}")
    sections, failed = kept(given.out) if given.scripts else {}, []
    for script in given.scripts or RUNS:
        found = [run(script, arguments, given.peers) for arguments in RUNS[script]]
        failed += [one.command for one in found if one.failed]
        sections[script] = section(script, found)
        print(sections[script], flush=True)
    with replacing(given.out) as draft:
        draft.write_text(page(sections, machine()), encoding="utf-8")
    print(f"wrote {given.out.name}" + (f"; failed: {failed}" if failed else ""))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
