"""What a file says of its streams that FFmpeg keeps to itself: locks and Dolby Vision.

MP4 says both in the boxes of its sample entries (ISO/IEC 14496-12), Matroska in its track entries,
ASF by objects in its header.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from av.container import InputContainer

_CONTAINERS: Final = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_VISUAL_ENTRY_BYTES: Final = 86
"""Before the boxes inside a sample entry of pictures (ISO/IEC 14496-12, 12.1.3)."""

_LOCKED_ENTRIES: Final = {b"encv", b"drmi", b"drmv"}
_DOLBY_VISION_ENTRIES: Final = {b"dvh1", b"dvhe", b"dva1", b"dvav", b"dav1"}
_DOLBY_VISION_BOXES: Final = {b"dvcC", b"dvvC", b"dvwC"}
_ENTRY_BYTES_MAX: Final = 1 << 20
_HEADER_BYTES: Final = 1 << 18

_MATROSKA_RECORD: Final = tuple(b"\x41\xe7\x84" + name for name in sorted(_DOLBY_VISION_BOXES))
"""BlockAddIDType with the name of the record."""

_MATROSKA_RECORD_DATA: Final = b"\x41\xed"
_ASF_LOCKS: Final = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
)
"""Content Encryption Object and its extended form (ASF specification, 3.14 and 3.15)."""


@dataclass(frozen=True)
class SampleEntry:
    """How a track of an MP4 file is coded.

    Attributes
    ----------
    kind : bytes
        Four letters.
    boxes : dict of bytes to bytes
        What it holds beside.
    """

    kind: bytes
    boxes: dict[bytes, bytes] = field(default_factory=dict)


def is_encrypted(path: Path, container: InputContainer, index: int) -> bool:
    """Whether a video stream of an open file is encrypted, as far as the file says so."""
    name = container.format.name
    if name.startswith("mov,mp4"):
        return any(entry.kind in _LOCKED_ENTRIES for entry in _video_entries(path))
    if name == "asf":
        return any(lock in _head(path) for lock in _ASF_LOCKS)
    # FFmpeg's name for what Matroska's ContentEncryption says.
    return "enc_key_id" in {key.lower() for key in container.streams[index].metadata}


def is_dolby_vision_only(path: Path, container: InputContainer) -> bool:
    """Whether a file's pictures are in Dolby Vision that nothing else can be made of (profile 5).

    Other profiles carry pictures in HDR10, HLG or SDR, which tell of themselves.
    """
    name = container.format.name
    if name.startswith("mov,mp4"):
        return any(_is_dolby_vision_only(entry) for entry in _video_entries(path))
    if not name.startswith("matroska"):
        return False
    head = _head(path)
    for mark in _MATROSKA_RECORD:
        at = head.find(mark)
        data = head.find(_MATROSKA_RECORD_DATA, at, at + 64) if at >= 0 else -1
        if data >= 0:
            return _compatible_with(head[data + 3 :]) == 0
    return False


def _is_dolby_vision_only(entry: SampleEntry) -> bool:
    records = [entry.boxes[name] for name in _DOLBY_VISION_BOXES if name in entry.boxes]
    if records:
        return _compatible_with(records[0]) == 0
    return entry.kind in _DOLBY_VISION_ENTRIES


def _compatible_with(record: bytes) -> int | None:
    """What else the base layer can be shown as, 0: nothing; None where the record is cut off.

    dv_bl_signal_compatibility_id of the Dolby Vision configuration record.
    """
    return record[4] >> 4 if len(record) > 4 else None


def _video_entries(path: Path) -> list[SampleEntry]:
    with open(path, "rb") as file:
        try:
            return list(_entries(file, 0, path.stat().st_size))
        except (OSError, struct.error):
            return []


def _entries(file: BinaryIO, start: int, stop: int) -> Iterator[SampleEntry]:
    for kind, first, last in _boxes(file, start, stop):
        if kind in _CONTAINERS:
            yield from _entries(file, first, last)
        elif kind == b"stsd":
            for entry, low, high in _boxes(file, first + 8, last):
                if high - low <= _ENTRY_BYTES_MAX:
                    inner = _boxes(file, low + _VISUAL_ENTRY_BYTES - 8, high)
                    yield SampleEntry(entry, {name: _read(file, a, b) for name, a, b in inner})


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte of the content and the one after it, of boxes that follow each other."""
    while start + 8 <= stop:
        size, kind = struct.unpack(">I4s", _read(file, start, start + 8))
        header = 8
        if size == 1:
            (size,) = struct.unpack(">Q", _read(file, start + 8, start + 16))
            header = 16
        end = stop if size == 0 else start + size
        if (size and size < header) or end > stop:
            return
        yield kind, start + header, end
        start = end


def _read(file: BinaryIO, start: int, stop: int) -> bytes:
    file.seek(start)
    return file.read(stop - start)


def _head(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_HEADER_BYTES)
