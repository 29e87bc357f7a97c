"""``emotion-timeline resample``: rows at equal steps of time."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from emotion_core.terminal import say
from jobs.timeline_commands.kinds import PATH, decimal, look_of, out, safe_csv

FORMS = ("csv", "json")


class _Step(click.ParamType[int]):
    """A time above 0, as ``100ms`` or ``0.1s``, in whole µs."""

    name = "step"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", str(value).strip())
        time_us = Fraction(found[1]) * {"ms": 1000, "s": 1_000_000}[found[2]] if found else None
        if not time_us or time_us.denominator != 1:
            self.fail(f"{value!r} is no time such as 100ms or 0.5s, in whole microseconds.")
        return int(time_us)


@click.command()
@out
@click.option(
    "--every", type=_Step(), metavar="TIME", required=True, help="From row to row: 100ms, 0.5s."
)
@click.option(
    "--to", "form", type=click.Choice(FORMS), default="csv", show_default=True,
    help="json: a record a line (.jsonl).",
)  # fmt: skip
@click.option("--output", "-o", type=PATH, required=True, help="Folder for a file per video.")
@click.option(
    "--mean", is_flag=True,
    help="Means over each step by time, with the number of frames and of uncertain ones.",
)  # fmt: skip
@decimal
@safe_csv
def resample(
    out: Path, every: int, form: str, output: Path, mean: bool, decimal: str, safe_csv: bool
) -> None:
    """Write rows at equal steps of time: at 0, TIME, twice TIME and so on.

    OUT is the output folder of annotate, a folder of timelines, or a timeline. Each step has the
    rows of the frame on display then, the last analysed one at or before it; nothing is
    interpolated, and a step without a face has a row without values. To see fewer frames analysed,
    use annotate --sample-fps.
    """
    from emotion_core.results.resample import export_resampled

    look = look_of(decimal, safe_csv)
    for path in export_resampled(out, output, form, every, mean=mean, look=look):
        say(path)
