"""The scene of `clips/smile.mp4`: a face that begins to smile, and then can hardly be seen."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from sample_scenes import Cutout, Picture, Pose, background, hopper, place, pose_at, to_picture

SMILE_MOVES = (
    ((231, 281), (-6, -16), 20),
    ((306, 278), (6, -16), 20),
    ((222, 250), (-6, -12), 26),
    ((312, 248), (6, -12), 26),
    ((269, 292), (0, 3), 26),
)
"""What a smile moves in her portrait: a place, how far, and the width of the bell, in px; the
corners of the mouth, the cheeks and the lower lip."""

SMILE = ((2.0, 0.0), (2.5, 1.0), (4.0, 1.0), (4.5, 0.0))
DUSK = ((5.0, 0.0), (5.5, 1.0), (6.9, 1.0), (7.4, 0.0))
"""Key times in s, and how much of a smile or of the dusk there is."""

DUSK_LIGHT = 0.25
DUSK_BLUR = 4.2
"""How much of the light is left in the dusk, and the sigma of the blur, in px of the frame."""

POSES = (
    Pose(0.0, 300, 185, 118, -1),
    Pose(2.8, 325, 180, 124, 2),
    Pose(5.4, 335, 180, 120, -2),
    Pose(8.1, 310, 184, 118, 1),
)


@cache
def smile_field() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far each pixel of the cutout moves to the right and down in a full smile, in px."""
    height, width = hopper().rgba.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    right, down = np.zeros_like(x), np.zeros_like(y)
    for (at_x, at_y), (by_x, by_y), width_px in SMILE_MOVES:
        bell = np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / (2 * width_px**2))
        right += by_x * bell
        down += by_y * bell
    return right, down


def smiling(person: Cutout, share: float) -> Cutout:
    """Return Hopper with a share of a smile, from 0 to 1."""
    height, width = person.rgba.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    right, down = smile_field()
    rgba = cv2.remap(person.rgba, x - share * right, y - share * down, cv2.INTER_LINEAR)
    return Cutout(rgba, person.face_x, person.face_y, person.face_height)


def share_at(keys: Sequence[tuple[float, float]], time: float) -> float:
    """Return the value between key times, eased at both ends of each change."""
    value = float(np.interp(time, *zip(*keys, strict=True)))
    return value * value * (3 - 2 * value)


def draw_smile(time: float) -> Picture:
    """She is neutral, smiles, is neutral again; then light and focus go for a while."""
    person, dusk = smiling(hopper(), share_at(SMILE, time)), share_at(DUSK, time)
    pose = pose_at(POSES, time)
    assert pose is not None
    canvas = place(background(640, 360), person, pose)
    if dusk:
        canvas = cv2.GaussianBlur(canvas, (0, 0), DUSK_BLUR * dusk + 0.01)
        canvas = canvas * np.float32(1 - (1 - DUSK_LIGHT) * dusk)
    return to_picture(canvas)
