"""The command line of ``annotate``: parse, call the library once, print its report."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from emotion_core import __version__
from emotion_core.errors import EmotionError, UsageError
from emotion_core.live.address import shown_source
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.terminal import (
    WIDTH,
    PrintableCommand,
    counted,
    escape_tracebacks,
    say,
    set_up_logging,
)
from jobs.config import JobConfig, RunOptions
from jobs.config_file import use_file
from jobs.exit_codes import ExitCode
from jobs.live.cli import check_files_only, run_webcams
from jobs.live.config import LiveOptions
from jobs.messages import describe_passed_over, describe_report, describe_todo
from jobs.options_cli import InputType, SourceType, options_of, pick
from jobs.own_process import do_without_unused, leave
from jobs.progress import STYLES, show_progress

if TYPE_CHECKING:
    from emotion_core.media.kinds import Kind
    from jobs.listener import Progress
    from jobs.todo import Todo

LOG_LEVELS = ("debug", "info", "warning", "error")


class Interruption:
    """Ctrl+C and SIGTERM, both as `KeyboardInterrupt`, the only exception that Ray passes on.

    One that is raised while the interpreter or Ray calls back is swallowed, and workers get the
    signal, too, so that anything may follow it: what has arrived decides how the command ends.
    """

    def __init__(self) -> None:
        self.code: ExitCode | None = None
        signal.signal(signal.SIGINT, self._handle)
        signal.signal(signal.SIGTERM, self._handle)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.code = ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED
        # Streams may be in the middle of a write.
        os.write(2, b"\nStopping ...\n")
        raise KeyboardInterrupt

    def end(self) -> None:
        """From now on it is too late for a signal: how the command ends is decided."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def check(self) -> None:
        """Raise `KeyboardInterrupt` if a signal has arrived."""
        if self.code is not None:
            raise KeyboardInterrupt


class Extent:
    """How far a run has come, to be said where it ends early."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0

    def __str__(self) -> str:
        if not self.total:
            return ": nothing was begun."
        are = "file is" if self.total == 1 else "files are"
        return f": {self.done} of {self.total} {are} done. The same command goes on from there."


class Command(PrintableCommand):
    """Says what to do with inputs that are given without ``--input``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if rest:
            raise click.UsageError(
                f"Put --input before {shown_source(rest[0])}, as before each input; many files are "
                "one in quotes: --input 'videos/*.mp4'.",
                ctx,
            )
        return rest


@click.command(
    cls=Command,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": WIDTH,
        "allow_extra_args": True,
    },
)
@click.option(
    "--input", "-i", "inputs", type=InputType(), multiple=True,
    help="Folder, file, glob, or @LIST naming one of these a line; repeatable.",
)  # fmt: skip
@click.option(
    "--webcam", type=SourceType(), multiple=True,
    help="Instead of --input: a camera's number or device, a URL (RTSP, HTTP, UDP), or a video "
    "file played at its own speed; repeatable.",
)  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path("out"), show_default=True,
    help="Folder for timelines, annotated copies and tables. Of a --webcam, nothing is kept "
    "unless it is given.",
)  # fmt: skip
@click.option(
    "--model", type=click.Path(path_type=Path), default=DEFAULT_BUNDLE,
    show_default="the shipped one",
    help="Folder of a model bundle.",
)  # fmt: skip
@click.option(
    "--config", type=click.Path(path_type=Path), is_eager=True, callback=use_file,
    help="TOML file of any of these options, or run.json of an earlier run; what stands here wins.",
)  # fmt: skip
@options_of(AnalysisOptions, RenderOptions, RunOptions, LiveOptions)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--progress", type=click.Choice(STYLES), default="auto", show_default=True,
    help="auto: a bar on a terminal, else a line per file.",
)  # fmt: skip
@click.option(
    "--log-level", type=click.Choice(LOG_LEVELS), default="warning", show_default=True,
    help="Least severe messages shown.",
)  # fmt: skip
@click.version_option(__version__, prog_name="annotate")
def command(
    config: Path | None,
    dry_run: bool,
    progress: str,
    log_level: str,
    **values: Any,
) -> None:
    """Find the faces in images and videos and classify their apparent emotions.

    Writes for each input a Parquet timeline and an annotated copy. --webcam 0 shows live what a
    camera sees, on a page. The result is the apparent expression, not what a person feels.

    \b
    Exit codes: 0 all done; 1 some files failed; 2 nothing could start, or
    results cannot be written any more; 3 the inputs hold no media;
    130/143 interrupted.
    """
    set_up_logging(log_level)
    interruption, extent = Interruption(), Extent()
    try:
        if values["webcam"]:
            code = run_webcams(values, interruption.check, dry_run=dry_run)
            interruption.code = None
        else:
            job = configure(values, config)
            code = _dry_run(job) if dry_run else _run(job, progress, interruption, extent)
    except EmotionError as error:
        say(f"Error: {error}", err=True)
        if extent.total:
            say(f"Ended early{extent}", err=True)
        code = ExitCode.NOT_STARTED
    except BaseException:
        if interruption.code is None:
            raise
    interruption.end()
    if interruption.code is not None:
        say(_how_far(interruption, extent), err=True)
        code = interruption.code
    sys.exit(code)


def main() -> None:
    """Entry point of the console script."""
    do_without_unused()
    escape_tracebacks()
    try:
        command(prog_name="annotate")
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        leave(end.code)


def configure(values: dict[str, Any], file: Path | None) -> JobConfig:
    """What the run is asked to do, from parsed options; `file` is where some of them stand.

    Raises
    ------
    UsageError
        Two options exclude each other, or there is no input.
    """
    check_files_only(values)
    try:
        return JobConfig(
            values["inputs"],
            values["output"],
            values["model"],
            pick(AnalysisOptions, values),
            pick(RenderOptions, values),
            pick(RunOptions, values),
        )
    except UsageError as error:
        if file is None:
            raise
        raise UsageError(file, f"with the command line: {error.message}") from error


def _how_far(interruption: Interruption, extent: Extent) -> str:
    word = "Interrupted" if interruption.code is ExitCode.INTERRUPTED else "Terminated"
    return f"{word}{extent}"


def _run(config: JobConfig, style: str, interruption: Interruption, extent: Extent) -> ExitCode:
    from jobs.run import annotate

    with show_progress(style) as show:

        def listen(progress: Progress) -> None:
            extent.done, extent.total = progress.files_done, progress.files_total
            interruption.check()
            show(progress)

        def announce(todo: Todo) -> None:
            extent.done, extent.total = len(todo.finished), todo.total
            if style != "none":
                _say_all(describe_todo(todo))

        report = annotate(config, listen, announce)
    if not report.known:
        return _no_media(config, report.passed_over)
    if style != "none":
        _say_all(describe_report(report, config.output))
    return report.exit_code


def _dry_run(config: JobConfig) -> ExitCode:
    from emotion_core.bundle import load_bundle
    from emotion_core.provenance import made_by
    from jobs.plan import make_plan
    from jobs.run import metadata_of
    from jobs.todo import make_todo

    config = config.absolute()
    plan = make_plan(config.inputs, config.output)
    tools = made_by(load_bundle(config.model), config.analysis)
    todo = make_todo(plan, config, metadata_of(config, tools))
    for work, reason in todo.works:
        for file, copy in zip(work.files, work.copies, strict=True):
            results = (work.timeline, copy) if config.run.video else (work.timeline,)
            names = ", ".join(os.path.relpath(result, config.output) for result in results)
            say(f"{file.path} -> {names}: {reason}")
    for outcome in todo.failed:
        say(f"{outcome.path}: failed before, not tried again: {outcome.error}")
    for folder in plan.unreadable:
        say(f"{folder}: cannot be listed, check permission")
    say(
        f"{counted(len(todo.files), 'file')} to annotate, {len(todo.finished):,} done already, "
        f"{len(todo.failed):,} failed before, "
        f"{counted(len(plan.ignored), 'other', 'others')} ignored."
    )
    if not plan.works:
        return _no_media(config, plan.passed_over)
    _say_all(describe_passed_over(plan.passed_over))
    return ExitCode.DONE


def _no_media(config: JobConfig, passed_over: Mapping[Kind, Sequence[Path]]) -> ExitCode:
    say(
        f"No media: {', '.join(config.inputs)} holds no image or video; "
        "name a file itself to have it tried.",
        err=True,
    )
    _say_all(describe_passed_over(passed_over))
    return ExitCode.NO_MEDIA


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        say(line, err=True)
