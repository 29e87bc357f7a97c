"""The tables over all timelines of an output folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from emotion_core.files import reported_for
from emotion_core.timeline.intervals import write_intervals
from emotion_core.timeline.summary import write_summary

SUMMARY_FILE: Final = "summary.parquet"

TABLES: Final[dict[str, Callable[[Path, Sequence[Path]], object]]] = {
    SUMMARY_FILE: write_summary,
    "intervals.parquet": write_intervals,
}


def write_run_tables(output: Path, timelines: Sequence[Path]) -> None:
    """Write each, reading the timelines one after the other.

    Raises
    ------
    OutputError
        A table cannot be written.
    """
    for name, write in TABLES.items():
        write(output / name, timelines)


def remove_run_tables(output: Path) -> None:
    """Take them away, where they may speak of other rows than there are.

    Raises
    ------
    OutputError
        A table cannot be removed.
    """
    for name in TABLES:
        with reported_for(output / name):
            (output / name).unlink(missing_ok=True)
