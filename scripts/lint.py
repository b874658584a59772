"""Check style, format and types; every tool runs, and the exit code tells whether all were content."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKS = {
    "ruff check": [sys.executable, "-m", "ruff", "check", "."],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "mypy": [sys.executable, "-m", "mypy"],
    "notebooks agree": [sys.executable, "scripts/notebooks.py", "check"],
}


def main() -> int:
    """Run all checks and return how many failed."""
    failed = [name for name, command in CHECKS.items() if subprocess.call(command, cwd=ROOT)]
    print(f"lint: {', '.join(failed)} failed" if failed else f"lint: {', '.join(CHECKS)} passed")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
