"""Read labelled pictures of any size and kind as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import MediaError
from emotion_core.faces.crop import crop_faces, whole_picture
from emotion_core.media.still import Still, read_still
from training.data.class_folder import LabelledPicture, list_class_folder
from training.data.dataset import SIDE, USAGES, VOTE_COLUMNS, Dataset
from training.errors import DatasetError


def read_class_folder(path: Path, usage: str | None = None) -> Dataset:
    """Read a folder per class as a data set without votes.

    Parameters
    ----------
    path : Path
        As `list_class_folder` takes it.
    usage : str, optional
        Of `USAGES`, where there are no split folders; Training by default.

    Raises
    ------
    DatasetError
        With the file or folder that cannot be used, or if both split folders and `usage` say
        which split the pictures are.
    """
    folder = list_class_folder(path)
    if folder.has_splits and usage is not None:
        raise DatasetError(path, "has split folders, which decide: leave out --usage")
    return read_pictures(folder.pictures, usage or "Training")


def read_pictures(pictures: Sequence[LabelledPicture], usage: str, side: int = SIDE) -> Dataset:
    """Read pictures whole, each as a grey square.

    Parameters
    ----------
    pictures : sequence of LabelledPicture
        Of any size; one that is no square is filled up by repeating its border.
    usage : str
        Split, of `USAGES`, of those without one.
    side : int, px
        Of the squares.

    Raises
    ------
    DatasetError
        With the file that cannot be read.
    """
    images = np.empty((len(pictures), side, side), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        luma = read_picture(picture.path).luma()
        image[:] = crop_faces(luma, whole_picture(*luma.shape), side)[0]
    return labelled(images, pictures, usage)


def labelled(images: NDArray[np.uint8], pictures: Sequence[LabelledPicture], usage: str) -> Dataset:
    """Images of shape (n, side, side) with the labels of `pictures`, as a data set."""
    code = USAGES.index(usage)
    return Dataset(
        images=images,
        emotion=np.array([picture.emotion for picture in pictures], np.uint8),
        usage=np.array([code if p.usage is None else p.usage for p in pictures], np.uint8),
        votes=np.zeros((len(pictures), len(VOTE_COLUMNS)), np.uint8),
    )


def read_picture(path: Path) -> Still:
    """Read one picture of a data set, upright.

    Raises
    ------
    DatasetError
        If it cannot be read, or only a part of it can.
    """
    try:
        still = read_still(path)
    except MediaError as error:
        raise DatasetError(path, error.message) from error
    if still.damaged:
        raise DatasetError(path, "ends before the picture does: copy it again or leave it out")
    return still
