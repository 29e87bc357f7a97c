"""Rows at equal steps of time, for programs that need them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from emotion_core.errors import UsageError
from emotion_core.files import reported_for, written_aside
from emotion_core.labels import EMOTIONS
from emotion_core.results.find import find_timelines, name_below
from emotion_core.results.rows_out import PLAIN, SUFFIXES, CsvLook, row_writer
from emotion_core.results.step_means import MEANS_READ, step_means
from emotion_core.timeline.spans import frame_ends
from emotion_core.timeline.store import read_blocks, read_metadata

RESAMPLED: Final = (
    "source", "time_us", "frame", "status", "track", *(f"p_{name}" for name in EMOTIONS),
    "emotion", "confidence", "uncertain",
)  # fmt: skip
"""Columns of the timeline that are kept; `time_us` is that of the step."""


def export_resampled(
    out: Path,
    folder: Path,
    form: str,
    every_us: int,
    *,
    mean: bool = False,
    look: CsvLook = PLAIN,
) -> Iterator[Path]:
    """Write a file per video with rows at 0, `every_us`, 2 · `every_us`, …, and yield each.

    A step has the rows of the frame that is on display at its time: the last analysed one at or
    before it. That lasts until the next analysed frame, the last of the file as long as the one
    before it; times after it, and before the first analysed frame, have no rows. A frame without a
    face, or that could not be decoded, gives its one row without values, so that what is missing
    stays missing. Nothing is interpolated.

    Parameters
    ----------
    out : Path
        The output folder of a run, a folder that holds timelines, or a timeline.
    folder : Path
        Made where it is missing.
    form : str
        ``csv`` or ``json``, as `row_writer` describes them.
    every_us : int, µs
        Above 0.
    mean : bool
        Write what `step_means` makes of each step instead.
    look : CsvLook

    Raises
    ------
    UsageError
        There is no timeline, or none of a video.
    MediaError
        A file is not a timeline, or damaged. What was written before stays.
    OutputError
        A file cannot be written.
    """
    count = 0
    for timeline in find_timelines(out):
        if "inputs" in read_metadata(timeline):
            continue
        path = folder / name_below(out, timeline, SUFFIXES[form])
        with written_aside(path) as partial, reported_for(path), partial.open("wb") as file:
            append = row_writer(form, file, look)
            if mean:
                append(step_means(read_blocks(timeline, MEANS_READ), every_us))
            else:
                for rows in resample(read_blocks(timeline, RESAMPLED), every_us):
                    append(rows)
        count += 1
        yield path
    if not count:
        raise UsageError(out, "holds no timeline of a video: stills have no time")


def resample(blocks: Iterable[pa.Table], every_us: int) -> Iterator[pa.Table]:
    """Rows at whole multiples of `every_us`, as `export_resampled` says; a table per block."""
    held: pa.Table | None = None
    step_us = 0
    for block in blocks:
        rows = block if held is None else pa.concat_tables([held, block]).unify_dictionaries()
        if not len(rows):
            yield rows
            continue
        frame, time_us = rows["frame"].to_numpy(), rows["time_us"].to_numpy()
        complete = int(np.argmax(frame == frame[-1]))
        end_us, step_us = frame_ends(frame, time_us, step_us)
        held = rows.slice(complete)
        yield _at_steps(rows.slice(0, complete), end_us[:complete], every_us)
    if held is not None:
        yield _at_steps(held, held["time_us"].to_numpy() + step_us, every_us)


def _at_steps(rows: pa.Table, end_us: NDArray[np.int64], every_us: int) -> pa.Table:
    first, stop = -(-rows["time_us"].to_numpy() // every_us), -(-end_us // every_us)
    counts = stop - first
    taken = np.repeat(np.arange(len(rows)), counts)
    ahead = np.arange(len(taken)) - np.repeat(np.cumsum(counts) - counts, counts)
    step = first[taken] + ahead
    # Rows of a frame lie together: by frame, then step, then track.
    order = np.lexsort((taken, ahead, rows["frame"].to_numpy()[taken]))
    place = rows.column_names.index("time_us")
    return rows.take(pa.array(taken[order])).set_column(
        place, "time_us", pc.cast(pa.array(step[order] * every_us), pa.int64())
    )
