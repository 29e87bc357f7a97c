"""The pages on columns, commands and the model say what code and card do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from emotion_core.bundle import DEFAULT_BUNDLE
from emotion_core.timeline.intervals import INTERVAL_COLUMNS
from emotion_core.timeline.schema import COLUMNS
from emotion_core.timeline.summary import SUMMARY_COLUMNS
from scripts import make_docs, model_tables

DOCS = Path(__file__).resolve().parents[2] / "docs"


def leaves(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command, or all those of a group, with what one types to call it."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from leaves(f"{path} {name}", inner)
    else:
        yield path, command


COMMANDS = dict(
    leaf for name, command in make_docs.COMMANDS.items() for leaf in leaves(name, command)
)


@pytest.mark.parametrize("name", make_docs.PAGES)
def test_a_page_is_what_the_code_gives(name: str) -> None:
    written = (DOCS / name).read_text("utf-8")
    assert written == make_docs.PAGES[name](), "run `make docs` and commit what it writes"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_has_a_help_and_stands_on_the_page(path: str) -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    section = page.partition(f" {path}\n")[2].partition("\n#")[0]
    assert COMMANDS[path].help
    options = [p for p in COMMANDS[path].params if isinstance(p, click.Option)]
    for option in options:
        assert option.help, option.name
        assert f"| `{option.opts[0]}`" in section, option.name


def test_every_column_stands_on_the_page_with_its_meaning() -> None:
    page = (DOCS / "schema.md").read_text("utf-8")
    tables = {
        "A timeline": COLUMNS,
        "summary.parquet": SUMMARY_COLUMNS,
        "intervals.parquet": INTERVAL_COLUMNS,
    }
    for title, columns in tables.items():
        rows = page.partition(f"## {title}\n")[2].partition("\n## ")[0].splitlines()
        for column in columns:
            assert column.meaning.endswith("."), column.name
            assert any(row.startswith(f"| `{column.name}` | ") for row in rows), column.name


def test_pages_speak_of_the_shipped_model() -> None:
    card = json.loads((DEFAULT_BUNDLE / "card.json").read_text("utf-8"))
    accuracy = model_tables.measured()["results"][model_tables.REPORTED]["accuracy"]
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    assert f"on {accuracy * 100:.1f} % of the faces" in readme
    assert f"model `{card['name']} {card['version']}`" in (DOCS / "model.md").read_text("utf-8")


def test_every_console_script_is_documented() -> None:
    import tomllib

    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(make_docs.COMMANDS) == set(project["scripts"])
