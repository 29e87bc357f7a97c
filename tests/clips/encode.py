"""Encode drawn frames and a tone into a container."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypedDict

import av
import numpy as np

from .draw import Picture, draw_frame

WIDTH, HEIGHT = 160, 120
RATE = 25
FRAMES = 50
GOP = 12
TIMESCALE = 90_000  # divides by milliseconds and by every usual frame rate
TONE_HZ = 440
SAMPLE_RATE = 44_100

# With macroblock trees x264 gives other bytes in one run of ten or so, even on one thread.
X264 = {"preset": "veryfast", "crf": "23", "threads": "1", "sc_threshold": "0", "mbtree": "0"}


@dataclass(frozen=True)
class VideoSpec:
    """How one video stream is drawn and encoded.

    `pts` counts in `time_base`; without it frames follow each other at `rate`.
    `degrees` (counter-clockwise) and `hflip` are what a player does to show it upright.
    """

    codec: str = "libx264"
    width: int = WIDTH
    height: int = HEIGHT
    frames: int = FRAMES
    rate: int | Fraction = RATE
    pts: Sequence[int] | None = None
    time_base: Fraction = Fraction(1, RATE)
    pix_fmt: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=dict)
    degrees: int = 0
    hflip: bool = False
    sample_aspect_ratio: Fraction | None = None
    full_range: bool = False
    first_number: int = 0


class Drawing(TypedDict, total=False):
    """What every builder lets its caller choose."""

    frames: int
    width: int
    height: int
    first_number: int


@dataclass(frozen=True)
class AudioSpec:
    """A tone: `start_ms` on the container's clock, `duration_ms` long."""

    codec: str = "aac"
    sample_rate: int = SAMPLE_RATE
    start_ms: int = 0
    duration_ms: int = 2_000


def h264_options(**options: str) -> dict[str, str]:
    """Return x264 options with B-frames and a key frame every `GOP` frames."""
    return X264 | {"g": str(GOP), "keyint_min": str(GOP), "bf": "2"} | options


def stored_picture(spec: VideoSpec, number: int) -> Picture:
    """Draw frame `number` upright and turn it to how it is stored."""
    turned = spec.degrees % 180 != 0
    size = (spec.height, spec.width) if turned else (spec.width, spec.height)
    picture = draw_frame(number, *size)
    if spec.hflip:
        picture = picture[:, ::-1]
    return np.ascontiguousarray(np.rot90(picture, -spec.degrees // 90))


def add_video_stream(container: av.container.OutputContainer, spec: VideoSpec) -> av.VideoStream:
    """Add the stream that `spec` describes; its frames are not encoded yet."""
    stream = container.add_stream(spec.codec, rate=spec.rate, options=dict(spec.options))
    context = stream.codec_context
    context.width, context.height = spec.width, spec.height
    context.pix_fmt = spec.pix_fmt
    context.time_base = spec.time_base
    context.thread_count = 1
    if spec.sample_aspect_ratio is not None:
        context.sample_aspect_ratio = spec.sample_aspect_ratio
    if spec.full_range:
        context.color_range = av.video.reformatter.ColorRange.JPEG
    if spec.degrees or spec.hflip:
        stream.set_display_rotation(spec.degrees, hflip=spec.hflip)
    return stream


def encode_video(stream: av.VideoStream, spec: VideoSpec) -> list[av.Packet]:
    """Encode every frame of `spec`."""
    pts = range(spec.frames) if spec.pts is None else spec.pts
    packets = []
    for number, time in enumerate(pts, start=spec.first_number):
        frame = av.VideoFrame.from_ndarray(stored_picture(spec, number), format="rgb24")
        target_range = "JPEG" if spec.full_range else None
        frame = frame.reformat(format=spec.pix_fmt, dst_color_range=target_range)
        frame.pts, frame.time_base = time, spec.time_base
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def encode_tone(stream: av.AudioStream, spec: AudioSpec) -> list[av.Packet]:
    """Encode the tone of `spec`."""
    total = spec.sample_rate * spec.duration_ms // 1000
    wave = 0.2 * np.sin(2 * np.pi * TONE_HZ / spec.sample_rate * np.arange(total))
    tone = (wave * 32767).astype(np.int16)[None, :]
    frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
    frame.sample_rate = spec.sample_rate
    frame.time_base = Fraction(1, spec.sample_rate)
    frame.pts = spec.sample_rate * spec.start_ms // 1000
    resampler = av.AudioResampler(
        format=stream.codec_context.format.name, layout="mono", rate=spec.sample_rate
    )
    packets = []
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        packets += stream.encode(part)
    return packets + stream.encode(None)


def write_clip(
    path: Path,
    videos: Sequence[VideoSpec] = (VideoSpec(),),
    audio: AudioSpec | None = None,
    container_format: str | None = None,
    container_options: Mapping[str, str] | None = None,
) -> Path:
    """Encode all streams and write them, interleaved, into `path`."""
    is_mp4 = (container_format or path.suffix.lstrip(".")) in ("mp4", "mov", "m4v")
    options = {"video_track_timescale": str(TIMESCALE)} if is_mp4 else {}
    # Else Matroska would write random identifiers.
    options |= {"fflags": "+bitexact"} | dict(container_options or {})
    with av.open(str(path), "w", format=container_format, options=options) as container:
        video_streams = [add_video_stream(container, spec) for spec in videos]
        packets = []
        if audio is not None:
            audio_stream = container.add_stream(audio.codec, rate=audio.sample_rate)
            audio_stream.codec_context.layout = "mono"
            packets += encode_tone(audio_stream, audio)
        for stream, spec in zip(video_streams, videos, strict=True):
            packets += encode_video(stream, spec)
        for packet in sorted(packets, key=decode_time):
            container.mux(packet)
    return path


def decode_time(packet: av.Packet) -> Fraction:
    """Return when a packet is decoded, in seconds."""
    return Fraction(packet.dts or 0) * packet.time_base
