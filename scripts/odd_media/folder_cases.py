"""Odd names, and what is in a folder but is no file."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Final

from scripts.odd_media.case import Case, Fails, Skipped, Still, Video, steady
from scripts.odd_media.still_builders import HEIGHT, WIDTH, face
from tests import clips, stills

_FRAMES: Final = 3
_VIDEO: Final = Video(steady(_FRAMES))
_STILL: Final = Still((WIDTH, HEIGHT))
_NAMES: Final = {
    "spaces": b"a  name with spaces ",
    "quotes": b'it\'s "quoted" `so` $HOME;&|',
    "a line break and a tab": b"line\nbreak\ttab",
    "bytes that are not UTF-8": b"caf\xe9 \xff",
    "a dash at the start": b"--output",
    "what patterns are made of": b"[a-z]*?{b}",
    "what FFmpeg takes for an address": b"http:%2f%2fx,y|concat:a",
    "what formats numbers": b"img%03d %s",
    "right-to-left marks and an emoji": "\u202egpj\u200f \U0001f600".encode(),
}


def _clip(path: Path) -> None:
    plain = path.with_name("temporary.mp4")
    clips.make_h264(plain, frames=_FRAMES)
    plain.rename(path)


def _picture(path: Path) -> None:
    plain = path.with_name("temporary.jpg")
    stills.in_mode("RGB", quality=95)(plain, face())
    plain.rename(path)


def _long(byte: bytes, suffix: bytes) -> str:
    return os.fsdecode(byte * (255 - len(suffix)) + suffix)


def _socket(path: Path) -> None:
    # A socket's path may be 108 bytes long at most.
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.fchdir(before)
        os.close(before)


def _deleted(path: Path) -> None:
    path.parent.mkdir()
    clips.make_h264(path, frames=_FRAMES)


NAMES: Final = (
    *(Case(os.fsdecode(name + b".mp4"), what, _clip, _VIDEO) for what, name in _NAMES.items()),
    *(Case(os.fsdecode(name + b".jpg"), what, _picture, _STILL) for what, name in _NAMES.items()),
    Case(_long(b"x", b".mp4"), "255 bytes", _clip, _VIDEO),
    Case(_long(b"x", b".jpg"), "255 bytes", _picture, _STILL),
    Case(_long(b"\xe9", b".mp4"), "255 bytes that are not UTF-8", _clip, _VIDEO),
    Case(_long(b"\xe9", b".jpg"), "255 bytes that are not UTF-8", _picture, _STILL),
)

SPECIAL: Final = (
    Case("itself.mp4", "a link to itself", lambda path: path.symlink_to(path), Fails("link")),
    Case(
        "nowhere.jpg", "a link to nothing", lambda path: path.symlink_to("gone.jpg"), Fails("link")
    ),
    Case("above", "a link to the folder itself", lambda path: path.symlink_to("."), Skipped()),
    Case("pipe.mp4", "a named pipe", os.mkfifo, Skipped()),
    Case("pipe.jpg", "a named pipe", os.mkfifo, Skipped()),
    Case("socket.mp4", "a socket", _socket, Skipped()),
    Case(
        "zero.mp4",
        "a link to a device that never ends",
        lambda path: path.symlink_to("/dev/zero"),
        Skipped(),
    ),
    Case(".hidden.mp4", "a hidden file", clips.make_text_file, Skipped()),
    Case("clips.zip", "an archive", lambda path: path.write_bytes(b"PK\x05\x06"), Skipped()),
    Case("picture.jxl", "JPEG XL", lambda path: path.write_bytes(b"\xff\x0a"), Skipped()),
    Case("$RECYCLE.BIN/deleted.mp4", "what was deleted on a drive", _deleted, Skipped()),
    Case("@eaDir/preview.mp4", "a network drive's own", _deleted, Skipped()),
    Case("notes.txt", "text that says that it is text", clips.make_text_file, Skipped()),
)
