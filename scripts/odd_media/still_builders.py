"""Builders of pictures that only the corpus needs; the others are in `tests.stills`."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from tests import clips, stills
from tests.clips.draw import draw_frame

Builder = Callable[[Path], object]

WIDTH, HEIGHT = 160, 200
_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def face() -> stills.Rgb:
    """An upright portrait with a light edge at the left."""
    rgb = draw_frame(0, HEIGHT, HEIGHT)[:, -WIDTH:].copy()
    rgb[:, :16] = 255
    return rgb


def of_face(write: stills.Builder) -> Builder:
    """A builder of `tests.stills`, given the portrait."""
    return lambda path: write(path, face())


def cut(write: stills.Builder, share: float) -> Builder:
    """The first part of such a picture."""

    def make(path: Path) -> None:
        write(path, face())
        clips.truncate(path, share)

    return make


def noise(path: Path) -> None:
    """A JPEG whose second half is noise."""
    stills.in_mode("RGB", quality=95)(path, face())
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half:] = np.random.default_rng(0).integers(0, 255, len(data) - half, np.uint8).tobytes()
    path.write_bytes(data)


def one_pixel(path: Path) -> None:
    """1 × 1 pixels."""
    Image.new("RGB", (1, 1), "grey").save(path)


def png_bomb(path: Path, side: int = 20_000) -> None:
    """A PNG of some 50 kB that unpacks to `side` × `side` pixels."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    path.write_bytes(_PNG_SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def gif_bomb(path: Path) -> None:
    """A GIF of some hundred bytes whose canvas is 65535 × 65535."""
    Image.new("1", (16, 16)).save(path)
    data = bytearray(path.read_bytes())
    data[6:10] = b"\xff" * 4
    path.write_bytes(data)


def text_bomb(path: Path) -> None:
    """A PNG with a comment that unpacks to 200 MB."""
    one_pixel(path)
    data = path.read_bytes()
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    comment = _chunk(b"zTXt", b"Comment\0\0" + packed)
    start = data.index(b"IDAT") - 4
    path.write_bytes(data[:start] + comment + data[start:])
