"""What a file is by its name: video, still, or neither."""

from __future__ import annotations

from pathlib import Path
from typing import Final

VIDEO_SUFFIXES: Final = frozenset(
    {
        ".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mpe", ".m2v",
        ".ts", ".mts", ".m2ts", ".vob", ".wmv", ".asf", ".flv", ".3gp", ".3g2", ".ogv", ".h264",
        ".264", ".h265", ".265", ".hevc", ".mxf", ".y4m", ".dv",
    }
)  # fmt: skip
STILL_SUFFIXES: Final = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".gif",
        ".ppm", ".pgm", ".pbm", ".pnm", ".heic", ".heif", ".avif",
    }
)  # fmt: skip
"""HEIC and AVIF are listed so that they are reported with advice and not passed over."""


def is_video(path: Path) -> bool:
    """Whether the name is that of a video."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def is_still(path: Path) -> bool:
    """Whether the name is that of a still picture."""
    return path.suffix.lower() in STILL_SUFFIXES
