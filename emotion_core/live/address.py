"""What a user names as a live source: a camera, a stream, or a file played at its own speed."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from emotion_core.errors import UsageError
from emotion_core.paths import absolute_path

PROTOCOLS: Final = {
    "http": "http,tcp",
    "https": "https,tls,tcp",
    "rtsp": "rtsp,rtp,udp,tcp",
    "rtsps": "rtsps,rtsp,rtp,udp,tls,tcp",
    "udp": "udp",
}
"""By scheme, what FFmpeg may use: a stream must not make it open files or other addresses."""

DEVICES: Final = Path("/dev")


class SourceKind(Enum):
    """How a source is read."""

    CAMERA = "camera"
    STREAM = "stream"
    FILE = "file"


@dataclass(frozen=True)
class Address:
    """A live source.

    Attributes
    ----------
    kind : SourceKind
    target : str
        What is opened: a device, a URL, or an absolute path.
    """

    kind: SourceKind
    target: str

    @property
    def scheme(self) -> str:
        """Of a URL, in small letters."""
        return urlsplit(self.target).scheme.lower()

    @property
    def name(self) -> str:
        """A short one for files; letters, digits, ``.``, ``_`` and ``-``."""
        if self.kind is SourceKind.CAMERA:
            name = Path(self.target).name.replace("video", "camera", 1)
        elif self.kind is SourceKind.FILE:
            name = Path(self.target).stem
        else:
            name = urlsplit(self.target).hostname or "stream"
        return re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).strip(".") or "source"

    @property
    def title(self) -> str:
        """For headings: as it may be shown, of a file its name alone."""
        return Path(self.target).name if self.kind is SourceKind.FILE else str(self)

    def __str__(self) -> str:
        """As it may be shown: without user, password and what follows the path of a URL."""
        if self.kind is not SourceKind.STREAM:
            return self.target
        parts = urlsplit(self.target)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def absolute_source(text: str, folder: Path) -> str:
    """A source as written in `folder`, in a form that holds in any other."""
    return text if text.isdecimal() or "://" in text else str(absolute_path(text, folder))


def parse_address(text: str) -> Address:
    """A source as written on the command line.

    Parameters
    ----------
    text : str
        A camera's number or device, a URL, or a file.

    Raises
    ------
    UsageError
        It is none of these, or there is no such camera or file.
    """
    if text.isdecimal():
        return _camera(DEVICES / f"video{int(text)}")
    if "://" in text:
        return _stream(text)
    path = absolute_path(text)
    if path.is_relative_to(DEVICES):
        return _camera(path)
    if not path.is_file():
        raise UsageError(
            path,
            "is no file: --webcam takes a camera's number, a device, a URL "
            f"({', '.join(f'{scheme}://' for scheme in PROTOCOLS)}) or a video file",
        )
    return Address(SourceKind.FILE, str(path))


def _camera(device: Path) -> Address:
    try:
        is_device = stat.S_ISCHR(device.stat().st_mode)
    except OSError:
        others = sorted(DEVICES.glob("video*"))
        there = f"there are {', '.join(map(str, others))}" if others else "this machine has none"
        raise UsageError(device, f"no such camera; {there}") from None
    if not is_device:
        raise UsageError(device, "is no camera: check --webcam")
    if not os.access(device, os.R_OK | os.W_OK):
        raise UsageError(device, "permission denied: add the user to the group `video`")
    return Address(SourceKind.CAMERA, str(device))


def _stream(url: str) -> Address:
    try:
        parts = urlsplit(url)
        complete = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        complete = False
    if not complete:
        raise UsageError(None, f"{url!r} is no complete URL: write SCHEME://HOST[:PORT]/PATH")
    if parts.scheme.lower() not in PROTOCOLS:
        known = ", ".join(PROTOCOLS)
        raise UsageError(None, f"{parts.scheme}:// is not read: --webcam takes {known}")
    return Address(SourceKind.STREAM, url)
