"""Where faces are hidden: also on frames between the ones in which they were found."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


def boxes_to_hide(rows: pa.Table, sampled: NDArray[np.intp]) -> dict[int, list[Box]]:
    """Boxes of faces by frame, for hiding.

    A face that the detector missed for some frames is hidden along the line between its boxes
    before and after; between two analysed frames, all boxes of both are hidden as well.

    Parameters
    ----------
    rows : Table
        Part of a timeline: the frames to be drawn with some on either side.
    sampled : ndarray [shape=(n,), int]
        Numbers of the analysed frames among them, increasing.

    Returns
    -------
    boxes : dict of int to list of (x, y, width, height), px
    """
    faces = rows.filter(rows["box_x"].is_valid())
    frames = faces["frame"].to_numpy()
    tracks = faces["track"].to_numpy()
    boxes = np.column_stack([faces[f"box_{axis}"].to_numpy() for axis in "xywh"]).reshape(-1, 4)
    hidden: dict[int, list[Box]] = {}
    for frame, box in zip(frames, boxes, strict=True):
        _add(hidden, int(frame), [box])
    for track in np.unique(tracks):
        own = np.flatnonzero(tracks == track)
        for before, after in pairwise(own):
            for frame in range(int(frames[before]) + 1, int(frames[after])):
                share = (frame - frames[before]) / (frames[after] - frames[before])
                _add(hidden, frame, [boxes[before] + share * (boxes[after] - boxes[before])])
    for before, after in pairwise(sampled.tolist()):
        if after - before > 1:
            around = boxes[(frames == before) | (frames == after)]
            for frame in range(before + 1, after):
                _add(hidden, frame, around)
    return hidden


def _add(hidden: dict[int, list[Box]], frame: int, boxes: Iterable[NDArray[np.floating]]) -> None:
    found = [(float(x), float(y), float(w), float(h)) for x, y, w, h in boxes]
    hidden.setdefault(frame, []).extend(found)
