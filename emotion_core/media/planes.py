"""Pictures as planes: luma and subsampled chroma of video, upright, without a full RGB copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import av
import cv2
import numpy as np
from av.video import reformatter
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

NATIVE_FORMATS: Final = ("yuv420p", "yuvj420p")
_FULL_RANGE: Final = int(reformatter.ColorRange.JPEG)

_CODES = np.arange(256, dtype=np.float64)
_LUMA_TO_FULL: Final = np.clip(np.rint((_CODES - 16) * 255 / 219), 0, 255).astype(np.uint8)
_LUMA_TO_LIMITED: Final = np.rint(16 + _CODES * 219 / 255).astype(np.uint8)
_CHROMA_TO_LIMITED: Final = np.clip(np.rint(128 + (_CODES - 128) * 224 / 255), 0, 255).astype(
    np.uint8
)


@dataclass(frozen=True)
class Orientation:
    """How stored pixels become upright: one of the eight symmetries of a rectangle.

    The transposition, where there is one, comes before the flips.
    """

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @classmethod
    def from_display_matrix(cls, matrix: NDArray[np.int32]) -> Orientation:
        """From the nine numbers of an MP4 display matrix (ISO/IEC 14496-12, 16.16 fixed point).

        A stored point (x, y) is shown at (a x + c y, b x + d y); angles between quarter turns go to
        the nearest symmetry.
        """
        a, b, c, d = (int(matrix[i]) for i in (0, 1, 3, 4))
        if abs(a) >= abs(b):
            return cls(flip_x=a < 0, flip_y=d < 0)
        return cls(transpose=True, flip_x=c < 0, flip_y=b < 0)

    @classmethod
    def from_quarter_turns(cls, turns: int) -> Orientation:
        """Upright is the stored picture turned counter-clockwise so often."""
        return (
            cls(),
            cls(transpose=True, flip_y=True),
            cls(flip_x=True, flip_y=True),
            cls(transpose=True, flip_x=True),
        )[turns % 4]

    def apply(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The upright picture: a copy, or the picture itself where it is upright already."""
        if self.transpose:
            picture = cv2.transpose(picture).astype(np.uint8, copy=False)
        if self.flip_x or self.flip_y:
            code = -1 if self.flip_x and self.flip_y else (1 if self.flip_x else 0)
            picture = cv2.flip(picture, code).astype(np.uint8, copy=False)
        return picture


@dataclass(frozen=True, repr=False)
class ExpandedLuma:
    """Parts of a plane of luma in 0-255.

    Attributes
    ----------
    limited : ndarray [shape=(height, width), uint8, 16-235]
    """

    limited: Plane

    def __repr__(self) -> str:
        return f"ExpandedLuma{self.shape}"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.limited.shape

    def __getitem__(self, part: tuple[slice, slice]) -> Plane:
        return _expand(self.limited[part])


@dataclass(frozen=True, repr=False)
class Planes:
    """One upright picture in Y'CbCr 4:2:0.

    Attributes
    ----------
    y : ndarray [shape=(height, width), uint8]
    u, v : ndarray [shape=(ceil(height / 2), ceil(width / 2)), uint8]
    full_range : bool
        Codes are 0-255; otherwise luma is 16-235 and chroma 16-240.
    """

    y: Plane
    u: Plane
    v: Plane
    full_range: bool

    def __repr__(self) -> str:
        return f"Planes({self.width}x{self.height}, full_range={self.full_range})"

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])

    def luma(self) -> Plane:
        """Luma expanded to 0-255; a view where it is so already."""
        return self.y if self.full_range else _expand(self.y)

    def grey(self) -> Plane | ExpandedLuma:
        """The same, expanded only where it is looked at."""
        return self.y if self.full_range else ExpandedLuma(self.y)

    def limited(self) -> Planes:
        """A writable copy with limited range, which every player of H.264 shows the same."""
        y, u, v = (np.empty(plane.shape, np.uint8) for plane in (self.y, self.u, self.v))
        self.copy_limited(y, u, v)
        return Planes(y, u, v, full_range=False)

    def copy_limited(self, y: Plane, u: Plane, v: Plane) -> None:
        """Copy the picture with limited range into planes of the same shapes."""
        tables = (_LUMA_TO_LIMITED, _CHROMA_TO_LIMITED, _CHROMA_TO_LIMITED)
        for source, table, target in zip((self.y, self.u, self.v), tables, (y, u, v), strict=True):
            target[:] = cv2.LUT(source, table) if self.full_range else source

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        """A smaller copy in BGR 0-255, shape (height, width, 3); width and height are even.

        The planes are resized before they are converted, which costs a tenth of the other order.
        """
        small = Planes(
            _resize(self.y, width, height),
            _resize(self.u, width // 2, height // 2),
            _resize(self.v, width // 2, height // 2),
            self.full_range,
        )
        small = small.limited() if self.full_range else small
        stacked = np.concatenate([small.y.ravel(), small.u.ravel(), small.v.ravel()])
        stacked = stacked.reshape(height * 3 // 2, width)
        return cv2.cvtColor(stacked, cv2.COLOR_YUV2BGR_I420).astype(np.uint8, copy=False)


def _expand(luma: Plane) -> Plane:
    return cv2.LUT(luma, _LUMA_TO_FULL).astype(np.uint8, copy=False)


def _resize(plane: Plane, width: int, height: int) -> Plane:
    shrinking = width <= plane.shape[1]
    flag = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    return cv2.resize(plane, (width, height), interpolation=flag).astype(np.uint8, copy=False)


def planes_of(frame: av.VideoFrame, width: int, height: int, orientation: Orientation) -> Planes:
    """The planes of a decoded frame, upright.

    Where the stored frame is 8-bit 4:2:0 already and needs no turning, the planes are views of the
    decoder's own pictures: do not write into them.

    Parameters
    ----------
    frame : VideoFrame
    width, height : int
        Stored size of the video's first frame; frames of another size are scaled to it.
    orientation : Orientation
    """
    full_range = is_full_range(frame)
    if frame.format.name not in NATIVE_FORMATS or (frame.width, frame.height) != (width, height):
        frame = frame.reformat(
            width=width,
            height=height,
            format="yuv420p",
            src_color_range=reformatter.ColorRange.JPEG if full_range else None,
            dst_color_range=reformatter.ColorRange.MPEG,
        )
        full_range = False
    sizes = ((width, height), *[((width + 1) // 2, (height + 1) // 2)] * 2)
    y, u, v = (
        orientation.apply(_view(plane, *size))
        for plane, size in zip(frame.planes, sizes, strict=True)
    )
    return Planes(y, u, v, full_range)


def is_full_range(frame: av.VideoFrame) -> bool:
    """Whether luma is 0-255. An unspecified range is limited (grey: full), as players take it."""
    full_formats = ("yuvj", "gray", "ya")
    return frame.format.name.startswith(full_formats) or int(frame.color_range) == _FULL_RANGE


def _view(plane: Any, width: int, height: int) -> Plane:
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:height, :width]
