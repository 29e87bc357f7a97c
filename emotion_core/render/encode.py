"""Encoding of one segment of an annotated copy into H.264 packets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.codec.context import CodecContext, Flags
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange

from emotion_core.errors import OutputError
from emotion_core.media.planes import Plane, Planes
from emotion_core.render.segment import PacketRecord, SegmentHeader, SegmentWriter, new_segment
from emotion_core.render.settings import EncoderSettings, x264_options

PIXEL_FORMAT: Final = "yuv420p"


@dataclass(frozen=True, eq=False)
class InputPicture:
    """A picture where the encoder takes it from, so that it is copied once.

    Attributes
    ----------
    planes : Planes
        Upright, limited range; what is written into them is encoded.
    frame : VideoFrame
        The same memory, with a border where the size is odd.
    """

    planes: Planes
    frame: av.VideoFrame


class SegmentEncoder:
    """Encodes pictures one after the other; made by `encode_segment`."""

    def __init__(
        self, codec: VideoCodecContext, settings: EncoderSettings, writer: SegmentWriter
    ) -> None:
        self._codec = codec
        self._settings = settings
        self._writer = writer
        self._last_pts: int | None = None

    def write(self, picture: Planes | InputPicture, pts: int) -> None:
        """Encode one picture.

        Parameters
        ----------
        picture : Planes or InputPicture
            Upright, of the size in the settings; planes may have full range.
        pts : int
            The source's, in the settings' time base. Where it is not later than the one before,
            the next tick is taken: MP4 has no two pictures at one time.

        Raises
        ------
        ValueError
            The picture has another size.
        OutputError
            The file cannot be written.
        """
        planes = picture.planes if isinstance(picture, InputPicture) else picture
        if (planes.width, planes.height) != (self._settings.width, self._settings.height):
            wanted = f"{self._settings.width}x{self._settings.height}"
            raise ValueError(f"a picture of {planes} among pictures of {wanted}")
        if self._last_pts is not None:
            pts = max(pts, self._last_pts + 1)
        self._last_pts = pts
        if isinstance(picture, Planes):
            picture = input_picture(picture, self._settings)
        frame = bordered(picture)
        frame.pts, frame.time_base = pts, self._settings.time_base
        # A decoded frame's type would be forced upon the encoder.
        frame.pict_type = 0
        self._keep(self._codec.encode(frame))

    def finish(self) -> None:
        """Write the pictures that the encoder still holds."""
        self._keep(self._codec.encode(None))

    def _keep(self, packets: Iterable[av.Packet[Any]]) -> None:
        for packet in packets:
            if packet.pts is None or packet.dts is None:
                raise RuntimeError("the encoder gave a packet without a time")
            record = PacketRecord(packet.pts, packet.dts, packet.is_keyframe, bytes(packet))
            self._writer.write(record)


@contextmanager
def encode_segment(path: Path, settings: EncoderSettings) -> Iterator[SegmentEncoder]:
    """An encoder whose packets go to the segment file `path`.

    The file appears once the block has ended well. The same pictures and settings give the same
    bytes.

    Raises
    ------
    OutputError
        The file cannot be written.

    Examples
    --------
    ::

        with encode_segment(path, settings) as encoder:
            for frame in frames:
                encoder.write(frame.planes, frame.pts)
    """
    try:
        codec = _open_codec(settings)
    except av.FFmpegError as error:
        size = f"{settings.coded_width}x{settings.coded_height}"
        raise OutputError(path, f"x264 cannot encode {size} px: use --no-video") from error
    header = SegmentHeader(settings, codec.extradata or b"")
    with new_segment(path, header) as writer:
        encoder = SegmentEncoder(codec, settings, writer)
        yield encoder
        encoder.finish()


def _open_codec(settings: EncoderSettings) -> VideoCodecContext:
    codec = CodecContext.create("libx264", "w")
    codec.width, codec.height = settings.coded_width, settings.coded_height
    codec.pix_fmt = PIXEL_FORMAT
    codec.time_base, codec.framerate = settings.time_base, settings.frame_rate
    codec.sample_aspect_ratio = settings.sample_aspect
    codec.color_range = int(ColorRange.MPEG)
    codec.color_primaries, codec.color_trc = settings.primaries, settings.transfer
    codec.colorspace = settings.coded_matrix
    # One thread: workers share the cores, and the bytes do not depend on the machine.
    codec.thread_count = 1
    # Parameter sets apart from the packets, as MP4 keeps them.
    codec.flags |= Flags.global_header
    codec.options = x264_options(settings.preset, settings.crf)
    codec.open()
    return codec


def input_picture(planes: Planes, settings: EncoderSettings) -> InputPicture:
    """A copy of a picture with limited range, which every player of H.264 shows the same."""
    frame = av.VideoFrame(settings.coded_width, settings.coded_height, PIXEL_FORMAT)
    y, u, v = (
        _writable(target)[: source.shape[0], : source.shape[1]]
        for target, source in zip(frame.planes, (planes.y, planes.u, planes.v), strict=True)
    )
    planes.copy_limited(y, u, v)
    return InputPicture(Planes(y, u, v, full_range=False), frame)


def bordered(picture: InputPicture) -> av.VideoFrame:
    """The frame of a picture as the encoder takes it: odd sizes repeat their border."""
    frame, planes = picture.frame, picture.planes
    for target, part in zip(frame.planes, (planes.y, planes.u, planes.v), strict=True):
        whole, (height, width) = _writable(target), part.shape
        whole[:height, width:] = part[:, -1:]
        whole[height:] = whole[height - 1]
    return frame


def _writable(plane: Any) -> Plane:
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]
