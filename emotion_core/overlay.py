"""What is shown and hidden on each frame, read from the timeline a block of frames at a time."""

from __future__ import annotations

import math
from collections.abc import Hashable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS
from emotion_core.render.arrange import Arrangement, Arranger, Captioned, Extent
from emotion_core.render.canvas import rect_of_box
from emotion_core.render.draw import Label, names_of
from emotion_core.render.hide import Box, boxes_to_hide
from emotion_core.timeline.store import read_rows

BLOCK_FRAMES: Final = 500
"""Frames looked up at a time: memory stays the same however long the video is."""

HIDING_REACH_S: Final = 1
"""How far around a block faces are looked up that it may have missed: the tracker's patience."""

_LONGEST: Final = f"{max(EMOTIONS, key=len)} 100%"

_ANY_PERSON: Final = 10
"""Stands for the number of a person whom nobody has numbered yet: captions take as much room."""

COLUMNS: Final = (
    "frame", "track", "identity", "box_x", "box_y", "box_w", "box_h", "emotion", "confidence",
    "uncertain",
    *(f"p_{name}" for name in EMOTIONS),
)  # fmt: skip


class Overlay:
    """Labels and boxes to hide, frame by frame in rising order.

    Parameters
    ----------
    timeline : Path
    sampled : ndarray [shape=(frames of the video,), bool]
        Frames that the timeline has rows for; those between show the last one before them.
    frame_rate : Fraction, 1/s
    stop : int
        Frames before this one are asked for.
    hiding : bool
        Whether boxes to hide are wanted.
    """

    def __init__(
        self,
        timeline: Path,
        sampled: NDArray[np.bool_],
        frame_rate: Fraction,
        stop: int,
        *,
        hiding: bool,
    ) -> None:
        self._timeline = timeline
        self._sampled = np.flatnonzero(sampled)
        self._stop = stop
        self._reach = math.ceil(HIDING_REACH_S * frame_rate) if hiding else 0
        self._hiding = hiding
        self._block = range(0)
        self._labels: dict[int, list[Label]] = {}
        self._hidden: dict[int, list[Box]] = {}

    def labels(self, frame: int) -> list[Label]:
        """What is drawn on a frame."""
        self._look_up(frame)
        shown = np.searchsorted(self._sampled, frame, "right") - 1
        return self._labels.get(int(self._sampled[shown]), []) if shown >= 0 else []

    def hidden(self, frame: int) -> list[Box]:
        """Boxes of the faces to hide on a frame."""
        self._look_up(frame)
        # After the last analysed frame nothing is known but what is shown.
        return self._hidden.get(frame) or [label.box for label in self.labels(frame)]

    def _look_up(self, frame: int) -> None:
        if frame in self._block:
            return
        self._block = range(frame, min(frame + BLOCK_FRAMES, max(self._stop, frame + 1)))
        around = np.searchsorted(self._sampled, (self._block.start, self._block.stop))
        first, last = max(0, around[0] - 1), min(len(self._sampled) - 1, around[1])
        low = max(0, min(int(self._sampled[first]), frame) - self._reach)
        high = max(int(self._sampled[last]) + 1, self._block.stop) + self._reach
        rows = read_rows(self._timeline, low, high, COLUMNS)
        self._labels = labels_by_frame(rows)
        if self._hiding:
            inside = (self._sampled >= low) & (self._sampled < high)
            self._hidden = boxes_to_hide(rows, self._sampled[inside])


class RowArranger:
    """Decides from the rows of a timeline, as they are written, how tracks are labelled.

    Parameters
    ----------
    width, height : int, px
        Of the picture.
    with_people : bool
        Whether people will be numbered before the rows are drawn.
    """

    def __init__(self, width: int, height: int, *, with_people: bool = False) -> None:
        self._arranger = Arranger(Extent(width, height))
        self._person = _ANY_PERSON if with_people else None

    def add(self, rows: pa.Table) -> None:
        """The next rows, by rising frame; all rows of a frame at once."""
        faces = rows.filter(rows["box_x"].is_valid())
        boxes = np.column_stack([faces[f"box_{axis}"].to_numpy() for axis in "xywh"])
        frames, tracks = faces["frame"].to_numpy(), faces["track"].to_pylist()
        starts = np.flatnonzero(np.diff(frames, prepend=-1)).tolist()
        for start, stop in pairwise([*starts, len(frames)]):
            seen = [
                Captioned(track, rect_of_box(tuple(box)), f"{name} {_LONGEST}", short)
                for track, box in zip(tracks[start:stop], boxes[start:stop].tolist(), strict=True)
                for name, short in (names_of(track, self._person),)
            ]
            self._arranger.see(int(frames[start]), seen)

    def decide(self) -> dict[Hashable, Arrangement]:
        """By track."""
        return self._arranger.decide()


def labels_by_frame(rows: pa.Table) -> dict[int, list[Label]]:
    """The faces of some rows of a timeline, by frame."""
    faces = rows.filter(rows["box_x"].is_valid()).select(COLUMNS)
    labels: dict[int, list[Label]] = {}
    for row in faces.to_pylist():
        labels.setdefault(row["frame"], []).append(_label(row))
    return labels


def _label(row: dict[str, Any]) -> Label:
    return Label(
        box=(row["box_x"], row["box_y"], row["box_w"], row["box_h"]),
        emotion=row["emotion"],
        text=f"{row['emotion']} {row['confidence']:.0%}",
        track=row["track"],
        identity=row["identity"],
        uncertain=row["uncertain"],
        probabilities=tuple(row[f"p_{name}"] for name in EMOTIONS),
    )
