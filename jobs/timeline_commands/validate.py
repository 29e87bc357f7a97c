"""``emotion-timeline validate``: check timelines against what the schema promises."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from emotion_core.terminal import counted, say
from jobs.exit_codes import ExitCode
from jobs.timeline_commands.kinds import out


@click.command()
@out
def validate(out: Path) -> None:
    """Check timelines: columns, order, ranges, times, and that values fit each other.

    OUT is the output folder of annotate, a folder of timelines, or a timeline. Prints a line per
    fault with the file and the first row that has it, counted from 0.

    \b
    Exit codes: 0 no fault; 1 faults; 2 nothing to check.
    """
    from emotion_core.results.find import find_timelines
    from emotion_core.results.validate import find_faults

    timelines, count = find_timelines(out), 0
    for timeline in timelines:
        for fault in find_faults(timeline):
            say(fault)
            count += 1
    say(f"{counted(len(timelines), 'timeline')} checked, {counted(count, 'fault')}.", err=True)
    sys.exit(ExitCode.SOME_FAILED if count else ExitCode.DONE)
