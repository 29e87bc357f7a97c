"""What a file is by its first bytes, where its name does not say it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final

HEAD_BYTES: Final = 4096

_TS_PACKET: Final = 188
_TS_SYNC: Final = 0x47

_ARCHIVES: Final = {
    "ZIP": (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"),
    "RAR": (b"Rar!\x1a\x07",),
    "7z": (b"7z\xbc\xaf\x27\x1c",),
    "gzip": (b"\x1f\x8b\x08",),
    "bzip2": (b"BZh",),
    "xz": (b"\xfd7zXZ\x00",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
}
_TAR_AT: Final = 257
_VIDEO_STARTS: Final = (
    b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"FLV\x01",
    b".RMF", b"\x06\x0e\x2b\x34\x02\x05\x01\x01", b"YUV4MPEG2", b"DKIF\x00\x00",
    b"nut/multimedia container", b"\x1f\x07\x00\x3f", b"\x1f\x07\x00\xbf",
    b"\x00\x00\x00\x01\x67", b"\x00\x00\x00\x01\x27", b"\x00\x00\x00\x01\x09\x10",
    b"\x00\x00\x00\x01\x09\xf0", b"\x00\x00\x01\x67", b"\x00\x00\x00\x01\x40\x01",
    b"\x00\x00\x00\x01\x46\x01",
)  # fmt: skip
"""MPEG-PS, MPEG video, ASF, Flash, RealMedia, MXF, Y4M, IVF, NUT, DV, H.264 and HEVC."""

_STILL_STARTS: Final = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*",
    b"\x00\x00\x00\x0cjP  ",
)  # fmt: skip
_UNREAD_STARTS: Final = (
    b"\xff\x0a",
    b"\x00\x00\x00\x0cJXL \r\n\x87\n",
    b"8BPS",
    b"FUJIFILMCCD-RAW",
)
"""JPEG XL, Photoshop, and pictures as a camera's sensor gives them."""

_BOXES_OF_MOV: Final = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_SOUND_BRANDS: Final = (b"M4A ", b"M4B ", b"M4P ")
_STILL_BRANDS: Final = (
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis",
)  # fmt: skip
_RAW_BRAND: Final = b"crx "
_OGG_PICTURES: Final = (b"\x80theora", b"OVP80", b"BBCD\x00", b"\x01video")


class Content(Enum):
    """What a file holds."""

    VIDEO = "video"
    STILL = "still"
    ARCHIVE = "archive"
    UNREAD = "media that is not read"
    OTHER = "something else"


def content_of(path: Path) -> Content:
    """What a regular file holds; `OTHER` where it cannot be opened."""
    try:
        with open(path, "rb") as file:
            return content_of_head(file.read(HEAD_BYTES))
    except OSError:
        return Content.OTHER


def content_of_head(head: bytes) -> Content:
    """What a file holds that begins so."""
    if archive_of(head):
        return Content.ARCHIVE
    if head.startswith(_UNREAD_STARTS) or head[4:12] == b"ftyp" + _RAW_BRAND:
        return Content.UNREAD
    if head.startswith(_STILL_STARTS) or head[:4] + head[8:12] == b"RIFFWEBP":
        return Content.STILL
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    return Content.VIDEO if _is_video(head) else Content.OTHER


def archive_of(head: bytes) -> str | None:
    """The kind of an archive that begins so; None where it is none."""
    for name, starts in _ARCHIVES.items():
        if head.startswith(starts):
            return name
    return "tar" if head[_TAR_AT : _TAR_AT + 5] == b"ustar" else None


def _of_brand(brand: bytes) -> Content:
    if brand in _SOUND_BRANDS:
        return Content.OTHER
    return Content.STILL if brand in _STILL_BRANDS else Content.VIDEO


def _is_video(head: bytes) -> bool:
    if head.startswith(_VIDEO_STARTS) or head[4:8] in _BOXES_OF_MOV:
        return True
    if head.startswith(b"\x1aE\xdf\xa3"):
        return b"matroska" in head[:128] or b"webm" in head[:128]
    if head.startswith(b"OggS"):
        return any(mark in head for mark in _OGG_PICTURES)
    if head[:4] + head[8:12] == b"RIFFAVI ":
        return True
    # M2TS has four bytes before each packet.
    return any(_has_sync(head, first, step) for first, step in ((0, 188), (4, 192)))


def _has_sync(head: bytes, first: int, step: int) -> bool:
    places = range(first, min(len(head), first + 5 * step), step)
    return len(head) >= 3 * _TS_PACKET and all(head[place] == _TS_SYNC for place in places)
