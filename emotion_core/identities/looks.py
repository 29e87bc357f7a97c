"""What each track, or face of a still, looks like: the mean of its embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.detector import Detections
from emotion_core.faces.faces import EMBEDDING_LENGTH, Faces

QUALITY_MIN: Final = 0.5
SCORE_MIN: Final = 0.8
TURNED_MAX: Final = 0.3
"""How far the nose may be from the middle between the eyes, in distances of the eyes."""

EMBEDDING_SCALE: Final = 127.0


@dataclass(frozen=True, repr=False)
class Looks:
    """Tracks of a video, or faces of a still, that are seen well enough to tell whose they are.

    Attributes
    ----------
    number : ndarray [shape=(n,), int64]
        Of the track; of a still's face, its row in the timeline of that still.
    first, last : ndarray [shape=(n,), int64]
        Frames from and to which it is seen.
    embedding : ndarray [shape=(n, length), float32]
        Unit vectors.
    """

    number: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    embedding: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.number)

    def __repr__(self) -> str:
        return f"Looks({len(self)})"


def recognisable(faces: Detections, quality: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which faces are large, sure and frontal enough: shape (n,).

    Faces that are covered or turned away look more like each other than like themselves.
    """
    points = faces.landmarks.astype(np.float64)
    right, left, nose = points[:, 0], points[:, 1], points[:, 2]
    axis = left - right
    length = np.maximum(np.hypot(axis[:, 0], axis[:, 1]), 1e-6)
    turned = np.abs(((nose - (right + left) / 2) * axis).sum(axis=1)) / length**2
    return np.asarray(
        (quality >= QUALITY_MIN) & (faces.scores >= SCORE_MIN) & (turned <= TURNED_MAX)
    )


def in_bytes(embeddings: NDArray[np.float32]) -> NDArray[np.int8]:
    """Unit vectors in steps of 1/127, whose sums do not depend on their order."""
    return np.asarray(np.rint(embeddings * EMBEDDING_SCALE), np.int8)


def looks_of_still(faces: Faces) -> Looks:
    """Those of a still's faces that have an embedding, numbered from the left."""
    looks = LooksOverTime()
    order = np.argsort(faces.boxes[:, 0], kind="stable")
    looks.add(np.arange(len(faces), dtype=np.int32), faces.frame, faces.embedding[order])
    return looks.finish()


class LooksOverTime:
    """Sums up the embeddings of each track as its faces come."""

    def __init__(self) -> None:
        self._sums: dict[int, NDArray[np.int64]] = {}
        self._frames: dict[int, tuple[int, int]] = {}

    def add(
        self, track: NDArray[np.int32], frame: NDArray[np.int64], embedding: NDArray[np.int8]
    ) -> None:
        """Take in faces, of frames that do not fall; an embedding of zeros is none."""
        for number in np.unique(track):
            rows, key = track == number, int(number)
            first, _ = self._frames.get(key, (int(frame[rows].min()), 0))
            self._frames[key] = first, int(frame[rows].max())
            total = embedding[rows].sum(axis=0, dtype=np.int64)
            self._sums[key] = self._sums.get(key, 0) + total

    def finish(self) -> Looks:
        """Those that had an embedding."""
        numbers = sorted(number for number, total in self._sums.items() if total.any())
        frames = [self._frames[number] for number in numbers]
        units = np.zeros((len(numbers), EMBEDDING_LENGTH))
        if numbers:
            sums = np.array([self._sums[number] for number in numbers], np.float64)
            units = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return Looks(
            np.array(numbers, np.int64),
            np.array([first for first, _ in frames], np.int64),
            np.array([last for _, last in frames], np.int64),
            np.asarray(units, np.float32),
        )
