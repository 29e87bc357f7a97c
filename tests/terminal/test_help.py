"""Every help fits on a terminal of 80 columns, and says what each command does."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from jobs.cli import command as annotate
from jobs.timeline_cli import command as timeline
from training.cli import main as training

PROGRAMS = {"annotate": annotate, "emotion-timeline": timeline, "emotion-training": training}


def commands() -> Iterator[tuple[str, list[str]]]:
    for name, program in PROGRAMS.items():
        yield name, []
        if isinstance(program, click.Group):
            yield from ((name, [inner]) for inner in program.commands)


@pytest.mark.parametrize(("program", "command"), list(commands()))
def test_it_fits(program: str, command: list[str]) -> None:
    runner = CliRunner(env={"COLUMNS": "80"})
    shown = runner.invoke(
        PROGRAMS[program], [*command, "--help"], prog_name=program, terminal_width=80
    )
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert [line for line in lines if line.endswith("...") and not line.startswith("Usage")] == []


def test_all_commands_are_looked_at() -> None:
    assert len(list(commands())) >= 24
