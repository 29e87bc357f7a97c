"""How much of a file is taken on: far above what cameras make, far below what fills a memory."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import MediaError

STILL_PIXELS_MAX: Final = 150_000_000
"""A still is held as RGB, 3 bytes a pixel, a few times over."""

VIDEO_PIXELS_MAX: Final = 80_000_000
"""Of one frame. Twice what H.264 and HEVC know levels for; a decoder holds some 16 frames."""

FRAMES_MAX: Final = 20_000_000
"""Four days at 60 frames a second."""

SPAN_MAX: Final = timedelta(days=14)
"""From the first frame to the last. What is longer has a broken clock."""

STREAMS_MAX: Final = 100
"""Of pictures, sound, subtitles and data together."""


def check_pixels(path: Path, width: int, height: int, pixels_max: int) -> None:
    """Refuse a picture, or a video's frames, with too many pixels.

    Raises
    ------
    MediaError
    """
    if width * height > pixels_max:
        raise MediaError(path, f"{width} x {height} is over {pixels_max:,} pixels: shrink it")


def check_frames(path: Path, frames: int) -> None:
    """Refuse a video with too many frames.

    Raises
    ------
    MediaError
    """
    if frames > FRAMES_MAX:
        raise MediaError(
            path, f"has more than {FRAMES_MAX:,} frames: cut it into parts, or it is damaged"
        )


def check_span(path: Path, pts: NDArray[np.int64], time_base: Fraction) -> None:
    """Refuse times that lie too far apart.

    Parameters
    ----------
    path : Path
    pts : ndarray [shape=(n,), int64, `time_base`]
        Of at least one frame.
    time_base : Fraction, s

    Raises
    ------
    MediaError
    """
    # In Python's integers: the difference of two may not fit into 64 bits.
    seconds = (int(pts.max()) - int(pts.min())) * time_base
    if seconds > SPAN_MAX.total_seconds():
        raise MediaError(
            path,
            f"its frames lie {float(seconds / 86_400):,.0f} days apart, over {SPAN_MAX.days}: its "
            "clock is broken; write it anew, e.g. ffmpeg -i IN -c:v libx264 OUT.mp4",
        )
