"""What a bundle is measured on: rows of a data set, a folder per class, or faces found in one."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import UsageError
from emotion_core.faces.crop import crop_faces, whole_picture
from emotion_core.faces.quality import crop_quality
from emotion_core.files import hash_file
from emotion_core.options import AnalysisOptions
from training.data.class_folder import ClassFolder, list_class_folder
from training.data.dataset import USAGES, Dataset, load_dataset
from training.data.pictures import read_pictures
from training.errors import DatasetError
from training.evaluation.face_search import FaceSearch, search_faces

DEFAULT_SPLIT: Final = "PublicTest"


@dataclass(frozen=True, eq=False)
class Sample:
    """Labelled faces.

    Parameters
    ----------
    split : str
        Where they come from: the split, or the folder's name where it has no split folders.
    dataset : Dataset
        Holds their labels and votes, and the Training rows where those are known.
    rows : ndarray [shape=(n,), int64]
        Their rows in `dataset`.
    crops : ndarray [shape=(n, side, side), uint8, grey 0-255]
        What a network sees of them.
    quality : ndarray [shape=(n,), float32, 0-1]
        Of crops that were not found in a picture, as far as they tell.
    data_sha256 : str
        Hash of the data set, or of the folder's names and contents.
    arguments : str
        Of the command that measures them.
    notes : tuple of str
        What a reader of the figures should know.
    search : FaceSearch or None
        How they were found, where they are not whole pictures.
    """

    split: str
    dataset: Dataset
    rows: NDArray[np.int64]
    crops: NDArray[np.uint8]
    quality: NDArray[np.float32]
    data_sha256: str
    arguments: str
    notes: tuple[str, ...] = ()
    search: FaceSearch | None = None

    @property
    def has_training_rows(self) -> bool:
        """Whether it can be said which pictures also occur in Training."""
        return bool((self.dataset.usage == 0).any())


def load_sample(
    data: Path,
    split: str | None,
    side: int,
    detection: AnalysisOptions | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Sample:
    """Read what is to be measured.

    Parameters
    ----------
    data : Path
        Data set of ``emotion-training prepare``, or a folder as
        `training.data.class_folder.list_class_folder` takes it.
    split : {'PublicTest', 'PrivateTest'}, optional
        PublicTest by default; everything where a folder has no split folders.
    side : int, px
        Of the crops.
    detection : AnalysisOptions, optional
        Find the largest face of each picture of a folder and cut that, instead of taking the
        pictures whole.
    tell : callable
        Told now and then how far the search for faces is.

    Raises
    ------
    DatasetError
        If the data cannot be used, have no such rows, or hold no face that is found.
    UsageError
        If a folder without split folders is asked for a split, or a data set for detection.
    """
    if not data.is_dir():
        if detection is not None and data.is_file():
            message = "holds bare faces, in which there is nothing to detect: pass a folder"
            raise UsageError(data, f"{message} of whole pictures")
        return _rows_of_dataset(data, split or DEFAULT_SPLIT, side)
    folder = list_class_folder(data)
    if split is not None and not folder.has_splits:
        raise UsageError(data, "has no split folders and is measured whole: leave out --split")
    return _pictures_of_folder(folder, split or DEFAULT_SPLIT, side, detection, tell)


def _rows_of_dataset(data: Path, split: str, side: int) -> Sample:
    dataset = load_dataset(data)
    rows = np.flatnonzero(dataset.usage == USAGES.index(split))
    if not len(rows):
        raise DatasetError(data, f"holds no {split} rows")
    square = whole_picture(*dataset.images.shape[1:])
    notes = () if dataset.has_votes else ("Without FER+ votes all is held to the FER labels.",)
    crops = np.concatenate([crop_faces(image, square, side) for image in dataset.images[rows]])
    return Sample(
        split=split,
        dataset=dataset,
        rows=rows,
        crops=crops,
        quality=crop_quality(crops),
        data_sha256=hash_file(data),
        arguments=f"--data {shlex.quote(data.name)} --split {split}",
        notes=notes,
    )


def _pictures_of_folder(
    folder: ClassFolder,
    split: str,
    side: int,
    detection: AnalysisOptions | None,
    tell: Callable[[str], None],
) -> Sample:
    chosen = [p for p in folder.pictures if p.usage in (None, USAGES.index(split))]
    if not chosen:
        raise DatasetError(folder.path, f"holds no {split} pictures")
    name, search = folder.path.absolute().name, None
    arguments = f"--data {shlex.quote(name)}" + (f" --split {split}" if folder.has_splits else "")
    notes = ["FER labels are the names of the class folders; there are no FER+ votes."]
    if detection is None:
        dataset = read_pictures(folder.pictures, split, side)
    else:
        search, dataset = search_faces(folder, chosen, split, side, detection, tell)
        arguments += " --detect"
        notes.append(
            "Of each picture the face with the largest box is measured, found and cut as annotate "
            f"does it (from {search.min_face} px height and a score of {search.threshold:g} on). "
            "Mirror images and changes are made of the crops."
        )
    rows = np.flatnonzero(dataset.usage == USAGES.index(split))
    crops = dataset.images[rows]
    return Sample(
        split=split if folder.has_splits else name,
        dataset=dataset,
        rows=rows,
        crops=crops,
        quality=crop_quality(crops) if search is None else search.quality,
        data_sha256=folder.sha256(),
        arguments=arguments,
        notes=tuple(notes),
        search=search,
    )
