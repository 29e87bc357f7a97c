"""The command ``emotion-timeline``: work with finished timelines.

Heavy libraries are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

from typing import Any

import click

from emotion_core import __version__
from emotion_core.errors import EmotionError
from emotion_core.terminal import WIDTH, PrintableGroup, escape_tracebacks, set_up_logging
from jobs.exit_codes import ExitCode
from jobs.timeline_commands.baseline import baseline
from jobs.timeline_commands.export import export
from jobs.timeline_commands.intervals import intervals
from jobs.timeline_commands.merge import merge
from jobs.timeline_commands.plot import plot
from jobs.timeline_commands.resample import resample
from jobs.timeline_commands.summary import summary
from jobs.timeline_commands.validate import validate


class _Refused(click.ClickException):
    exit_code = ExitCode.NOT_STARTED


class _Commands(PrintableGroup):
    """Prints the errors of inputs and outputs as one line and ends with exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EmotionError as error:
            raise _Refused(str(error)) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
)
@click.version_option(__version__, prog_name="emotion-timeline")
def command() -> None:
    """Sum up, draw, check and export the timelines that annotate wrote.

    \b
    emotion-timeline summary out
    emotion-timeline summary out --by conditions.csv --output groups.csv
    emotion-timeline plot out --output plots
    emotion-timeline validate out
    emotion-timeline export out --to csv --output csv
    emotion-timeline export out --to elan --output elan
    """


for _command in (summary, intervals, plot, validate, export, resample, merge, baseline):
    command.add_command(_command)


def main() -> None:
    """Entry point of the console script."""
    escape_tracebacks()
    set_up_logging("warning", "%(message)s")
    command(prog_name="emotion-timeline")
