"""Faces that were found and classified, as columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.appearance import LENGTH
from emotion_core.labels import EMOTIONS

EMBEDDING_LENGTH: Final = 256


@dataclass(frozen=True, repr=False)
class Faces:
    """Faces of one picture or of many, with what the classifier says of each.

    Attributes
    ----------
    frame : ndarray [shape=(n,), int64]
        Number of the picture.
    boxes : ndarray [shape=(n, 4), float32, px]
        x, y, width, height in the upright picture.
    scores : ndarray [shape=(n,), float32, 0-1]
    landmarks : ndarray [shape=(n, 5, 2), float32, px]
    quality : ndarray [shape=(n,), float32, 0-1]
        As `emotion_core.faces.quality` measures it.
    appearance : ndarray [shape=(n, LENGTH), int8]
        As `emotion_core.faces.appearance` describes them.
    logits : ndarray [shape=(n, 7), float32]
    embedding : ndarray [shape=(n, EMBEDDING_LENGTH), int8]
        Who it is, as `emotion_core.identities` tells people apart; zeros where that is not asked
        for, or cannot be told.
    """

    frame: NDArray[np.int64]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    quality: NDArray[np.float32]
    appearance: NDArray[np.int8]
    logits: NDArray[np.float32]
    embedding: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"Faces({len(self)})"

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Faces:
        """Some of the faces, in the order of `rows`."""
        return Faces(*(column[rows] for column in self._columns()))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    @classmethod
    def concatenate(cls, parts: Iterable[Faces]) -> Faces:
        """All faces of `parts`, in their order."""
        columns = [part._columns() for part in parts]
        if not columns:
            return cls.none()
        return cls(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    @classmethod
    def none(cls) -> Faces:
        """No face."""
        f32 = np.float32
        return cls(
            np.empty(0, np.int64), np.empty((0, 4), f32), np.empty(0, f32),
            np.empty((0, 5, 2), f32), np.empty(0, f32), np.empty((0, LENGTH), np.int8),
            np.empty((0, len(EMOTIONS)), f32), np.empty((0, EMBEDDING_LENGTH), np.int8),
        )  # fmt: skip
