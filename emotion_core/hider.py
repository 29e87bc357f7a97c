"""Which parts of a picture `--blur-faces` hides: every face that can be found, wanted or not."""

from __future__ import annotations

import math
from collections import deque
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.detector import overlap
from emotion_core.faces.find import FaceFinder, Picture
from emotion_core.overlay import Overlay
from emotion_core.render.hide import Box

SMALLEST_HIDDEN: Final = 20
"""Height in px of the smallest face that is sought for hiding; options decide only about rows."""

HIDING_THRESHOLD: Final = 0.5
"""Lower than what counts as a face in a timeline: hiding too much is the smaller fault."""

HOLD_S: Final = Fraction(1, 5)
SAME_BOX: Final = 0.8


def hold_frames(frame_rate: Fraction) -> int:
    """For how many frames a face that was found stays hidden."""
    return max(1, math.ceil(HOLD_S * frame_rate))


def make_hiding_finder() -> FaceFinder:
    """The search that hiding uses."""
    return FaceFinder(SMALLEST_HIDDEN, HIDING_THRESHOLD)


def faces_to_hide(
    finder: FaceFinder, picture: Picture, pixel_aspect: float = 1.0, *, still: bool = False
) -> list[Box]:
    """Boxes of all faces that can be found in a picture."""
    found = finder.find(picture, pixel_aspect, still=still)
    return [(float(x), float(y), float(w), float(h)) for x, y, w, h in found.boxes]


class Hider:
    """Boxes to hide, frame by frame in rising order.

    A frame hides the faces found on it, those found shortly before, and those of the timeline,
    which are known on the frames between two findings, too.

    Parameters
    ----------
    finder : FaceFinder
    overlay : Overlay
    frame_rate : Fraction, 1/s
    pixel_aspect : float
        Width of a pixel over its height.
    """

    def __init__(
        self, finder: FaceFinder, overlay: Overlay, frame_rate: Fraction, pixel_aspect: float
    ) -> None:
        self._finder = finder
        self._overlay = overlay
        self._pixel_aspect = pixel_aspect
        self._recent: deque[list[Box]] = deque(maxlen=hold_frames(frame_rate))

    def boxes(self, frame: int, picture: Picture) -> list[Box]:
        """Boxes to hide on a frame, px."""
        fresh = faces_to_hide(self._finder, picture, self._pixel_aspect)
        held = [box for boxes in self._recent for box in boxes]
        self._recent.append(fresh)
        return _distinct([*fresh, *self._overlay.hidden(frame), *held])


def _distinct(boxes: list[Box]) -> list[Box]:
    """Boxes without those that hide what one before them hides."""
    kept: list[Box] = []
    for box in boxes:
        others: NDArray[np.float32] = np.array(kept, np.float32).reshape(-1, 4)
        if (overlap(np.array(box, np.float32), others) < SAME_BOX).all():
            kept.append(box)
    return kept
