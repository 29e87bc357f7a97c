"""Stills of a folder in chunks that stay as they are when other stills come and go."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from typing import Final

CHUNK_MIN: Final = 32
CHUNK_MAX: Final = 128
"""Cut until no chunk is larger, which makes them 77 on average."""

CHUNK_PREFIX: Final = "stills-"
_SHOWN_CHARACTERS: Final = 40


def cut_into_chunks(names: Sequence[str]) -> list[slice]:
    """Neighbouring names in chunks of `CHUNK_MIN` to `CHUNK_MAX`; of fewer names, a single one.

    More names than fit are cut before the one whose hash is smallest, not nearer to an end than
    `CHUNK_MIN`, and so are both parts. Where the cuts lie thus depends on the names around them
    alone: one name more or less changes the chunk that it belongs to, seldom one beside it.

    Parameters
    ----------
    names : sequence of str
        Sorted.
    """
    hashes = [_hash(name) for name in names]
    return list(_cut(hashes, 0, len(names)))


def chunk_file_name(names: Sequence[str]) -> str:
    """The file name of the timeline of a chunk: its first name, to be read, and a hash of all.

    No two chunks share one, and no file system tells two of them apart by case alone. A chunk with
    one name more gets another, so that no run writes over rows that it does not replace.
    """
    shown = re.sub(r"[^\w.-]", "_", names[0])[:_SHOWN_CHARACTERS]
    # A file name holds no slash.
    return f"{CHUNK_PREFIX}{shown}-{_hash('/'.join(names)).hex()[:12]}.parquet"


def _cut(hashes: Sequence[bytes], first: int, stop: int) -> Iterator[slice]:
    if stop - first <= CHUNK_MAX:
        yield slice(first, stop)
        return
    cut = min(range(first + CHUNK_MIN, stop - CHUNK_MIN + 1), key=hashes.__getitem__)
    yield from _cut(hashes, first, cut)
    yield from _cut(hashes, cut, stop)


def _hash(name: str) -> bytes:
    return hashlib.sha256(os.fsencode(name)).digest()
