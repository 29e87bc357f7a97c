"""Timelines of several runs in one folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from emotion_core.errors import UsageError
from emotion_core.files import reported_for, written_aside
from emotion_core.layout import timelines_folder
from emotion_core.model_cards import copy_cards
from emotion_core.results.find import find_timelines, name_below
from emotion_core.results.read import sources_of
from emotion_core.timeline.run_tables import write_run_tables


def merge(outs: Sequence[Path], output: Path) -> list[Path]:
    """Copy the timelines of several output folders into a new one, with its tables over all.

    Nothing is written before all are known to fit together. The copies are the same byte for byte.

    Parameters
    ----------
    outs : sequence of Path
        Output folders of runs, folders that hold timelines, or timelines.
    output : Path
        Must hold no timelines yet.

    Returns
    -------
    timelines : list of Path
        The copies.

    Raises
    ------
    UsageError
        There is no timeline, two have rows of the same file or would have the same place, or the
        new folder holds timelines.
    MediaError
        A file is not a timeline, or damaged.
    OutputError
        A file cannot be written.
    """
    folder = timelines_folder(output)
    if any(folder.rglob("*.parquet")):
        raise UsageError(output, "holds timelines already: choose a new folder")
    timeline_of: dict[str, Path] = {}
    placed: dict[str, Path] = {}
    copies: list[tuple[Path, Path]] = []
    for out in outs:
        for timeline in find_timelines(out):
            for source in sources_of(timeline):
                _claim(timeline_of, source, timeline)
            copy = folder / name_below(out, timeline, ".parquet")
            _claim(placed, str(copy.relative_to(folder)), timeline)
            copies.append((timeline, copy))
    for timeline, copy in copies:
        with written_aside(copy) as partial, reported_for(copy):
            shutil.copyfile(timeline, partial)
    copy_cards(outs, output)
    made = sorted(copy for _, copy in copies)
    write_run_tables(output, made)
    return made


def _claim(known: dict[str, Path], name: str, timeline: Path) -> None:
    if name in known:
        raise UsageError(
            timeline,
            f"has {name}, which {known[name]} has, too: leave one out, or annotate it again from "
            "an input folder of another name",
        )
    known[name] = timeline
