"""Every import of the packages is one that the table in `docs/architecture.md` allows."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "architecture.md"
PACKAGES = ("emotion_core", "jobs", "training")


def read_table(text: str) -> dict[str, list[str]]:
    """What each room may import, in the order of the page."""
    rows = (line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `"))
    names = re.compile(r"`([\w.]+)`")
    return {names.findall(room)[0]: names.findall(allowed) for room, _, allowed in rows}


TABLE = read_table(PAGE.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): path
    for package in PACKAGES
    for path in sorted((REPOSITORY / package).rglob("*.py"))
}


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, at any depth of nesting."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the import in full"
            # `from a import b` reads module a.b where that is one: the longer name decides.
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def room_of(name: str) -> str:
    """The row that speaks for a name: the longest that holds it, or its top level elsewhere."""
    rooms = [room for room in TABLE if f"{name}.".startswith(f"{room}.")]
    return max(rooms, key=len) if rooms else name.partition(".")[0]


def is_allowed(name: str, room: str) -> bool:
    target = room_of(name)
    if target == room or target.partition(".")[0] in sys.stdlib_module_names:
        return True
    # Within a package each room is named by itself; from outside, the package stands for all.
    if target in TABLE and room.partition(".")[0] == target.partition(".")[0]:
        return target in TABLE[room]
    return target in TABLE[room] or target.partition(".")[0] in TABLE[room]


def is_above(other: str, room: str) -> bool:
    order = list(TABLE)
    return order.index(other) < order.index(room)


def test_the_table_has_a_row_for_every_module() -> None:
    homeless = [
        name
        for name, path in MODULES.items()
        if room_of(name) in {"emotion_core", "training"} and path.name != "__init__.py"
    ]
    assert not homeless, f"{PAGE.name} has no row for {homeless}"


def test_the_table_speaks_of_nothing_that_is_gone() -> None:
    assert set(TABLE) <= set(MODULES)


@pytest.mark.parametrize("room", [room for room in TABLE if not room.startswith("jobs")])
def test_rooms_of_the_core_and_of_the_training_name_only_rooms_above_them(room: str) -> None:
    below = [name for name in TABLE[room] if name in TABLE and not is_above(name, room)]
    assert not below


def test_the_runner_and_the_training_do_not_know_each_other() -> None:
    for room, allowed in TABLE.items():
        package = room.partition(".")[0]
        reached = {name.partition(".")[0] for name in allowed} & set(PACKAGES)
        assert reached <= {package, "emotion_core"}, room


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_what_its_room_may(module: str) -> None:
    path, room = MODULES[module], room_of(module)
    breaches = [
        f"{path.relative_to(REPOSITORY)}:{line} imports {name}, which {room} may not"
        for line, name in imports_of(path)
        if not is_allowed(name, room)
    ]
    assert not breaches, "\n".join(breaches)
