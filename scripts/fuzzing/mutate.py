"""Ways in which files break, and in which someone might break them on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

Mutation = Callable[[bytes, Random], bytes]

_EXTREMES: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000)
_HEADER_BYTES: Final = 1024
_SPLICED: Final = 0.1


def flip_bits(data: bytes, chance: Random) -> bytes:
    """A few bits anywhere."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 10, 50))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def flip_header(data: bytes, chance: Random) -> bytes:
    """A few bits of the first or last thousand bytes, where most formats keep their tables."""
    changed = bytearray(data)
    room = min(len(changed), _HEADER_BYTES)
    start = chance.choice((0, len(changed) - room))
    for _ in range(chance.choice((1, 2, 5))):
        changed[start + chance.randrange(room)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def write_extreme(data: bytes, chance: Random) -> bytes:
    """A number of 2, 4 or 8 bytes becomes very small or very large: lengths, counts, sizes."""
    changed = bytearray(data)
    size = chance.choice((2, 4, 8))
    at = chance.randrange(max(1, len(changed) - size))
    if chance.random() < 0.5:
        at %= _HEADER_BYTES
    value = chance.choice((*_EXTREMES, (1 << 8 * size) - 1, 1 << (8 * size - 1)))
    value &= (1 << 8 * size) - 1
    changed[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))
    return bytes(changed)


def truncate(data: bytes, chance: Random) -> bytes:
    """The first part."""
    return data[: chance.randrange(len(data) + 1)]


def cut_out(data: bytes, chance: Random) -> bytes:
    """Without a piece."""
    start, stop = _piece(data, chance)
    return data[:start] + data[stop:]


def repeat(data: bytes, chance: Random) -> bytes:
    """With a piece twice."""
    start, stop = _piece(data, chance)
    return data[:stop] + data[start:]


def blank(data: bytes, chance: Random) -> bytes:
    """With zeros in place of a piece, as after a failed copy."""
    start, stop = _piece(data, chance)
    return data[:start] + bytes(stop - start) + data[stop:]


def splice(data: bytes, other: bytes, chance: Random) -> bytes:
    """The first part of one file and the last of another."""
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


MUTATIONS: Final[Sequence[Mutation]] = (
    flip_bits, flip_header, flip_header, write_extreme, write_extreme, truncate, cut_out, repeat,
    blank,
)  # fmt: skip
"""Those named twice are taken twice as often."""


def mutate(data: bytes, other: bytes, chance: Random) -> bytes:
    """A file after one to three mutations.

    Parameters
    ----------
    data : bytes
        At least one.
    other : bytes
        Another file, to be spliced with.
    chance : Random
    """
    for _ in range(chance.choice((1, 1, 2, 3))):
        if data and chance.random() < _SPLICED:
            data = splice(data, other, chance)
        elif data:
            data = chance.choice(MUTATIONS)(data, chance)
    return data


def _piece(data: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randrange(len(data))
    return start, min(len(data), start + 1 + chance.randrange(1 + len(data) // 4))
