"""Frames that carry a face and their own number."""

from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

CODE_BITS = 10
CODE_LIMIT = 1 << CODE_BITS
# white, black, ten bits, parity, black: not the same when mirrored or upside down.
CODE_BLOCKS = 2 + CODE_BITS + 2
CODE_HEIGHT_SHARE = 8
DARKEST_WHITE = 160
LIGHTEST_BLACK = 95

# Upper left corner and size of the head and shoulders in matplotlib's grace_hopper.jpg, px.
PORTRAIT_BOX = (90, 40, 360, 360)


def _package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"package {package} is not installed")
    return Path(spec.origin).parent


@cache
def _portrait(side: int) -> Picture:
    path = _package_folder("matplotlib") / "mpl-data" / "sample_data" / "grace_hopper.jpg"
    x, y, width, height = PORTRAIT_BOX
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    head = picture[y : y + height, x : x + width]
    return cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA)


@cache
def _background(width: int, height: int) -> Picture:
    across = np.linspace(60, 150, width)[None, :]
    down = np.linspace(0, 60, height)[:, None]
    grey = across + down
    return np.stack([grey, grey * 0.9, 220 - grey * 0.5], axis=-1).astype(np.uint8)


def _code_bits(number: int) -> list[int]:
    bits = [(number >> shift) & 1 for shift in reversed(range(CODE_BITS))]
    return [1, 0, *bits, sum(bits) & 1, 0]


def paint_frame_code(picture: Picture, number: int) -> None:
    """Paint `number` as black and white blocks along the upper edge, in place."""
    height, width = picture.shape[:2]
    edges = np.linspace(0, width, CODE_BLOCKS + 1).round().astype(int)
    for bit, (left, right) in zip(_code_bits(number), pairwise(edges), strict=True):
        picture[: height // CODE_HEIGHT_SHARE, left:right] = 255 * bit


def read_frame_code(luma: Picture) -> int:
    """Return the number painted into an upright frame.

    Raises `ValueError` where the strip is damaged, mirrored, turned or not there.
    """
    height, width = luma.shape
    strip_height = height // CODE_HEIGHT_SHARE
    edges = np.linspace(0, width, CODE_BLOCKS + 1)
    rows = slice(strip_height // 4, max(strip_height * 3 // 4, strip_height // 4 + 1))
    bits = []
    for left, right in pairwise(edges):
        quarter = (right - left) / 4
        level = luma[rows, round(left + quarter) : round(right - quarter)].mean()
        if LIGHTEST_BLACK < level < DARKEST_WHITE:
            raise ValueError(f"no frame code: a block of level {level:.0f}")
        bits.append(int(level >= DARKEST_WHITE))
    number = int("".join(map(str, bits[2 : 2 + CODE_BITS])), 2)
    if bits != _code_bits(number):
        raise ValueError(f"no frame code: blocks {bits}")
    return number


def draw_frame(number: int, width: int, height: int) -> Picture:
    """Draw frame `number`: an RGB picture of a portrait that moves from side to side."""
    if not 0 <= number < CODE_LIMIT:
        raise ValueError(f"frame number {number} does not fit into {CODE_BITS} bits")
    picture = _background(width, height).copy()
    side = min(width, height) * 3 // 4
    room = max(width - side, 1)
    # Two pixels a frame, there and back.
    left = room - abs(number * 2 % (2 * room) - room) if room > 1 else 0
    top = height - side
    picture[top:, left : left + side] = _portrait(side)
    paint_frame_code(picture, number)
    return picture
