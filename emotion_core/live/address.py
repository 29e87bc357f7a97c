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
from emotion_core.printable import printable

PROTOCOLS: Final = {
    "http": "http,tcp",
    "https": "https,tls,tcp",
    "rtsp": "rtsp,rtp,udp,tcp",
    "rtsps": "rtsps,rtsp,rtp,udp,tls,tcp",
    "udp": "udp",
}
"""By scheme, what FFmpeg may use: a stream must not make it open files or other addresses."""

NO_URL: Final = (
    "is no complete URL: write SCHEME://HOST[:PORT]/PATH. In a user name and password, # is "
    "written %23, / is %2F, ? is %3F, the at sign %40, : is %3A, % is %25 and a space %20"
)

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
            name = "stream" if _is_doubtful(self.target) else urlsplit(self.target).hostname or ""
        return re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).strip(".") or "source"

    @property
    def title(self) -> str:
        """For headings: as it may be shown, of a file its name alone."""
        return Path(self.target).name if self.kind is SourceKind.FILE else str(self)

    def __str__(self) -> str:
        """As it may be shown: without user, password and what follows the path of a URL."""
        if self.kind is not SourceKind.STREAM:
            return self.target
        return shown_source(self.target)


def shown_source(text: str) -> str:
    """A source as written, as it may be shown: of a URL, however wrongly it is written, no secret.

    What stands before ``@`` and what follows the path are left out. Where ``@`` comes only after
    the host, a password may hold the character that ends the host, and nothing is shown.

    >>> shown_source("rtsp://me:secret@host:554/door?token=1")
    'rtsp://host:554/door'
    >>> shown_source("rtsp://me:12#34@host/door")
    'rtsp://…'
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        after = re.split("[?#]", text.rpartition("@")[2])[0]
        return printable(f"…{after}" if re.search(r":.*@", text) else text)
    if _is_doubtful(text):
        return printable(f"{scheme}://…")
    return printable(f"{scheme}://{re.split('[?#]', rest)[0].rpartition('@')[2]}")


def _is_doubtful(url: str) -> bool:
    """Whether a ``@`` stands after the host, as if a password held ``/``, ``?`` or ``#``."""
    _, *after = re.split(r"[/?#\\]", url.partition("://")[2], maxsplit=1)
    return "@" in "".join(after)


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
    if not path.is_file() and shown_source(text) != text:
        raise UsageError(None, f"{shown_source(text)}: {NO_URL}")
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
    url = url.strip()
    try:
        parts = urlsplit(url)
        complete = (
            bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
            # No part of a stream's address ends in # ahead of @, and no part holds a blank.
            and not re.search(r"#.*@|[\s\x00-\x1f]", url)
        )
    except ValueError:
        complete = False
    if not complete:
        raise UsageError(None, f"{shown_source(url)} {NO_URL}")
    if parts.scheme.lower() not in PROTOCOLS:
        known = ", ".join(PROTOCOLS)
        raise UsageError(None, f"{parts.scheme}:// is not read: --webcam takes {known}")
    # FFmpeg knows schemes in small letters alone.
    return Address(SourceKind.STREAM, parts.scheme.lower() + url[len(parts.scheme) :])
