"""Read FER2013 and FER+ from the csv files that Kaggle and Microsoft publish."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS
from training.data.dataset import SIDE, USAGES, VOTE_COLUMNS, Dataset
from training.data.targets import is_usable, majority, same_labels
from training.errors import DatasetError

PIXELS = SIDE * SIDE

_FEW_ROWS: Final = 100
_LEAST_AGREEMENT: Final = 0.4
"""FER labels and FER+ majorities agree in 63 % of the rows, and in 18 % in another order."""


def read_fer(path: Path, ferplus: Path | None = None) -> Dataset:
    """Read ``fer2013.csv`` or ``icml_face_data.csv``, and FER+'s ``fer2013new.csv``.

    Parameters
    ----------
    path : Path
        csv with the columns ``emotion``, ``pixels`` and ``Usage`` in any order; blanks around the
        names and values are ignored.
    ferplus : Path or None
        csv with the ten vote columns, aligned with `path` row by row. (Image names cannot align
        them: FER+ leaves the name empty where the picture is not a face.)

    Raises
    ------
    DatasetError
        With the file and the number of the line that cannot be used.
    """
    images, emotion, usage = [], [], []
    for line, row in _rows(path, ("emotion", "pixels", "Usage")):
        emotion.append(_number(path, line, "emotion", row["emotion"], len(EMOTIONS) - 1))
        usage.append(_usage(path, line, row["Usage"]))
        images.append(_pixels(path, line, row["pixels"]))
    if not images:
        raise DatasetError(path, "holds no rows")
    if ferplus is None:
        votes = np.zeros((len(images), len(VOTE_COLUMNS)), np.uint8)
    else:
        votes = _read_votes(ferplus, path, usage)
        _check_order(ferplus, path, votes, np.array(emotion, np.uint8))
    return Dataset(np.stack(images), np.array(emotion, np.uint8), np.array(usage, np.uint8), votes)


def _read_votes(path: Path, fer: Path, usage: list[int]) -> NDArray[np.uint8]:
    votes: list[list[int]] = []
    for line, row in _rows(path, ("Usage", *VOTE_COLUMNS)):
        code = _usage(path, line, row["Usage"])
        if len(votes) < len(usage) and code != usage[len(votes)]:
            expected = USAGES[usage[len(votes)]]
            message = f"line {line}: Usage is {USAGES[code]}, but {expected} in {fer.name}"
            raise DatasetError(path, f"{message}; the two files must have the same row order")
        votes.append([_number(path, line, name, row[name], 255) for name in VOTE_COLUMNS])
    if len(votes) != len(usage):
        message = f"has {len(votes)} rows, but {fer.name} has {len(usage)}; FER+ is matched by row"
        raise DatasetError(path, message)
    return np.array(votes, np.uint8)


def _check_order(
    path: Path, fer: Path, votes: NDArray[np.uint8], emotion: NDArray[np.uint8]
) -> None:
    usable = is_usable(votes)
    if np.count_nonzero(usable) < _FEW_ROWS:
        return
    share = same_labels(emotion[usable], majority(votes[usable])).mean()
    if share < _LEAST_AGREEMENT:
        message = f"its majority equals the label in {fer.name} in {share:.0%} of the rows"
        raise DatasetError(
            path, f"{message} (63% as published); the two files must have the same row order"
        )


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number (the header is line 1) and values of each row."""
    try:
        # utf-8-sig: spreadsheets put a byte-order mark in front of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            names = [name.strip() for name in next(reader, [])]
            missing = [name for name in columns if name not in names]
            if missing:
                # Without its header, a file begins with thousands of pixels.
                found = shorten(", ".join(names), 100, placeholder=" …") or "nothing"
                message = f"line 1 should name the columns: no column {', '.join(missing)}"
                raise DatasetError(path, f"{message} (found: {found})")
            for values in reader:
                line = reader.line_num
                if len(values) != len(names):
                    message = f"line {line}: {len(values)} values for {len(names)} columns"
                    raise DatasetError(path, message)
                yield line, dict(zip(names, (value.strip() for value in values), strict=True))
    except OSError as error:
        raise DatasetError(path, f"cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(path, f"is not a csv file: {error}") from error


def _number(path: Path, line: int, name: str, text: str, largest: int) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > largest:
        raise DatasetError(path, f"line {line}: {name} is {text[:20]!r}, expected 0-{largest}")
    return int(text)


def _usage(path: Path, line: int, text: str) -> int:
    if text not in USAGES:
        expected = ", ".join(USAGES)
        raise DatasetError(path, f"line {line}: Usage is {text[:20]!r}, expected {expected}")
    return USAGES.index(text)


def _pixels(path: Path, line: int, text: str) -> NDArray[np.uint8]:
    values = text.split()
    if len(values) != PIXELS:
        raise DatasetError(path, f"line {line}: {len(values)} pixels, expected {PIXELS}")
    try:
        pixels = np.array(values, np.int64)
    except (ValueError, OverflowError) as error:
        raise DatasetError(path, f"line {line}: a pixel is not a whole number") from error
    if pixels.min() < 0 or pixels.max() > 255:
        raise DatasetError(path, f"line {line}: a pixel is outside 0-255")
    return pixels.astype(np.uint8).reshape(SIDE, SIDE)
