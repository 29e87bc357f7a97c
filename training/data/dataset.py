"""The prepared data set: one compressed npz of pictures, labels and votes, without pickles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.files import reported_for, written_aside
from training.errors import DatasetError

SIDE: Final = 48
"""Side of a FER2013 picture, px."""

USAGES: Final = ("Training", "PublicTest", "PrivateTest")
"""FER2013's splits; the position is the code stored in ``usage``."""

VOTE_COLUMNS: Final = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""Columns of FER+ (Barsoum et al. 2016, arXiv:1608.01041); NF is "not a face"."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """FER2013, with the FER+ votes where they are known, in the order of its csv, or alike.

    Parameters
    ----------
    images : ndarray [shape=(n, side, side), uint8, 0-255]
        Grey pictures; in a file `side` is 48.
    emotion : ndarray [shape=(n,), uint8, 0-6]
        FER label, an index into ``emotion_core.labels.EMOTIONS``.
    usage : ndarray [shape=(n,), uint8, 0-2]
        Split, an index into `USAGES`.
    votes : ndarray [shape=(n, 10), uint8]
        FER+ votes in the order of `VOTE_COLUMNS`; all zero where there is no FER+ file.
    """

    images: NDArray[np.uint8]
    emotion: NDArray[np.uint8]
    usage: NDArray[np.uint8]
    votes: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        counts = np.bincount(self.usage, minlength=len(USAGES))
        rows = ", ".join(f"{name} {count}" for name, count in zip(USAGES, counts, strict=True))
        return f"Dataset({rows}; FER+ votes: {'yes' if self.has_votes else 'no'})"

    @property
    def has_votes(self) -> bool:
        """Whether the data set was prepared with a FER+ file."""
        return bool(self.votes.any())


def save_dataset(dataset: Dataset, path: Path) -> None:
    """Write the data set; it appears under its name only when it is whole.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with written_aside(path) as aside, reported_for(path), aside.open("wb") as file:
        np.savez_compressed(
            file,
            images=dataset.images,
            emotion=dataset.emotion,
            usage=dataset.usage,
            votes=dataset.votes,
        )


def load_dataset(path: Path) -> Dataset:
    """Read a data set that `save_dataset` wrote.

    Raises
    ------
    DatasetError
        If the file is missing, is no npz, or holds arrays of another shape, type or range.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            dataset = Dataset(arrays["images"], arrays["emotion"], arrays["usage"], arrays["votes"])
    except OSError as error:
        raise DatasetError(path, f"cannot be read: {error.strerror or error}") from error
    except Exception as error:  # zip, zlib and numpy each have their own for a damaged file
        message = "is not a data set; write one with 'emotion-training prepare'"
        raise DatasetError(path, message) from error
    _check(dataset, path)
    return dataset


def _check(dataset: Dataset, path: Path) -> None:
    n = len(dataset.images)
    shapes = {
        "images": (n, SIDE, SIDE),
        "emotion": (n,),
        "usage": (n,),
        "votes": (n, len(VOTE_COLUMNS)),
    }
    for name, shape in shapes.items():
        array = getattr(dataset, name)
        if array.shape != shape or array.dtype != np.uint8:
            found = f"{array.dtype} {array.shape}"
            raise DatasetError(path, f"'{name}' is {found}, expected uint8 {shape}")
    if n == 0:
        raise DatasetError(path, "holds no pictures")
    if dataset.emotion.max() > 6 or dataset.usage.max() >= len(USAGES):
        raise DatasetError(path, "holds a label or a usage that is out of range")
