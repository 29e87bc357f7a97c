"""Frames of a video, segment by segment: any part of an index, read from the file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from emotion_core.errors import MediaError, SegmentMismatch
from emotion_core.media.container import Fault, decode, open_video
from emotion_core.media.index import UNDECODABLE, VideoIndex, VideoInfo
from emotion_core.media.planes import Planes, planes_of
from emotion_core.media.sizes import Shape, coded_aspect, fitted, shape_of

AHEAD_BYTES: Final = 8 << 20
"""Of pictures that are decoded in one go, at least one."""

Decoded = Iterator[tuple[int, av.VideoFrame | None]]
"""Positions in a segment, and frames; None where a packet gives none."""


@dataclass(frozen=True, repr=False)
class Segment:
    """Consecutive frames of a video, enough of its index to read them.

    Attributes
    ----------
    info : VideoInfo
    first : int
        Number of the first frame.
    pts : ndarray [shape=(n,), int64]
    status : ndarray [shape=(n,), uint8]
    seek_pts : int or None
        Key frame at or before the first frame; None to read from the start of the file.
    preceding : int
        Frames that reading from the start of the file gives before the segment.
    """

    info: VideoInfo
    first: int
    pts: NDArray[np.int64]
    status: NDArray[np.uint8]
    seek_pts: int | None
    preceding: int

    def __len__(self) -> int:
        return len(self.pts)

    def __repr__(self) -> str:
        return f"Segment({self.info.path.name}, frames {self.first}-{self.first + len(self) - 1})"


@dataclass(frozen=True)
class Frame:
    """One frame, upright.

    Attributes
    ----------
    number : int
        Position in the index.
    pts : int
    planes : Planes or None
        None where the frame could not be decoded. Do not write into them.
    """

    number: int
    pts: int
    planes: Planes | None


def split(index: VideoIndex, first: int, stop: int, length: int) -> list[Segment]:
    """Cut the frames first … stop - 1 into segments of about `length` frames.

    A cut goes to the key frame nearest to it after half a length and before two, which saves
    decoding what precedes it; without one, segments have two lengths, so that there are fewer of
    them. A video that is read in order is one segment.
    """
    if index.info.in_order:
        return [segment_of(index, first, stop)]
    keys = np.flatnonzero(index.key)
    cuts = [first]
    while stop - cuts[-1] > length * 3 // 2:
        low, target, high = (cuts[-1] + length * part // 2 for part in (1, 2, 4))
        near = keys[(keys >= max(low, cuts[-1] + 1)) & (keys <= min(high, stop - 1))]
        if not len(near) and high >= stop:
            break
        cuts.append(int(near[np.argmin(np.abs(near - target))]) if len(near) else high)
    return [segment_of(index, low, high) for low, high in zip(cuts, [*cuts[1:], stop], strict=True)]


def with_lead(index: VideoIndex, segment: Segment, lead: int, first: int) -> tuple[Segment, int]:
    """A segment begun up to `lead` frames earlier, not before frame `first`, and by how many."""
    lead = min(lead, segment.first - first)
    return segment_of(index, segment.first - lead, segment.first + len(segment)), lead


def segment_of(index: VideoIndex, first: int, stop: int) -> Segment:
    """The frames first … stop - 1."""
    keys = np.flatnonzero(index.key[: first + 1])
    at_start = index.info.in_order or not len(keys) or keys[-1] == 0
    return Segment(
        info=index.info,
        first=first,
        pts=index.pts[first:stop],
        status=index.status[first:stop],
        seek_pts=None if at_start else int(index.pts[keys[-1]]),
        preceding=int((index.status[:first] != UNDECODABLE).sum()),
    )


def read_frames(segment: Segment, selected: NDArray[np.bool_] | None = None) -> Iterator[Frame]:
    """The frames of a segment in order.

    Parameters
    ----------
    segment : Segment
    selected : ndarray [shape=(n,), bool], optional
        Which frames to give; the others are decoded only. Default: all.

    Raises
    ------
    SegmentMismatch
        Decoding from the seek gave errors or other frames than the index lists, or a frame has
        another size than the index says.
    MediaError
        The file cannot be read, or has changed since it was indexed.
    """
    chosen = np.ones(len(segment), np.bool_) if selected is None else selected
    with open_video(segment.info.path) as (container, stream):
        if segment.info.in_order:
            decoded: Decoded = _decode_in_order(segment, container, stream)
        else:
            decoded = _decode_from_key(segment, container, stream)
        # A few in one go: the decoder and what follows find more of the processor's cache as they
        # left it.
        picture = segment.info.stored_width * segment.info.stored_height * 3 // 2
        shaped = _shaped(segment.info, decoded, stream)
        while group := list(itertools.islice(shaped, max(1, AHEAD_BYTES // picture))):
            for position, frame, shape in group:
                if chosen[position]:
                    planes = None if frame is None else _upright(segment.info, frame, shape)
                    yield Frame(segment.first + position, int(segment.pts[position]), planes)


def _shaped(
    info: VideoInfo, decoded: Iterator[tuple[int, av.VideoFrame | None]], stream: VideoStream
) -> Iterator[tuple[int, av.VideoFrame | None, Shape]]:
    """Positions and frames with their shapes, which must be the index's where there is only one."""
    usual = Shape(info.stored_width, info.stored_height, info.orientation, info.sample_aspect)
    for position, frame in decoded:
        if frame is None:
            yield position, None, usual
            continue
        shape = shape_of(frame, info.stored_aspect or coded_aspect(stream))
        differs = shape != replace(usual, sample_aspect=shape.sample_aspect)
        differs |= info.stored_aspect is None and shape.sample_aspect != usual.sample_aspect
        if differs and not info.fitted:
            raise SegmentMismatch(info.path, f"a frame of {frame.width}x{frame.height} px")
        yield position, frame, shape


def _upright(info: VideoInfo, frame: av.VideoFrame, shape: Shape) -> Planes:
    if not info.fitted:
        return planes_of(frame, info.stored_width, info.stored_height, info.orientation)
    picture = Shape(info.stored_width, info.stored_height, info.orientation, info.sample_aspect)
    return fitted(frame, shape, picture)


def _decode_from_key(
    segment: Segment, container: InputContainer, stream: VideoStream
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Positions and frames, from the key frame before the segment; anything odd is a mismatch."""
    path, wanted = segment.info.path, segment.pts
    if segment.seek_pts is not None:
        container.seek(segment.seek_pts, stream=stream)
    position = 0
    for item in decode(container, stream):
        if isinstance(item, Fault):
            # Pictures that lean on a group before the key frame fail harmlessly after a seek.
            if item.pts is None or segment.seek_pts is None or item.pts >= segment.seek_pts:
                raise SegmentMismatch(path, f"decode error at {item.pts}: {item.reason}")
            continue
        if item.pts is None or item.pts > wanted[position]:
            raise SegmentMismatch(path, f"frame {item.pts} where {wanted[position]} was expected")
        if item.pts < wanted[position]:
            if position > 0:
                raise SegmentMismatch(path, f"frame {item.pts} is not in the index")
            continue
        if item.is_corrupt:
            raise SegmentMismatch(path, f"damaged frame at {item.pts}")
        yield position, item
        position += 1
        if position == len(wanted):
            return
    raise SegmentMismatch(path, f"no frame at {wanted[position]}")


def _decode_in_order(
    segment: Segment, container: InputContainer, stream: VideoStream
) -> Iterator[tuple[int, av.VideoFrame | None]]:
    """Positions and frames from the start of the file, None where a packet gives no frame."""
    # Frames before the segment (a range was asked for) come first and are dropped.
    before = segment.preceding
    position = 0
    for item in decode(container, stream):
        if isinstance(item, Fault):
            continue
        if before > 0:
            before -= 1
            continue
        while position < len(segment) and segment.status[position] == UNDECODABLE:
            yield position, None
            position += 1
        if position == len(segment):
            return
        yield position, item
        position += 1
    while position < len(segment) and segment.status[position] == UNDECODABLE:
        yield position, None
        position += 1
    if position < len(segment):
        raise MediaError(segment.info.path, "has fewer frames than when it was indexed")
