"""Faces on disk, between the passes: block after block in one file, read the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np

from emotion_core.faces.faces import Faces
from emotion_core.files import reported_for, written_aside

_COLUMNS: Final = [field.name for field in fields(Faces)]


def write_faces(path: Path, blocks: Iterable[Faces]) -> None:
    """Write blocks of faces as they come; each is an array of records in NumPy's format.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    with written_aside(path) as partial:
        with reported_for(path):
            file = partial.open("wb")
        try:
            # Blocks come from media, whose faults are not this file's.
            for block in blocks:
                with reported_for(path):
                    np.save(file, _records(block), allow_pickle=False)
        finally:
            # What is still held back may not fit either.
            with reported_for(path):
                file.close()


def read_faces(path: Path) -> Iterator[Faces]:
    """The blocks that `write_faces` wrote."""
    with path.open("rb") as file:
        while file.peek(1):
            records = np.load(file, allow_pickle=False)
            yield Faces(*(np.ascontiguousarray(records[name]) for name in _COLUMNS))


def _records(block: Faces) -> np.ndarray:
    columns = [getattr(block, name) for name in _COLUMNS]
    layout = [(name, c.dtype, c.shape[1:]) for name, c in zip(_COLUMNS, columns, strict=True)]
    records = np.empty(len(block), np.dtype(layout))
    for name, column in zip(_COLUMNS, columns, strict=True):
        records[name] = column
    return records
