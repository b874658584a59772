"""The rooms stand on floors: a file imports lower floors and its own room only."""

import ast
import re

import pytest

from conftest import ROOT

PACKAGE = ROOT / "src" / "segvspers"


def floors():
    """Read the floor of each room from the table in ARCHITECTURE.md."""
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", (ROOT / "ARCHITECTURE.md").read_text(), flags=re.MULTILINE)
    return {room: int(floor) for floor, rooms in rows for room in re.findall(r"`(\w+)`", rooms)}


def room_of(path):
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def imported_rooms(path):
    """Rooms of the package that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} line {node.lineno}: imports are absolute here"
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "segvspers" else [node.module]
            )
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = (name or "").split(".")
            if parts[0] == "segvspers" and len(parts) > 1:
                yield parts[1], node.lineno


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts != ("__init__.py",))


def test_every_room_has_a_floor_and_every_floor_its_room():
    rooms = {room_of(path) for path in FILES}
    assert rooms == set(floors())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_lower_floors_only(path):
    known, own = floors(), room_of(path)
    wrong = [
        f"line {line}: {room} (floor {known.get(room)})"
        for room, line in imported_rooms(path)
        if room != own and not known.get(room, 99) < known[own] and room != "__version__"
    ]
    assert not wrong, f"{own} is on floor {known[own]} and imports {wrong}"
