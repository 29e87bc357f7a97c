"""A camera, stream or file that is open: its frames with the time stamps of the source."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from emotion_core.errors import SourceError
from emotion_core.live.address import PROTOCOLS, Address, SourceKind
from emotion_core.media.container import Fault, decode, open_video
from emotion_core.media.limits import VIDEO_PIXELS_MAX
from emotion_core.media.local import explain

OPEN_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 3.0
"""A source that sends nothing for longer is taken for lost."""

PROBED_US: Final = 1_000_000
PROBED_BYTES: Final = 1_000_000
"""How much of a stream is looked at before the first frame is given out."""

CAMERA_MODES: Final[tuple[dict[str, str], ...]] = (
    {"input_format": "mjpeg", "video_size": "1280x720", "framerate": "30"},
    {"video_size": "1280x720", "framerate": "30"},
    {"video_size": "640x480", "framerate": "30"},
    {},
)
"""What a camera is asked for, one after the other: many have no bandwidth for 1280x720 pixels
30 times a second unless they are compressed. The last is its own choice.

What it cannot do it refuses, or gives something near it. A smaller picture is not taken: FFmpeg
would hold each for one of two fields of a picture of the size that it asked for."""

UNSTAMPED: Final = frozenset({"mpjpeg", "mjpeg", "h264", "hevc"})
"""Formats without times: FFmpeg makes them up from a frame rate that it assumes."""

SENT_FORMATS: Final = "mpegts,mpjpeg,mjpeg,mov,matroska,webm,flv,h264,hevc,mpeg,mpegvideo,ogg,ivf"
"""What is read over HTTP and UDP: no playlists, which name other addresses."""

_REASONS: Final = {
    errno.EBUSY: "another program uses it: close that",
    errno.ECONNREFUSED: "nothing listens there: check host and port",
    errno.EHOSTUNREACH: "the host cannot be reached: check address and network",
    errno.ENETUNREACH: "the host cannot be reached: check address and network",
    errno.EADDRINUSE: "another program receives on this port",
    errno.EACCES: "permission denied",
    errno.ENOTTY: "is no camera: check --webcam",
    errno.EIO: "it cannot be reached or read: check the address",
}


class Taken(NamedTuple):
    """A decoded frame.

    Attributes
    ----------
    frame : VideoFrame
    stamp_us : int or None
        By the source's clock, from any origin; None where it has none that can be trusted.
    damaged : bool
        Decoded from damaged data.
    gap : bool
        Packets before it could not be decoded.
    """

    frame: av.VideoFrame
    stamp_us: int | None
    damaged: bool
    gap: bool


@dataclass
class Connection:
    """An open source; made by `connect`.

    Attributes
    ----------
    ending : str
        Why there are no more frames, once `frames` has ended.
    """

    container: InputContainer
    stream: VideoStream
    ending: str = "it ended"

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a stored pixel over its height."""
        return Fraction(self.stream.sample_aspect_ratio or 1) or Fraction(1)

    def frames(self) -> Iterator[Taken]:
        """Frames until the source ends or is lost."""
        stamped = UNSTAMPED.isdisjoint(self.container.format.name.split(","))
        gap = False
        for item in decode(self.container, self.stream):
            if isinstance(item, Fault):
                gap, self.ending = True, _ending(item)
                continue
            stamp = None
            if stamped and item.pts is not None and item.time_base:
                stamp = round(item.pts * item.time_base * 1_000_000)
            yield Taken(item, stamp, bool(item.is_corrupt), gap)
            gap, self.ending = False, "it ended"


@contextmanager
def connect(address: Address) -> Iterator[Connection]:
    """Open a source; it is closed at the end of the block.

    Raises
    ------
    SourceError
        The camera or stream cannot be opened, or sends no video.
    MediaError
        The file cannot be read.
    """
    if address.kind is SourceKind.FILE:
        with open_video(Path(address.target)) as (container, stream):
            yield Connection(container, stream)
        return
    with _open(address) as container:
        if not container.streams.video or container.streams.video[0].codec_context is None:
            raise SourceError(None, f"{address}: sends no video that can be decoded")
        stream = container.streams.video[0]
        # More threads would each hold a frame back.
        stream.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(VIDEO_PIXELS_MAX)}
        yield Connection(container, stream)


def _open(address: Address) -> InputContainer:
    timeout = (OPEN_TIMEOUT_S, READ_TIMEOUT_S)
    try:
        if address.kind is SourceKind.CAMERA:
            return _open_camera(address.target, timeout)
        options = {
            "protocol_whitelist": PROTOCOLS[address.scheme],
            "analyzeduration": str(PROBED_US),
            "probesize": str(PROBED_BYTES),
            "fflags": "nobuffer",
            "max_pixels": str(VIDEO_PIXELS_MAX),
        }
        if address.scheme.startswith("rtsp"):
            options["rtsp_transport"] = "tcp"
        else:
            options["format_whitelist"] = SENT_FORMATS
        return av.open(address.target, options=options, timeout=timeout, metadata_errors="replace")
    except (av.error.FFmpegError, OSError) as error:
        raise SourceError(None, f"{address}: {_reason(error)}") from error


def _open_camera(device: str, timeout: tuple[float, float]) -> InputContainer:
    *modes, own = CAMERA_MODES
    for mode in modes:
        try:
            container = av.open(device, format="v4l2", options=dict(mode), timeout=timeout)
        except (av.error.FFmpegError, OSError) as error:
            if getattr(error, "errno", None) != errno.EINVAL:
                raise
            continue
        context = container.streams.video[0].codec_context
        if f"{context.width}x{context.height}" == mode["video_size"]:
            return container
        container.close()
    return av.open(device, format="v4l2", options=own, timeout=timeout)


def _ending(fault: Fault) -> str:
    # What PyAV's own timeout is called.
    if "exit requested" in fault.reason:
        return f"it sent nothing for {READ_TIMEOUT_S:.0f} s"
    return fault.reason


def _reason(error: Exception) -> str:
    if isinstance(error, av.error.ExitError):
        return f"no answer within {OPEN_TIMEOUT_S:.0f} s: check that it sends"
    # Of formats that are not among those allowed, it says "invalid argument".
    if isinstance(error, av.error.InvalidDataError | av.error.ArgumentError):
        return "what it sends is no video that can be read"
    number = getattr(error, "errno", None)
    return _REASONS.get(number, explain(error)) if isinstance(number, int) else explain(error)
