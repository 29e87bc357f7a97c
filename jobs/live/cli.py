"""The part of ``annotate`` that is about live sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click
from click.core import ParameterSource

from emotion_core.errors import UsageError
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.terminal import counted, say
from jobs.config import RunOptions
from jobs.exit_codes import ExitCode
from jobs.live.config import LiveConfig, LiveOptions
from jobs.options_cli import pick


def run_webcams(values: dict[str, Any], check: Callable[[], None], *, dry_run: bool) -> ExitCode:
    """Do what ``--webcam`` asks for.

    Parameters
    ----------
    values : dict
        Parsed options of the present command.
    check : callable
        Raises `KeyboardInterrupt` once a signal has arrived.
    dry_run : bool
        Only say what would be analysed.

    Raises
    ------
    EmotionError
        Nothing could start.
    """
    config = _configure(values)
    if dry_run:
        for address in config.addresses:
            say(f"{address} ({address.kind.value}) would be analysed.")
        return ExitCode.DONE
    from jobs.live.run import LiveRun

    try:
        report = LiveRun(config, _say, check).execute()
    except KeyboardInterrupt:
        _say(_interrupted(config))
        return ExitCode.INTERRUPTED
    for totals in report.totals:
        _say_all(totals)
    for error in report.errors:
        _say(f"Failed: {error}")
    for timeline in report.timelines:
        _say(f"Timeline: {timeline}")
    return ExitCode.SOME_FAILED if report.errors else ExitCode.DONE


def check_files_only(values: dict[str, Any]) -> None:
    """See that a command without ``--webcam`` has an input and no options of live sessions.

    Raises
    ------
    UsageError
    """
    for declared in fields(LiveOptions):
        if values[declared.name] != declared.default:
            raise UsageError(None, f"--{declared.name} needs --webcam")
    if not values["inputs"]:
        raise UsageError(None, "Missing option '--input' (or '--webcam'): name what to annotate")


def _configure(values: dict[str, Any]) -> LiveConfig:
    if values["inputs"]:
        raise UsageError(None, "--input and --webcam exclude each other: run them apart")
    for declared in fields(RunOptions):
        given = values[declared.name] != declared.default
        if given and declared.name not in ("workers", "video"):
            name = declared.name.replace("_", "-")
            raise UsageError(None, f"--{name} is for files: leave it out with --webcam")
    source = click.get_current_context().get_parameter_source("output")
    return LiveConfig.of(
        values["webcam"],
        output=None if source is ParameterSource.DEFAULT else values["output"],
        model=values["model"],
        analysis=pick(AnalysisOptions, values),
        render=pick(RenderOptions, values),
        live=pick(LiveOptions, values),
        workers=values["workers"],
    )


def _interrupted(config: LiveConfig) -> str:
    if config.output is None:
        return "Interrupted: nothing was kept, as no --output was given."
    return "Interrupted: what was kept so far is made whole by the next session in the folder."


def _say_all(totals: dict[str, Any]) -> None:
    arrived, dropped = totals["frames_arrived"], totals["frames_dropped"]
    share = dropped / arrived if arrived else 0.0
    line = (
        f"{totals['address']}: {counted(arrived, 'frame')}, "
        f"{totals['frames_analysed']:,} analysed, "
        f"{dropped:,} dropped ({share:.1%}); {counted(totals['tracks'], 'track')}"
    )
    if totals["latency_p50_ms"] is not None:
        line += (
            f"; latency {totals['latency_p50_ms']:.0f} ms median, "
            f"{totals['latency_p95_ms']:.0f} ms at 95 %"
        )
    outages = totals["outages"]
    if outages:
        line += f"; lost {counted(len(outages), 'time')}"
    _say(f"{line}.")
    for path in totals["recordings"]:
        _say(f"Recording: {path}")


def _say(text: str) -> None:
    say(text, err=True)
