"""Builders of videos that only the corpus needs; the others are in `tests.clips`."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from scripts.odd_media.case import Video, steady
from tests import clips
from tests.clips.encode import encode_tone, h264_options

Builder = Callable[[Path], object]
Retimed = Callable[[int, int], int]

FRAMES: Final = 16
SHORT: Final = Video(steady(FRAMES))
TURNED: Final = Video(steady(FRAMES), size=(clips.HEIGHT, clips.WIDTH))
"""What clips of so many frames give, upright and turned by a quarter."""

SUBTITLES: Final = "1\n00:00:00,100 --> 00:00:00,600\nA word\n"


def encoded(codec: str = "libx264", container: str | None = None, **spec: Any) -> Builder:
    """A clip of `FRAMES` frames; `spec` are fields of `clips.VideoSpec`."""
    options = h264_options() if codec == "libx264" else {}
    options |= spec.pop("options", {})
    spec = {"frames": FRAMES, "codec": codec, "options": options} | spec
    return lambda path: clips.write_clip(
        path, [clips.VideoSpec(**spec)], container_format=container
    )


def few(build: Callable[..., Path], **drawing: Any) -> Builder:
    """A builder of `tests.clips` with `FRAMES` frames."""
    return partial(build, frames=FRAMES, **drawing)


def truncated(build: Builder, share: float) -> Builder:
    """The first part of what another builder writes."""

    def make(path: Path) -> None:
        build(path)
        clips.truncate(path, share)

    return make


def flipped(build: Builder, count: int, seed: int = 1) -> Builder:
    """What another builder writes, with flipped bits."""

    def make(path: Path) -> None:
        build(path)
        clips.flip_bits(path, count, seed)

    return make


def renamed(build: Builder, suffix: str) -> Builder:
    """What another builder writes under a name that ends otherwise."""

    def make(path: Path) -> None:
        other = path.with_suffix(suffix)
        build(other)
        other.rename(path)

    return make


def retimed(container: str, times: Retimed, **options: str) -> Builder:
    """H.264 without B-frames whose packet n gets the PTS `times(n, step)`."""

    def make(path: Path) -> None:
        whole = path.with_name("retimed.mp4")
        encoded(options={"bf": "0"})(whole)
        with (
            av.open(str(whole)) as source,
            av.open(str(path), "w", format=container, options=options) as target,
        ):
            template = source.streams.video[0]
            stream = target.add_stream_from_template(template)
            step = clips.TIMESCALE // clips.RATE
            packets = [packet for packet in source.demux(template) if packet.dts is not None]
            for number, packet in enumerate(packets):
                packet.pts = packet.dts = times(number, step)
                packet.stream = stream
                target.mux(packet)
        whole.unlink()

    return make


def with_two_sounds(path: Path) -> None:
    """H.264 with two streams of AAC."""
    with av.open(str(path), "w") as container:
        video = clips.encode.add_video_stream(
            container, clips.VideoSpec(frames=FRAMES, options=h264_options())
        )
        spec = clips.AudioSpec(duration_ms=900)
        packets = []
        for _ in range(2):
            sound = container.add_stream(spec.codec, rate=spec.sample_rate)
            sound.codec_context.layout = "mono"
            packets += encode_tone(sound, spec)
        packets += clips.encode.encode_video(
            video, clips.VideoSpec(frames=FRAMES, options=h264_options())
        )
        for packet in sorted(packets, key=clips.encode.decode_time):
            container.mux(packet)


def with_subtitles(path: Path) -> None:
    """H.264 with subtitles in Matroska."""
    whole, words = path.with_name("whole.mp4"), path.with_name("words.srt")
    encoded()(whole)
    words.write_text(SUBTITLES)
    with av.open(str(whole)) as film, av.open(str(words)) as text, av.open(str(path), "w") as copy:
        sources = [(film, film.streams.video[0]), (text, text.streams.subtitles[0])]
        targets = [copy.add_stream_from_template(stream) for _, stream in sources]
        for (container, stream), target in zip(sources, targets, strict=True):
            for packet in container.demux(stream):
                if packet.dts is not None:
                    packet.stream = target
                    copy.mux(packet)
    whole.unlink()
    words.unlink()


def with_many_streams(path: Path, streams: int = 110) -> None:
    """Silence in so many streams."""
    with av.open(str(path), "w", format="matroska") as container:
        sounds = [container.add_stream("pcm_s16le", rate=8_000) for _ in range(streams)]
        for sound in sounds:
            sound.codec_context.layout = "mono"
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 80), np.int16), format="s16", layout="mono"
        )
        silence.sample_rate, silence.pts = 8_000, 0
        for sound in sounds:
            container.mux(sound.encode(silence))


def of_one_size(path: Path, width: int, height: int, frames: int = 5) -> None:
    """Black FFV1 of any size."""
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=clips.RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            frame = av.VideoFrame(width, height, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, clips.RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def of_two_sizes(path: Path) -> None:
    """Raw H.264 whose second half is larger than the first."""
    parts = [path.with_name(f"part{number}.h264") for number in range(2)]
    for part, scale in zip(parts, (1, 2), strict=True):
        size = {"width": clips.WIDTH * scale, "height": clips.HEIGHT * scale}
        clips.make_raw_h264(part, frames=FRAMES // 2, **size)
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    for part in parts:
        part.unlink()


def zeros(path: Path) -> None:
    """A file of the right size that was never written."""
    path.write_bytes(bytes(50_000))


def words(text: bytes) -> Builder:
    """A file of text."""
    return lambda path: path.write_bytes(text)


def with_low_rate_sound(path: Path) -> None:
    """H.264 with MP3 at a rate of MPEG-2.5."""
    video = clips.VideoSpec(frames=FRAMES, options=h264_options())
    sound = clips.AudioSpec(codec="libmp3lame", sample_rate=11_025, duration_ms=900)
    clips.write_clip(path, [video], sound)


def zipped(path: Path) -> None:
    """A ZIP with a video as it is."""
    clip = path.with_name("inner.ts")
    clips.make_mpeg_ts(clip, frames=FRAMES)
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(clip, "inner.ts")
    clip.unlink()
