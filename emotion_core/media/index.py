"""The index of a video: every frame's time, found without decoding where that can be trusted."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from emotion_core.errors import MediaError, UnsupportedMedia
from emotion_core.media.container import Fault, decode, open_video
from emotion_core.media.planes import Orientation, is_full_range

log = logging.getLogger(__name__)

SEEKABLE_CONTAINERS: Final = ("mov,mp4", "matroska")
FALLBACK_RATE: Final = Fraction(25)
PQ_TRANSFER: Final = 16

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
        Decode in any case: a segment has been found to disagree with the packets.

    Raises
    ------
    MediaError
        The file is missing, broken, or without a frame that can be decoded.
    UnsupportedMedia
        No decoder, or HDR with the PQ transfer function.
    """
    with open_video(path) as (container, stream):
        packets = _scan_packets(container, stream)
        seekable = container.format.name.startswith(SEEKABLE_CONTAINERS)
    first = _first_frame(path)
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
        return VideoIndex(_describe(path, first, int(pts[0]), in_order=False), pts, key, status)
    return _index_by_decoding(path, first, packets, seekable=seekable)


@dataclass(frozen=True)
class _Packets:
    """Packets that are to be shown: PTS, key flags, and whether each had a PTS."""

    pts: NDArray[np.int64]
    key: NDArray[np.bool_]
    complete: bool


def _scan_packets(container: InputContainer, stream: VideoStream) -> _Packets:
    pts: list[int] = []
    key: list[bool] = []
    complete = True
    try:
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard:
                continue
            if packet.pts is None:
                complete = False
                continue
            pts.append(packet.pts)
            key.append(packet.is_keyframe)
    except (av.error.FFmpegError, OSError, IndexError):
        complete = False
    return _Packets(np.array(pts, np.int64), np.array(key, np.bool_), complete and bool(pts))


@dataclass(frozen=True)
class _FirstFrame:
    """What the first decoded frame and its stream say of all others."""

    width: int
    height: int
    orientation: Orientation
    sample_aspect: Fraction
    time_base: Fraction
    frame_rate: Fraction
    colour: tuple[int, int, int]


def _first_frame(path: Path) -> _FirstFrame:
    with open_video(path) as (container, stream):
        reason = "it holds no packets"
        for frame in decode(container, stream):
            if isinstance(frame, Fault):
                reason = frame.reason
                continue
            return _read_first_frame(path, frame, stream)
    raise MediaError(
        path, f"holds no frame that can be decoded ({reason}): copy or export it again"
    )


def _read_first_frame(path: Path, frame: av.VideoFrame, stream: VideoStream) -> _FirstFrame:
    if frame.color_trc == PQ_TRANSFER:
        raise UnsupportedMedia(
            path,
            "HDR video with the PQ transfer function (HDR10, Dolby Vision) is not read; convert it "
            "to SDR first, e.g. ffmpeg -i IN -vf zscale=t=linear:npl=200,tonemap=hable,"
            "zscale=p=bt709:t=bt709:m=bt709:r=tv,format=yuv420p -c:a copy OUT",
        )
    orientation = _orientation(frame)
    aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
    log.debug("%s: %s, full range %s", path, frame.format.name, is_full_range(frame))
    return _FirstFrame(
        width=frame.width,
        height=frame.height,
        orientation=orientation,
        sample_aspect=1 / aspect if orientation.transpose else aspect,
        time_base=stream.time_base or 1 / FALLBACK_RATE,
        frame_rate=Fraction(stream.average_rate or stream.guessed_rate or FALLBACK_RATE),
        colour=(int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)),
    )


def _orientation(frame: av.VideoFrame) -> Orientation:
    try:
        matrix = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV cannot list side data of kinds that it does not know, such as EXIF in MJPEG.
        return Orientation.from_quarter_turns(frame.rotation // 90)
    if matrix is None:
        return Orientation()
    return Orientation.from_display_matrix(np.frombuffer(cast(Any, matrix), np.int32))


def _describe(path: Path, first: _FirstFrame, pts0: int, *, in_order: bool) -> VideoInfo:
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
    )


def _index_by_decoding(
    path: Path, first: _FirstFrame, packets: _Packets, *, seekable: bool
) -> VideoIndex:
    pts: list[int | None] = []
    key: list[bool] = []
    status: list[int] = []
    damaged_from: int | None = None
    faults = 0
    with open_video(path) as (container, stream):
        for item in decode(container, stream):
            if isinstance(item, Fault):
                faults += 1
                latest = next((value for value in reversed(pts) if value is not None), 0)
                damaged_from = latest if item.pts is None else item.pts
                continue
            after_fault = damaged_from is not None and (
                item.pts is None or item.pts >= damaged_from
            )
            if after_fault and item.key_frame:
                damaged_from, after_fault = None, False
            pts.append(item.pts)
            key.append(item.key_frame)
            status.append(DAMAGED if after_fault or item.is_corrupt else OK)
    if all(value is None for value in pts):
        # A raw stream has no clock: its frames are counted, at the rate that it declares.
        first = replace(first, time_base=1 / first.frame_rate)
        times = np.arange(len(pts), dtype=np.int64)
    else:
        times = _fill_gaps(pts)
    frames = times, np.array(key, np.bool_), np.array(status, np.uint8)
    if faults or seekable:
        frames = _insert_undecodable(*frames, packets)
    log.info("%s: read in order (%d frames, %d decode errors)", path, len(frames[0]), faults)
    return VideoIndex(_describe(path, first, int(frames[0][0]), in_order=True), *frames)


def _fill_gaps(pts: list[int | None]) -> NDArray[np.int64]:
    """PTS with those that are missing put evenly between their neighbours, or one step beyond."""
    known = np.array([i for i, value in enumerate(pts) if value is not None])
    values = np.array([value for value in pts if value is not None], np.int64)
    if len(known) == len(pts):
        return values
    step = int(np.median(np.diff(values))) if len(values) > 1 else 1
    # Neighbours beyond either end continue at the usual step.
    known = np.concatenate([[-1], known, [len(pts)]])
    ends = values[0] - step * (known[1] + 1), values[-1] + step * (len(pts) - known[-2])
    values = np.concatenate([[ends[0]], values, [ends[1]]])
    filled = np.interp(np.arange(len(pts)), known, (values - values[0]).astype(np.float64))
    return np.asarray(np.rint(filled) + values[0], np.int64)


def _insert_undecodable(
    pts: NDArray[np.int64],
    key: NDArray[np.bool_],
    status: NDArray[np.uint8],
    packets: _Packets,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.uint8]]:
    """Frames with those of the packets that gave none, where PTS of both can be compared."""
    increasing = bool((np.diff(pts) > 0).all())
    if not packets.complete or not increasing or not np.isin(pts, packets.pts).all():
        return pts, key, status
    lost = np.setdiff1d(packets.pts, pts)
    merged = np.concatenate([pts, lost])
    order = np.argsort(merged, kind="stable")
    no_key = np.zeros(len(lost), np.bool_)
    no_frame = np.full(len(lost), UNDECODABLE, np.uint8)
    return (
        merged[order],
        np.concatenate([key, no_key])[order],
        np.concatenate([status, no_frame])[order],
    )
