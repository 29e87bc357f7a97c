"""Opening a video file and decoding its picture stream, with errors that name the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from emotion_core.errors import MediaError, UnsupportedMedia
from emotion_core.media.choice import choose_video
from emotion_core.media.limits import VIDEO_PIXELS_MAX, check_pixels
from emotion_core.media.local import explain, open_media
from emotion_core.media.packets import Restart, kept
from emotion_core.media.protection import is_encrypted


@dataclass(frozen=True)
class Fault:
    """A packet that could not be decoded.

    Attributes
    ----------
    pts : int or None
        Of the packet, or its DTS; None where it has neither or the file itself ended in error.
    reason : str
    packet : int or None
        Its number; None where the file itself ended in error.
    """

    pts: int | None
    reason: str
    packet: int | None = None


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and the video stream that players choose, one thread.

    Raises
    ------
    MediaError
        The file cannot be opened or holds no video.
    UnsupportedMedia
        There is no decoder for the stream, or it is encrypted.
    """
    with open_media(path) as container:
        stream = choose_video(path, container)
        if stream is None:
            raise MediaError(path, f"holds no video, only {_contents(container)}: leave it out")
        if is_encrypted(path, container, stream.index):
            raise UnsupportedMedia(
                path,
                "is encrypted (DRM): nothing can be read without its key; export it without "
                "protection, or decrypt it first with a key that you have, e.g. "
                "ffmpeg -decryption_key KEY -i IN -c copy OUT.mp4",
            )
        if stream.codec_context is None:
            raise UnsupportedMedia(path, "no decoder for its codec; convert it to H.264")
        check_pixels(path, stream.width, stream.height, VIDEO_PIXELS_MAX)
        # A later frame may be larger than the file's header says.
        stream.codec_context.options = {"max_pixels": str(VIDEO_PIXELS_MAX)}
        stream.thread_count = 1
        yield container, stream


def _contents(container: InputContainer) -> str:
    kinds = sorted(
        {"a cover picture" if s.type == "video" else str(s.type) for s in container.streams}
    )
    return ", ".join(kinds) or "nothing"


def decode(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame | Fault]:
    """Frames as the decoder gives them, and a `Fault` where decoding failed and went on.

    The attribute `opaque` of a frame is the number of the packet that it was decoded from.
    """
    stream.codec_context.copy_opaque = True
    clock = Restart()
    try:
        for number, read in enumerate(container.demux(stream)):
            clock.see(read)
            if not read.size and read.pts is not None:
                # In Theora: the picture is the last one. The packet that ends all has no time.
                continue
            packet = kept(read) if clock.wrongly_discarded(read) else read
            packet.opaque = number
            try:
                frames = packet.decode()
            except av.error.FFmpegError as error:
                pts = packet.pts if packet.pts is not None else packet.dts
                yield Fault(pts, explain(error), number)
                continue
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    yield frame
    except (av.error.FFmpegError, OSError, IndexError) as error:
        # IndexError: PyAV at the end of a file whose streams have grown in number.
        yield Fault(None, explain(error))
