"""Which of a file's video streams is read: the one that players choose."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from emotion_core.media.local import open_media

_PICTURES: Final = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails
_PACKETS_READ: Final = 4_000
"""Of all videos together, to see which of them are more than one picture."""


def video_streams(container: InputContainer) -> list[VideoStream]:
    """Those that are more than a picture by their own word."""
    return [stream for stream in container.streams.video if not stream.disposition & _PICTURES]


def choose_video(path: Path, container: InputContainer) -> VideoStream | None:
    """The stream that players choose, None where there is none.

    One that moves before one of a single picture, then one that can be decoded, then the one that
    is marked as default, then the largest, then the one with the most bits, then the first; as
    FFmpeg's `av_find_best_stream` and mpv have it.
    """
    streams = video_streams(container)
    if len(streams) < 2:
        return streams[0] if streams else None
    moving = _moving(path, streams)

    def rank(stream: VideoStream) -> tuple[bool, bool, bool, int, int, int]:
        decodable = stream.codec_context is not None
        return (
            stream.index in moving,
            decodable,
            bool(stream.disposition & Disposition.default),
            stream.width * stream.height if decodable else 0,
            (stream.bit_rate or 0) if decodable else 0,
            -stream.index,
        )

    return max(streams, key=rank)


def _moving(path: Path, streams: list[VideoStream]) -> set[int]:
    """Numbers of the streams of more than one picture, as far as that is seen early."""
    if all(stream.frames for stream in streams):
        return {stream.index for stream in streams if stream.frames > 1}
    counts = dict.fromkeys((stream.index for stream in streams), 0)
    with open_media(path) as container:
        wanted = [container.streams[index] for index in counts]
        try:
            for number, packet in enumerate(container.demux(*wanted)):
                counts[packet.stream_index] += packet.size > 0
                if number >= _PACKETS_READ or min(counts.values()) > 1:
                    break
        except (av.error.FFmpegError, OSError, IndexError):
            pass
    return {index for index, count in counts.items() if count > 1}
