"""The picture that is shown and recorded: the frame with what was found on it."""

from __future__ import annotations

from collections import deque
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotion_core.emotions.calibrate import softmax
from emotion_core.hider import HOLD_S
from emotion_core.labels import EMOTIONS
from emotion_core.live.analyser import Seen
from emotion_core.media.planes import Planes
from emotion_core.render.blur import blur_faces
from emotion_core.render.canvas import Canvas
from emotion_core.render.draw import Label, draw_labels
from emotion_core.render.hide import Box

JPEG_QUALITY: Final = 75
SHOWN_WIDTH_MAX: Final = 1280
"""Wider pictures are shown smaller: a browser has no use for more, and each costs time."""


def labels_of(seen: Seen) -> list[Label]:
    """What is drawn on a frame, with the values that its rows have."""
    probabilities = softmax(seen.smoothed, 1.0)
    labels = []
    for row, values in enumerate(probabilities):
        emotion, confidence = EMOTIONS[int(values.argmax())], values.max()
        x, y, w, h = seen.faces.boxes[row].tolist()
        labels.append(
            Label(
                box=(x, y, w, h),
                emotion=emotion,
                text=f"{emotion} {confidence:.0%}",
                track=int(seen.track[row]),
                uncertain=bool(confidence < seen.limits[row]),
                probabilities=tuple(values.tolist()),
            )
        )
    return labels


class Painter:
    """Draws frame after frame.

    Parameters
    ----------
    matrix : int
        Of the source's colours (ITU-T H.273).
    hiding : bool
        Hide the faces found on each frame, and those found shortly before.
    """

    def __init__(self, matrix: int, *, hiding: bool) -> None:
        self._matrix = matrix
        self._hiding = hiding
        self._recent: deque[tuple[int, Box]] = deque()

    def paint(self, planes: Planes, seen: Seen, labels: list[Label]) -> Planes:
        """A copy of a frame, limited range, with boxes, captions and bars."""
        drawn = planes.limited()
        canvas = Canvas.of_video(drawn, self._matrix)
        if self._hiding:
            blur_faces(canvas, self._hidden(seen, labels))
        draw_labels(canvas, labels)
        return drawn

    def _hidden(self, seen: Seen, labels: list[Label]) -> list[Box]:
        fresh: list[Box] = [(x, y, w, h) for x, y, w, h in seen.found.tolist()]
        fresh += [label.box for label in labels]
        while self._recent and seen.time_us - self._recent[0][0] > HOLD_S * 1_000_000:
            self._recent.popleft()
        self._recent.extend((seen.time_us, box) for box in fresh)
        return [box for _, box in self._recent]


def to_jpeg(planes: Planes) -> bytes:
    """A drawn frame as JPEG, no wider than `SHOWN_WIDTH_MAX`."""
    shrink = min(1.0, SHOWN_WIDTH_MAX / planes.width)
    width, height = (2 * round(side * shrink / 2) for side in (planes.width, planes.height))
    picture: NDArray[np.uint8] = planes.bgr(max(width, 2), max(height, 2))
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise RuntimeError(f"no JPEG of {planes}")
    return data.tobytes()
