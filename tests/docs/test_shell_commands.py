"""Every call of one of our commands on a page is one that the command understands."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from scripts.make_docs import COMMANDS
from tests.docs.fences import PAGES, REPOSITORY

_CALL = re.compile(rf"^(?: {{4}}|`)?((?:{'|'.join(COMMANDS)}) [^`\n]+)", re.MULTILINE)
_IN_LINE = re.compile(rf"`((?:{'|'.join(COMMANDS)}) -[^`\n]+)`")
GENERATED = {"cli.md"}


def calls() -> dict[str, list[str]]:
    """The calls of each page that has any, as they stand there."""
    found = {}
    for page in PAGES:
        text = page.read_text("utf-8")
        inside = [*_CALL.findall(text), *_IN_LINE.findall(text)]
        if inside and page.name not in GENERATED:
            found[page.relative_to(REPOSITORY).as_posix()] = inside
    return found


@pytest.mark.parametrize(("page", "found"), calls().items())
def test_a_command_understands_what_a_page_calls(page: str, found: list[str]) -> None:
    for call in found:
        name, *arguments = shlex.split(call.replace("…", ""))
        command = COMMANDS[name]
        if isinstance(command, click.Group):
            if arguments[0].startswith("-"):
                continue
            command = command.commands[arguments.pop(0)]
        context = click.Context(command, info_name=call)
        # Parses without asking whether the files are there.
        command.make_parser(context).parse_args(arguments)


def test_the_pages_that_show_commands_are_looked_at() -> None:
    assert {"README.md", "docs/model.md", "docs/timelines.md", "docs/training.md"} <= set(calls())
    assert sum(map(len, calls().values())) > 30


def test_an_option_that_there_is_not_is_noticed() -> None:
    command = COMMANDS["annotate"]
    with pytest.raises(click.NoSuchOption):
        command.make_parser(click.Context(command)).parse_args(["--inputs", "videos"])
