"""Builders of files whose clock starts again or jumps: recordings that were joined as bytes."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Unpack

from .codecs import MPEG
from .encode import (
    FRAMES,
    RATE,
    AudioSpec,
    Drawing,
    VideoSpec,
    h264_options,
    write_clip,
)

VP8 = {"cpu-used": "8", "deadline": "realtime", "g": "12", "b": "200k"}
PARTS = 2


def join(path: Path, build: Callable[..., Path], **drawing: Unpack[Drawing]) -> Path:
    """Bytes of two clips behind each other, whose frames are numbered through."""
    frames = drawing.pop("frames", FRAMES) // PARTS
    parts = [path.with_name(f"part{number}{path.suffix}") for number in range(PARTS)]
    for number, part in enumerate(parts):
        build(part, frames=frames, first_number=number * frames, **drawing)
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    for part in parts:
        part.unlink()
    return path


def _with_sound(path: Path, spec: VideoSpec, sound: str, container: str, **options: str) -> Path:
    length = AudioSpec(codec=sound, sample_rate=48_000, duration_ms=spec.frames * 1000 // RATE)
    return write_clip(path, [spec], length, container_format=container, container_options=options)


def make_ts(path: Path, first_pid: int = 0x100, **drawing: Unpack[Drawing]) -> Path:
    """H.264 with B-frames and AAC in MPEG-TS, equally long."""
    spec = VideoSpec(options=h264_options(), **drawing)
    return _with_sound(path, spec, "aac", "mpegts", mpegts_start_pid=str(first_pid))


def make_ps(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """MPEG-2 with B-frames and MP2 in MPEG-PS, as on a DVD."""
    return _with_sound(path, VideoSpec(codec="mpeg2video", options=MPEG, **drawing), "mp2", "vob")


def make_live_webm(path: Path, **drawing: Unpack[Drawing]) -> Path:
    """VP8 and Opus in WebM as browsers record it: without an index or duration."""
    spec = VideoSpec(codec="libvpx", options=VP8, **drawing)
    return _with_sound(path, spec, "libopus", "webm", live="1")


def make_fragments(path: Path, audio: bool = False, **drawing: Unpack[Drawing]) -> Path:
    """H.264 in a fragmented MP4 as browsers record it: places count from each fragment.

    With sound, the muxer makes the first frame 21 ms longer.
    """
    spec = VideoSpec(options=h264_options(bf="0"), **drawing)
    flags = "+frag_keyframe+empty_moov+default_base_moof"
    if audio:
        return _with_sound(path, spec, "aac", "mp4", movflags=flags)
    return write_clip(path, [spec], container_format="mp4", container_options={"movflags": flags})


def make_jumping_ts(
    path: Path, seconds: int = 20_000, sound_goes_on: bool = False, **drawing: Unpack[Drawing]
) -> Path:
    """MPEG-TS whose clock jumps on by so much in its middle.

    `sound_goes_on`: there is sound in between, so that the picture stands still for that long.
    """
    frames = drawing.get("frames", FRAMES)
    times = [n * 1000 // RATE + seconds * 1000 * (n >= frames // 2) for n in range(frames)]
    spec = VideoSpec(
        options=h264_options(bf="0"), pts=times, time_base=Fraction(1, 1000), **drawing
    )
    sound = AudioSpec(codec="mp2", sample_rate=48_000, duration_ms=times[-1])
    return write_clip(path, [spec], sound if sound_goes_on else None, container_format="mpegts")


def make_pausing_mkv(path: Path, seconds: int = 20, **drawing: Unpack[Drawing]) -> Path:
    """H.264 in Matroska that pauses for so long in its middle."""
    frames = drawing.get("frames", FRAMES)
    times = [n * 1000 // RATE + seconds * 1000 * (n >= frames // 2) for n in range(frames)]
    spec = VideoSpec(options=h264_options(), pts=times, time_base=Fraction(1, 1000), **drawing)
    return write_clip(path, [spec], container_format="matroska")
