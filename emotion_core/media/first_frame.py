"""The first frame of a video, which says what all others are like."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from emotion_core.errors import MediaError, UnsupportedMedia
from emotion_core.media.choice import video_streams
from emotion_core.media.container import Fault, decode, open_video
from emotion_core.media.limits import VIDEO_PIXELS_MAX
from emotion_core.media.planes import Orientation, is_full_range
from emotion_core.media.protection import is_dolby_vision_only
from emotion_core.media.sizes import orientation_of, stored_aspect

log = logging.getLogger(__name__)

FALLBACK_RATE: Final = Fraction(25)
PQ_TRANSFER: Final = 16


@dataclass(frozen=True)
class FirstFrame:
    """What the first decoded frame and its stream say of all others.

    `coded_rate` is the rate that the codec declares, in frames of two fields; None where it does
    not.
    """

    width: int
    height: int
    orientation: Orientation
    sample_aspect: Fraction
    time_base: Fraction
    frame_rate: Fraction
    colour: tuple[int, int, int]
    interlaced: bool
    coded_rate: Fraction | None
    stored_aspect: Fraction | None
    stream: int
    videos: int


def read_first_frame(path: Path) -> FirstFrame:
    """Decode up to the first frame.

    Raises
    ------
    MediaError
        The file cannot be opened, or no frame of it can be decoded.
    UnsupportedMedia
        No decoder, encrypted, or HDR with the PQ transfer function or in Dolby Vision alone.
    """
    with open_video(path) as (container, stream):
        reason = "it holds no packets"
        for frame in decode(container, stream):
            if isinstance(frame, Fault):
                reason = frame.reason
                continue
            return _described(path, frame, container, stream)
        # FFmpeg forgets a size that is over the limit.
        if not stream.width:
            reason += f", or its frames are over {VIDEO_PIXELS_MAX:,} pixels"
    raise MediaError(
        path, f"holds no frame that can be decoded ({reason}): copy or export it again"
    )


def _described(
    path: Path, frame: av.VideoFrame, container: InputContainer, stream: VideoStream
) -> FirstFrame:
    transfers = frame.color_trc, stream.codec_context.color_trc
    if PQ_TRANSFER in transfers or is_dolby_vision_only(path, container):
        raise UnsupportedMedia(
            path,
            "HDR video with the PQ transfer function (HDR10, Dolby Vision) is not read; convert it "
            "to SDR first, e.g. ffmpeg -i IN -vf zscale=t=linear:npl=200,tonemap=hable,"
            "zscale=p=bt709:t=bt709:m=bt709:r=tv,format=yuv420p -c:a copy OUT",
        )
    orientation = orientation_of(frame)
    aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
    log.debug("%s: %s, full range %s", path, frame.format.name, is_full_range(frame))
    coded_rate = stream.codec_context.framerate or None
    return FirstFrame(
        width=frame.width,
        height=frame.height,
        orientation=orientation,
        sample_aspect=1 / aspect if orientation.transpose else aspect,
        time_base=stream.time_base or 1 / FALLBACK_RATE,
        frame_rate=_frame_rate(stream, coded_rate if frame.interlaced_frame else None),
        colour=(int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)),
        interlaced=frame.interlaced_frame,
        coded_rate=coded_rate,
        stored_aspect=stored_aspect(container, stream),
        stream=stream.index,
        videos=len(video_streams(container)),
    )


def _frame_rate(stream: VideoStream, highest: Fraction | None) -> Fraction:
    """The average; containers that count fields say twice as much as the codec."""
    rate = Fraction(stream.average_rate or stream.guessed_rate or FALLBACK_RATE)
    return rate if highest is None else min(rate, highest)
