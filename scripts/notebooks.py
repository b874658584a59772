"""Pair and check the notebooks: each is a reviewed `.py` and an `.ipynb` without outputs made from it.

python scripts/notebooks.py pair       write every .ipynb from its .py
python scripts/notebooks.py check      fail where the two differ
"""

import json
import sys
from pathlib import Path

import jupytext

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def as_ipynb(source: Path) -> str:
    """Return the text of the notebook that a percent script stands for; cell ids follow the order."""
    notebook = jupytext.read(source)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number:02d}"
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(action: str) -> int:
    """Pair or check all notebooks; return how many disagree."""
    sources = sorted(FOLDER.glob("*.py"))
    if action == "pair":
        for source in sources:
            source.with_suffix(".ipynb").write_text(as_ipynb(source), encoding="utf-8", newline="\n")
            print(f"wrote {source.with_suffix('.ipynb').name}")
        return 0
    differing = [
        source.name
        for source in sources
        if not source.with_suffix(".ipynb").exists()
        or source.with_suffix(".ipynb").read_text(encoding="utf-8") != as_ipynb(source)
    ]
    for name in differing:
        print(f"{name} and its .ipynb differ; run: python scripts/notebooks.py pair")
    return len(differing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "pair"))
