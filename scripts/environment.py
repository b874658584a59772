"""Write environment.yml from pyproject.toml, so that conda and pip users get the same packages."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def environment_yml() -> str:
    """Return the text of environment.yml that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = sorted({*project["dependencies"], *project["optional-dependencies"]["dev"]})
    lines = [
        "# Written by scripts/environment.py from pyproject.toml; change that and run it again.",
        f"name: {project['name']}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python{project['requires-python']}",
        "  - pip>=23",
        "  - pip:",
        "      - -c constraints.txt",
        *(f"      - {requirement}" for requirement in wanted),
        "      - -e .",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment_yml())
    print("wrote environment.yml")
