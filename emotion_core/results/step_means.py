"""Means over equal steps of time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from emotion_core.labels import EMOTIONS
from emotion_core.timeline.spans import frame_ends

MEANS_READ: Final = (
    "source", "frame", "time_us", "track", "uncertain", "gap", *(f"p_{name}" for name in EMOTIONS)
)  # fmt: skip
_P: Final = [f"p_{name}" for name in EMOTIONS]


def step_means(blocks: Iterable[pa.Table], every_us: int) -> pa.Table:
    """Means of each track over steps from 0 to `every_us`, from there to twice that, and so on.

    A frame counts for as long as it lasts within the step.

    Parameters
    ----------
    blocks : iterable of pyarrow.Table
        All rows of a video, with the columns `MEANS_READ`.
    every_us : int, µs
        Above 0.

    Returns
    -------
    means : pyarrow.Table
        ``source``, ``time_us`` (start of the step), ``track`` (null in a step without a face),
        ``frames`` and ``uncertain_frames`` (rows that last into the step, and those of them that
        are uncertain), ``shown_us`` (how long they last in it), means of ``p_<emotion>``, and the
        ``emotion`` with the largest. Steps that no frame lasts into have no row.
    """
    rows = pa.concat_tables(blocks).unify_dictionaries()
    start_us = rows["time_us"].to_numpy()
    frame = rows["frame"].to_numpy()
    track = rows["track"].fill_null(-1).to_numpy()
    gap = rows["gap"].fill_null(False).to_numpy()
    end_us = frame_ends(frame, start_us, 0, gap)[0] if len(rows) else start_us
    first, stop = start_us // every_us, -(-end_us // every_us)
    taken = np.repeat(np.arange(len(rows)), np.maximum(stop - first, 0))
    counts = np.maximum(stop - first, 0)
    step = first[taken] + np.arange(len(taken)) - np.repeat(np.cumsum(counts) - counts, counts)
    lasts_us = np.minimum(end_us[taken], (step + 1) * every_us) - np.maximum(
        start_us[taken], step * every_us
    )
    # A step in which a face is seen at times needs no row that says that none is.
    shown = track[taken] >= 0
    kept = shown | ~np.isin(step, step[shown])
    taken, step, lasts_us = taken[kept], step[kept], lasts_us[kept]
    order = np.lexsort((track[taken], step))
    taken, step, lasts_us = taken[order], step[order], lasts_us[order]
    number = track[taken]
    starts = np.flatnonzero(np.diff(step, prepend=-1) | (np.diff(number, prepend=-2) != 0))
    sums_us = np.add.reduceat(lasts_us, starts) if len(starts) else lasts_us
    uncertain = rows["uncertain"].fill_null(False).to_numpy()[taken].astype(np.int64)
    seen = number[starts] >= 0
    columns = {
        "source": rows["source"].cast(pa.string()).take(pa.array(taken[starts])),
        "time_us": pa.array(step[starts] * every_us, pa.int64()),
        "track": pa.array(number[starts], pa.int32(), mask=~seen),
        "frames": pa.array(np.diff(starts, append=len(taken)), pa.int64()),
        "uncertain_frames": pa.array(
            np.add.reduceat(uncertain, starts) if len(starts) else uncertain, pa.int64()
        ),
        "shown_us": pa.array(np.where(seen, sums_us, 0), pa.int64()),
    }
    means = np.empty((len(starts), len(_P)))
    for place, name in enumerate(_P):
        values = rows[name].cast(pa.float64()).fill_null(0).to_numpy()[taken] * lasts_us
        means[:, place] = np.add.reduceat(values, starts) / sums_us if len(starts) else 0
        columns[name] = pa.array(means[:, place], pa.float64(), mask=~seen)
    leading = pa.array(means.argmax(axis=1), pa.int32(), mask=~seen)
    columns["emotion"] = pc.take(pa.array(EMOTIONS), leading)
    return pa.table(columns)
