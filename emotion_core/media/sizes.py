"""Videos whose frames differ in size, turn or shape of pixels: one picture that takes all of them.

Browsers, adaptive streams and phones that are turned record such videos. No frame is stretched, and
none loses detail: each lies in the middle of a picture that is wide and high enough for all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from emotion_core.media.container import Fault, decode, open_video
from emotion_core.media.limits import VIDEO_PIXELS_MAX, check_pixels
from emotion_core.media.planes import Orientation, Plane, Planes, planes_of

_SAY_ASPECT: Final = ("mov,mp4", "matroska")
"""Containers whose own word on the shape of pixels players follow, whatever the frames say."""

_GROWN_MAX: Final = 4
"""The picture has no more than so many times the pixels of the largest frame."""


@dataclass(frozen=True)
class Shape:
    """How a frame is stored, and how it is shown.

    Attributes
    ----------
    stored_width, stored_height : int, px
    orientation : Orientation
        Turns stored pixels upright.
    sample_aspect : Fraction
        Width of an upright pixel over its height.
    """

    stored_width: int
    stored_height: int
    orientation: Orientation
    sample_aspect: Fraction

    @property
    def width(self) -> int:
        """Width of the upright picture in px."""
        return self.stored_height if self.orientation.transpose else self.stored_width

    @property
    def height(self) -> int:
        """Height of the upright picture in px."""
        return self.stored_width if self.orientation.transpose else self.stored_height

    def width_in(self, sample_aspect: Fraction) -> Fraction:
        """Width of the upright picture in pixels of another shape."""
        return self.width * self.sample_aspect / sample_aspect


def stored_aspect(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Width of a stored pixel over its height, for all frames; None where each frame says it.

    To be asked once a frame has been decoded.
    """
    said = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
    if container.format.name.startswith(_SAY_ASPECT) or said != coded_aspect(stream):
        return said
    return None


def coded_aspect(stream: VideoStream) -> Fraction:
    """Width of a stored pixel over its height, as the frame that was just decoded says."""
    return Fraction(stream.codec_context.sample_aspect_ratio or 1) or Fraction(1)


def shape_of(frame: av.VideoFrame, aspect: Fraction) -> Shape:
    """The shape of a frame whose stored pixels are `aspect` times as wide as high."""
    orientation = orientation_of(frame)
    upright = 1 / aspect if orientation.transpose else aspect
    return Shape(frame.width, frame.height, orientation, upright)


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """How a frame is turned upright."""
    try:
        matrix = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV cannot list side data of kinds that it does not know, such as EXIF in MJPEG.
        return Orientation.from_quarter_turns(frame.rotation // 90)
    if matrix is None:
        return Orientation()
    return Orientation.from_display_matrix(np.frombuffer(cast(Any, matrix), np.int32))


def picture_for(shapes: Iterable[Shape]) -> Shape:
    """The upright picture that takes frames of all these shapes without shrinking any.

    Its pixels are the narrowest of all. Where it would be many times as large as the largest frame,
    it has that frame's size, and others are shrunk into it.
    """
    found = list(shapes)
    if len(found) == 1:
        return found[0]
    aspect = min(shape.sample_aspect for shape in found)
    width = max(_even(shape.width_in(aspect)) for shape in found)
    height = max(_even(shape.height) for shape in found)
    largest = max(found, key=lambda shape: (shape.width * shape.height, shape.width))
    if width * height > min(_GROWN_MAX * largest.width * largest.height, VIDEO_PIXELS_MAX):
        aspect, width, height = largest.sample_aspect, largest.width, largest.height
    return Shape(width, height, Orientation(), aspect)


def shapes_in(path: Path) -> list[Shape]:
    """All shapes that frames of a video have, each once; the video is decoded to its end.

    Raises
    ------
    MediaError
    """
    shapes: dict[Shape, None] = {}
    with open_video(path) as (container, stream):
        aspect: Fraction | None = None
        for number, frame in enumerate(f for f in decode(container, stream) if not _is_fault(f)):
            if not number:
                aspect = stored_aspect(container, stream)
            shape = shape_of(cast(av.VideoFrame, frame), aspect or coded_aspect(stream))
            check_pixels(path, shape.width, shape.height, VIDEO_PIXELS_MAX)
            shapes[shape] = None
    return list(shapes)


def _is_fault(item: object) -> bool:
    return isinstance(item, Fault)


def fitted(frame: av.VideoFrame, shape: Shape, picture: Shape) -> Planes:
    """The upright planes of a frame in the middle of a picture, between black bars."""
    planes = planes_of(frame, shape.stored_width, shape.stored_height, shape.orientation)
    wide = shape.width_in(picture.sample_aspect)
    scale = min(Fraction(picture.width) / wide, Fraction(picture.height, shape.height))
    width = min(_even(wide * scale), picture.width)
    height = min(_even(shape.height * scale), picture.height)
    left, top = (picture.width - width) // 4 * 2, (picture.height - height) // 4 * 2
    if (width, height) == (picture.width, picture.height) == (planes.width, planes.height):
        return planes
    whole = picture.width, picture.height
    half = (picture.width + 1) // 2, (picture.height + 1) // 2
    place = left, top, width, height
    half_place = left // 2, top // 2, width // 2, height // 2
    y = _framed(planes.y, whole, place, 0 if planes.full_range else 16)
    u, v = (_framed(plane, half, half_place, 128) for plane in (planes.u, planes.v))
    return Planes(y, u, v, planes.full_range)


def _framed(
    plane: Plane, size: tuple[int, int], place: tuple[int, int, int, int], black: int
) -> Plane:
    left, top, width, height = place
    if (width, height) != plane.shape[::-1]:
        shrinking = width <= plane.shape[1]
        flag = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        plane = cv2.resize(plane, (width, height), interpolation=flag).astype(np.uint8, copy=False)
    whole = np.full(size[::-1], black, np.uint8)
    whole[top : top + height, left : left + width] = plane
    return whole


def _even(length: Fraction | int) -> int:
    """The even number nearest to a length, at least 2."""
    return max(2, 2 * round(Fraction(length) / 2))
