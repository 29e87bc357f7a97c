"""Opening a video file and decoding its picture stream, with errors that name the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from emotion_core.errors import MediaError, UnsupportedMedia

LOCAL_FILES_ONLY: Final = {"protocol_whitelist": "file"}


@dataclass(frozen=True)
class Fault:
    """A packet that could not be decoded.

    Attributes
    ----------
    pts : int or None
        Of the packet, or its DTS; None where it has neither or the file itself ended in error.
    reason : str
    """

    pts: int | None
    reason: str


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and its first video stream that is not a cover picture, one thread.

    Raises
    ------
    MediaError
        The file cannot be opened or holds no video.
    UnsupportedMedia
        There is no decoder for the stream.
    """
    try:
        # Titles and tags need not be UTF-8.
        container = av.open(str(path), options=LOCAL_FILES_ONLY, metadata_errors="replace")
    except PermissionError as error:
        raise MediaError(path, "permission denied: make it readable") from error
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(
            path, f"is no video, or a damaged one ({explain(error)}): see whether a player opens it"
        ) from error
    with container:
        videos = [
            stream
            for stream in container.streams.video
            if not stream.disposition & Disposition.attached_pic
        ]
        if not videos:
            kinds = sorted({stream.type for stream in container.streams})
            found = ", ".join(kinds) or "nothing"
            raise MediaError(path, f"holds no video stream, only {found}: leave it out")
        stream = videos[0]
        if stream.codec_context is None:
            raise UnsupportedMedia(path, "no decoder for its codec; convert it to H.264")
        stream.thread_count = 1
        yield container, stream


def decode(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame | Fault]:
    """Frames in order of presentation, and a `Fault` where decoding failed and went on."""
    try:
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.error.FFmpegError as error:
                yield Fault(packet.pts if packet.pts is not None else packet.dts, explain(error))
                continue
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    yield frame
    except (av.error.FFmpegError, OSError, IndexError) as error:
        # IndexError: PyAV at the end of a file whose streams have grown in number.
        yield Fault(None, explain(error))


def explain(error: Exception) -> str:
    """What went wrong, without the path and the numbers that FFmpeg adds."""
    return str(getattr(error, "strerror", None) or error)
