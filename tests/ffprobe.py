"""Debian's ffprobe: what an independent build of FFmpeg, of another version, says of a video."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

FFPROBE: Final = shutil.which("ffprobe")

needs_ffprobe = pytest.mark.skipif(FFPROBE is None, reason="ffprobe is not installed (apt: ffmpeg)")

_WANTED: Final = (
    "frame=best_effort_timestamp:stream=index,width,height,time_base,duration_ts,avg_frame_rate"
)


@dataclass(frozen=True)
class Probed:
    """A video stream.

    Attributes
    ----------
    stream : int
        Its number in the file.
    size : tuple of int, px
        Width and height as stored.
    times_us : list of int or None
        Of its frames, since the first that has one; counted where the file has no clock.
    duration_us : int
        As the container states it; 0 where it does not.
    """

    stream: int
    size: tuple[int, int]
    times_us: list[int | None]
    duration_us: int


def read_ffprobe(path: Path, stream: int | None = None) -> Probed:
    """Decode a video with ffprobe: a stream by its number, or the first that is no cover."""
    assert FFPROBE is not None
    chosen = "V:0" if stream is None else str(stream)
    command = [FFPROBE, "-v", "quiet", "-select_streams", chosen, "-show_entries", _WANTED]
    # A name may look like an address or an option.
    command += ["-of", "json", "-i", f"file:{path}"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    (described,) = found["streams"]
    base = Fraction(described["time_base"])
    ticks = [frame.get("best_effort_timestamp") for frame in found["frames"]]
    if all(tick is None for tick in ticks):
        ticks, base = list(range(len(ticks))), 1 / Fraction(described["avg_frame_rate"])
    first = next(tick for tick in ticks if tick is not None)
    return Probed(
        stream=described["index"],
        size=(described["width"], described["height"]),
        times_us=[
            None if tick is None else round((tick - first) * base * 1_000_000) for tick in ticks
        ],
        duration_us=round(described.get("duration_ts", 0) * base * 1_000_000),
    )
