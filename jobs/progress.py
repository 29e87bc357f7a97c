"""What the user sees while a run goes on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from emotion_core.printable import printable
from emotion_core.terminal import counted, make_console
from jobs.report import FileOutcome

if TYPE_CHECKING:
    from jobs.listener import Progress

STYLES: Final = ("auto", "rich", "plain", "json", "none")


@contextmanager
def show_progress(style: str) -> Iterator[Callable[[Progress], None]]:
    """A listener for the run, in one of `STYLES`.

    ``auto`` is rich on a terminal and one line per file otherwise.
    """
    if style == "auto":
        style = "rich" if sys.stderr.isatty() else "plain"
    if style == "rich":
        with _bar() as listener:
            yield listener
    else:
        yield {"plain": _print_line, "json": _print_json, "none": lambda _: None}[style]


def describe(outcome: FileOutcome) -> str:
    """One line on the end of a file."""
    if outcome.summary is None:
        before = " before" if outcome.before else ""
        return printable(f"FAILED{before} {outcome.path}: {outcome.error}")
    summary = outcome.summary
    if summary.frames == 1:
        parts = [counted(summary.tracks, "face")]
        parts += [f"first of {outcome.pictures} pictures"] if outcome.pictures > 1 else []
    else:
        parts = [counted(summary.frames, "frame"), f"{summary.with_face:,} with a face"]
        parts += [counted(summary.tracks, "track")]
    if outcome.clock_jumps:
        parts += [f"clock jumps {counted(outcome.clock_jumps, 'time')}: time goes on"]
    parts += [f"1 of {outcome.videos} video streams"] if outcome.videos > 1 else []
    parts += [f"{summary.damaged:,} damaged"] if summary.damaged else []
    parts += [f"{summary.undecodable:,} undecodable"] if summary.undecodable else []
    return printable(f"{outcome.source}: {', '.join(parts)}, {outcome.seconds:.1f} s")


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, as h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _print_line(progress: Progress) -> None:
    if progress.outcome is None:
        return
    ended = progress.files_done + progress.files_failed
    left = progress.seconds_left
    rest = f", {duration(left)} left" if left and ended < progress.files_total else ""
    counter = f"[{ended}/{progress.files_total}{rest}]"
    print(f"{counter} {describe(progress.outcome)}", file=sys.stderr, flush=True)


def _print_json(progress: Progress) -> None:
    left = progress.seconds_left
    event = {
        "event": "progress" if progress.outcome is None else "file",
        "files_done": progress.files_done,
        "files_failed": progress.files_failed,
        "files_total": progress.files_total,
        "frames": progress.frames,
        "frames_per_second": round(progress.frames / max(progress.seconds, 1e-9), 1),
        "share": round(progress.share, 4),
        "seconds": round(progress.seconds, 2),
        "seconds_left": None if left is None else round(left, 1),
    }
    if progress.outcome is not None:
        outcome = progress.outcome
        event |= {"path": str(outcome.path), "ok": outcome.ok, "error": outcome.error or None}
        event |= {"pictures": outcome.pictures} if outcome.pictures > 1 else {}
        event |= {"clock_jumps": outcome.clock_jumps} if outcome.clock_jumps else {}
        event |= {"videos": outcome.videos} if outcome.videos > 1 else {}
    print(json.dumps(event), flush=True)


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    console = make_console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=console) as bar:
        task = bar.add_task("starting", total=1.0)

        def listen(progress: Progress) -> None:
            if progress.outcome is not None:
                style = "red" if not progress.outcome.ok else None
                line = describe(progress.outcome)
                bar.console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
            bar.update(task, completed=progress.share, description=_counts(progress))

        yield listen


def _counts(progress: Progress) -> str:
    ended = progress.files_done + progress.files_failed
    failed = f", {progress.files_failed} failed" if progress.files_failed else ""
    rate = progress.frames / max(progress.seconds, 1e-9)
    left = progress.seconds_left
    rest = f" · {duration(left)} left" if left is not None else ""
    return f"{ended}/{counted(progress.files_total, 'file')}{failed} · {rate:.0f} frames/s{rest}"
