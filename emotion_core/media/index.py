"""The index of a video: every frame's time, found without decoding where that can be trusted."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from emotion_core.media.container import Fault, decode, open_video
from emotion_core.media.first_frame import FirstFrame, read_first_frame
from emotion_core.media.limits import check_frames, check_span
from emotion_core.media.packets import Packets, scan_packets
from emotion_core.media.planes import Orientation
from emotion_core.media.repair import fill_gaps, lost_frames, spread_backwards
from emotion_core.media.sizes import picture_for, shapes_in

log = logging.getLogger(__name__)

SEEKABLE_CONTAINERS: Final = ("mov,mp4", "matroska")

OK, DAMAGED, UNDECODABLE = range(3)
"""Status codes of a frame: sound; decoded from damaged data; a packet that gives no frame."""


@dataclass(frozen=True)
class VideoInfo:
    """What all frames of a video share.

    Attributes
    ----------
    path : Path
        Absolute.
    stored_width, stored_height : int, px
        As coded, before turning.
    orientation : Orientation
        Turns stored pixels upright.
    sample_aspect : Fraction
        Width of an upright pixel over its height.
    time_base : Fraction, s
        Unit of every PTS.
    pts0 : int
        PTS of the first frame.
    frame_rate : Fraction, 1/s
        Average; for the encoder's rate control only, never for times.
    colour : tuple of int
        Primaries, transfer and matrix (ISO/IEC 23091-2 codes; 2 is unspecified).
    in_order : bool
        Seeking is not to be trusted: the file is read from its start as one segment.
    stored_aspect : Fraction or None
        Width of a stored pixel over its height; None where each frame says it.
    fitted : bool
        Frames differ in size, turn or shape of pixels: each is fitted between black bars into the
        upright picture that `stored_width`, `stored_height` and `sample_aspect` tell.
    stream : int
        Number of the stream that is read, among all of the file.
    videos : int
        How many streams of moving pictures the file holds; the others are left out.
    """

    path: Path
    stored_width: int
    stored_height: int
    orientation: Orientation
    sample_aspect: Fraction
    time_base: Fraction
    pts0: int
    frame_rate: Fraction
    colour: tuple[int, int, int]
    in_order: bool
    stored_aspect: Fraction | None = Fraction(1)
    fitted: bool = False
    stream: int = 0
    videos: int = 1

    @property
    def width(self) -> int:
        """Width of the upright picture in px."""
        return self.stored_height if self.orientation.transpose else self.stored_width

    @property
    def height(self) -> int:
        """Height of the upright picture in px."""
        return self.stored_width if self.orientation.transpose else self.stored_height


@dataclass(frozen=True, repr=False)
class VideoIndex:
    """Every frame of a video.

    Attributes
    ----------
    info : VideoInfo
    pts : ndarray [shape=(n,), int64, `info.time_base`]
        In order of presentation; a frame's position is its number.
    key : ndarray [shape=(n,), bool]
        Frames that decoding can start from.
    status : ndarray [shape=(n,), uint8]
        `OK`, `DAMAGED` or `UNDECODABLE`.
    """

    info: VideoInfo
    pts: NDArray[np.int64]
    key: NDArray[np.bool_]
    status: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.pts)

    def __repr__(self) -> str:
        return f"VideoIndex({self.info.path.name}, {len(self)} frames)"


def index_video(path: Path, *, in_order: bool = False) -> VideoIndex:
    """Index a video from its packets, or, where these are not to be trusted, by decoding it.

    Packets are trusted in MP4/MOV and Matroska/WebM when each has a PTS of its own.

    Parameters
    ----------
    path : Path
        Absolute.
    in_order : bool
        Decode in any case: a segment has been found to disagree with the packets, or to hold frames
        of another size. All sizes are looked for.

    Raises
    ------
    MediaError
        The file is missing, broken, or without a frame that can be decoded.
    UnsupportedMedia
        No decoder, or HDR with the PQ transfer function.
    """
    with open_video(path) as (container, stream):
        packets = scan_packets(path, container, stream)
        seekable = container.format.name.startswith(SEEKABLE_CONTAINERS)
    first = read_first_frame(path)
    trusted = (
        seekable
        and not in_order
        and packets.complete
        and len(np.unique(packets.pts)) == len(packets.pts)
    )
    if trusted:
        order = np.argsort(packets.pts)
        pts, key = packets.pts[order], packets.key[order]
        status = np.zeros(len(pts), np.uint8)
        check_span(path, pts, first.time_base)
        return VideoIndex(_describe(path, first, int(pts[0]), in_order=False), pts, key, status)
    found = _index_by_decoding(path, first, packets, seekable=seekable)
    return replace(found, info=_for_all_sizes(found.info)) if in_order else found


def _for_all_sizes(info: VideoInfo) -> VideoInfo:
    """What all frames share, where they may differ in size."""
    shapes = shapes_in(info.path)
    if len(shapes) < 2:
        return info
    picture = picture_for(shapes)
    log.info(
        "%s: %d sizes or turns, in %dx%d", info.path, len(shapes), picture.width, picture.height
    )
    return replace(
        info,
        stored_width=picture.stored_width,
        stored_height=picture.stored_height,
        orientation=picture.orientation,
        sample_aspect=picture.sample_aspect,
        fitted=True,
    )


def _describe(path: Path, first: FirstFrame, pts0: int, *, in_order: bool) -> VideoInfo:
    return VideoInfo(
        path=path,
        stored_width=first.width,
        stored_height=first.height,
        orientation=first.orientation,
        sample_aspect=first.sample_aspect,
        time_base=first.time_base,
        pts0=pts0,
        frame_rate=first.frame_rate,
        colour=first.colour,
        in_order=in_order,
        stored_aspect=first.stored_aspect,
        stream=first.stream,
        videos=first.videos,
    )


def _index_by_decoding(
    path: Path, first: FirstFrame, packets: Packets, *, seekable: bool
) -> VideoIndex:
    pts: list[int | None] = []
    key: list[bool] = []
    leaning: list[bool] = []
    damaged: list[bool] = []
    damaged_from: int | None = None
    faults = 0
    with open_video(path) as (container, stream):
        for item in decode(container, stream):
            if isinstance(item, Fault) or item.is_corrupt:
                latest = next((value for value in reversed(pts) if value is not None), 0)
                start = latest if item.pts is None else item.pts
                damaged_from = start if damaged_from is None else min(start, damaged_from)
            if isinstance(item, Fault):
                faults += 1
                continue
            inside = damaged_from is not None and (item.pts is None or item.pts >= damaged_from)
            if inside and item.key_frame and not item.is_corrupt:
                damaged_from, inside = None, False
            pts.append(item.pts)
            key.append(item.key_frame)
            leaning.append(item.pict_type == PictureType.B)
            damaged.append(inside)
            check_frames(path, len(pts))
    if all(value is None for value in pts):
        # A raw stream has no clock: its frames are counted, at the rate that it declares.
        first = replace(first, time_base=1 / first.frame_rate)
        times = np.arange(len(pts), dtype=np.int64)
    else:
        known = np.array([value for value in pts if value is not None], np.int64)
        check_span(path, known, first.time_base)
        times = fill_gaps(pts)
    keys = np.array(key, np.bool_)
    broken = spread_backwards(np.array(damaged, np.bool_), np.array(leaning, np.bool_))
    codes = np.where(broken, DAMAGED, OK).astype(np.uint8)
    if faults or seekable:
        times, keys, codes = _with_lost(times, keys, codes, lost_frames(times, packets))
    log.info("%s: read in order (%d frames, %d decode errors)", path, len(times), faults)
    return VideoIndex(_describe(path, first, int(times[0]), in_order=True), times, keys, codes)


def _with_lost(
    pts: NDArray[np.int64],
    key: NDArray[np.bool_],
    status: NDArray[np.uint8],
    lost: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.uint8]]:
    """Frames with those that could not be decoded, in the order of time."""
    merged = np.concatenate([pts, lost])
    order = np.argsort(merged, kind="stable")
    no_key = np.zeros(len(lost), np.bool_)
    no_frame = np.full(len(lost), UNDECODABLE, np.uint8)
    return (
        merged[order],
        np.concatenate([key, no_key])[order],
        np.concatenate([status, no_frame])[order],
    )
