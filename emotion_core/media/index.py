"""The index of a video: every frame's time, found without decoding where that can be trusted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.media.container import open_video
from emotion_core.media.decoded import decode_frames
from emotion_core.media.first_frame import FirstFrame, read_first_frame
from emotion_core.media.jumps import Stretch, find_jumps
from emotion_core.media.limits import check_span
from emotion_core.media.packets import Packets, scan_packets
from emotion_core.media.planes import Orientation
from emotion_core.media.sizes import picture_for, shapes_in
from emotion_core.media.start import sound_starts, start_us

log = logging.getLogger(__name__)

SEEKABLE_CONTAINERS: Final = ("mov,mp4", "matroska")

MORE_THAN_FRAMES: Final = Fraction(51, 50)
"""Packets for each frame of the declared rate from which some are fields."""

OK, DAMAGED, UNDECODABLE = range(3)
"""Status codes of a frame: sound; decoded from damaged data; lost by the decoder."""


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
        In the order in which frames are shown; a frame's position is its number.
    key : ndarray [shape=(n,), bool]
        Frames that decoding can start from.
    status : ndarray [shape=(n,), uint8]
        `OK`, `DAMAGED` or `UNDECODABLE`.
    file_pts : ndarray [shape=(n,), int64, `info.time_base`]
        As in the file. `pts` differ from these where its clock jumps: they go on.
    stretches : tuple of Stretch
        One where the clock of the file runs on; none where it has no clock.
    decode_errors : int
        That decoder and container reported, as far as the video was decoded to be indexed.
    start_us : int
        When the first frame is shown in players, which count from where the file's first stream
        begins.
    """

    info: VideoInfo
    pts: NDArray[np.int64]
    key: NDArray[np.bool_]
    status: NDArray[np.uint8]
    file_pts: NDArray[np.int64]
    stretches: tuple[Stretch, ...] = ()
    decode_errors: int = 0
    start_us: int = 0

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def jumps(self) -> list[tuple[int, int]]:
        """Frames from which on another number of ticks is added to their PTS, and that number."""
        added = self.pts - self.file_pts
        changed = np.flatnonzero(np.diff(added, prepend=0))
        return list(zip(changed.tolist(), added[changed].tolist(), strict=True))

    def __repr__(self) -> str:
        return f"VideoIndex({self.info.path.name}, {len(self)} frames)"


def index_video(path: Path, *, in_order: bool = False) -> VideoIndex:
    """Index a video from its packets, or, where these are not to be trusted, by decoding it.

    Packets are trusted in MP4/MOV and Matroska/WebM when each has a PTS of its own, none can be
    half a frame or no frame at all, and the clock runs on from the first to the last.

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
        sounds_s = sound_starts(container)
    first = read_first_frame(path)
    if not seekable or in_order or not _are_trusted(packets, first):
        found = _index_by_decoding(
            path, first, packets, in_order=in_order or not seekable, sounds_s=sounds_s
        )
        return replace(found, info=_for_all_sizes(found.info)) if in_order else found
    shown = np.flatnonzero(packets.shown)
    shown = shown[np.argsort(packets.pts[shown])]
    pts = packets.pts[shown]
    check_span(path, pts, first.time_base)
    return VideoIndex(
        info=_describe(path, first, int(pts[0]), in_order=False),
        pts=pts,
        key=packets.key[shown],
        status=np.zeros(len(pts), np.uint8),
        file_pts=pts,
        stretches=(Stretch(0, 0),),
        decode_errors=0,
        start_us=start_us(int(pts[0]) * first.time_base, sounds_s),
    )


def _are_trusted(packets: Packets, first: FirstFrame) -> bool:
    """Whether each packet that is to be shown is a frame, and its PTS the frame's time."""
    pts = packets.pts[packets.shown]
    return (
        packets.complete
        and not packets.doubtful
        and not _may_be_fields(pts, first)
        and len(np.unique(pts)) == len(pts)
        and not len(find_jumps(packets, first.time_base, forward=False))
    )


def _may_be_fields(pts: NDArray[np.int64], first: FirstFrame) -> bool:
    """Whether fields of interlaced pictures may be packets of their own: there are too many."""
    if not first.interlaced or first.coded_rate is None:
        return first.interlaced
    seconds = int(pts.max() - pts.min()) * first.time_base
    return len(pts) - 1 > seconds * first.coded_rate * MORE_THAN_FRAMES


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
    path: Path, first: FirstFrame, packets: Packets, *, in_order: bool, sounds_s: Sequence[Fraction]
) -> VideoIndex:
    found = decode_frames(path, first, packets)
    codes = np.where(found.damaged, DAMAGED, OK)
    pts0, base = int(found.pts[0]), found.first.time_base
    return VideoIndex(
        info=_describe(path, found.first, pts0, in_order=in_order or not found.seekable),
        pts=found.pts,
        key=found.key,
        status=np.where(found.lost, UNDECODABLE, codes).astype(np.uint8),
        file_pts=found.file_pts,
        stretches=found.stretches,
        decode_errors=found.errors,
        # A stream that has no clock has no place on one.
        start_us=start_us(pts0 * base, sounds_s if found.stretches else ()),
    )
