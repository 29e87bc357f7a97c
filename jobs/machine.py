"""With what a run was made: the machine and the libraries, for ``run.json``."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

_PACKAGES: Final = {
    "openvino": "openvino",
    "opencv": "opencv-python-headless",
    "av": "av",
    "numpy": "numpy",
    "pyarrow": "pyarrow",
    "ray": "ray",
}


def describe_machine() -> dict[str, Any]:
    """System, Python and cores, as JSON values."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def library_versions() -> dict[str, Any]:
    """Versions of the libraries that results depend on, and of FFmpeg's; None: not installed."""
    from emotion_core.media.local import ffmpeg_versions

    found: dict[str, Any] = {name: _version_of(package) for name, package in _PACKAGES.items()}
    ffmpeg = {name: ".".join(map(str, numbers)) for name, numbers in ffmpeg_versions().items()}
    return found | {"ffmpeg": ffmpeg}


def now() -> str:
    """The present time, UTC, by ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
