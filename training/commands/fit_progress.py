"""What a fit shows while it runs: a line an epoch, and a bar on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from emotion_core.terminal import make_console


@contextmanager
def shown_progress(
    epochs: int,
) -> Iterator[tuple[Callable[[dict[str, Any]], None], Callable[[int, int], None]]]:
    """Functions to call after each epoch and after each batch."""
    console = make_console()
    columns = (
        TextColumn("batches"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def epoch_done(row: dict[str, Any]) -> None:
            console.print(_line(row, epochs), soft_wrap=True)

        def step_done(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield epoch_done, step_done


def _line(row: dict[str, Any], epochs: int) -> str:
    return (
        f"epoch {row['epoch']}/{epochs}  {row['seconds']:.0f} s  loss {row['loss']:.3f}"
        f"  held back: loss {row['held_back_loss']:.3f}"
        f", FER head {row['held_back_fer_accuracy']:.1%}"
        f", FER+ head {row['held_back_ferplus_accuracy']:.1%}"
    )
