"""Every call of one of our commands on a page is one that the command understands."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from scripts.make_docs import COMMANDS
from tests.docs.fences import PAGES, REPOSITORY

NAMES = "|".join(COMMANDS)
_CALL = re.compile(rf"^(?: {{4}})?((?:{NAMES}) .+)$", re.MULTILINE)
_MENTION = re.compile(rf"`((?:{NAMES}) [^`\n]+)`")
GENERATED = {"cli.md"}


def found(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """What pages call, each with the page."""
    return [
        (page.relative_to(REPOSITORY).as_posix(), call)
        for page in PAGES
        if page.name not in GENERATED
        for call in pattern.findall(page.read_text("utf-8"))
    ]


def leaf(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that some words call, and what they give it."""
    command, rest = COMMANDS[words[0]], words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


@pytest.mark.parametrize(("page", "call"), found(_CALL))
def test_a_command_understands_a_call(page: str, call: str) -> None:
    command, arguments = leaf(shlex.split(call.replace("…", "")))
    # Parses without asking whether the files are there.
    command.make_parser(click.Context(command, info_name=call)).parse_args(arguments)


@pytest.mark.parametrize(("page", "call"), found(_MENTION))
def test_a_command_has_the_options_of_a_mention(page: str, call: str) -> None:
    command, arguments = leaf(call.split())
    known = {name for p in command.get_params(click.Context(command)) for name in p.opts}
    known |= {name for p in command.params for name in p.secondary_opts}
    assert {word for word in arguments if word.startswith("--")} <= known


def test_the_pages_that_show_commands_are_looked_at() -> None:
    pages = {page for page, _ in found(_CALL)}
    assert {"README.md", "docs/model.md", "docs/timelines.md", "docs/training.md"} <= pages
    assert len(found(_CALL)) > 30


def test_an_option_that_there_is_not_is_noticed() -> None:
    command = COMMANDS["annotate"]
    with pytest.raises(click.NoSuchOption):
        command.make_parser(click.Context(command)).parse_args(["--inputs", "videos"])
