"""Find the face of each whole picture as annotation does, and keep account of those missed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.analyse import FaceCutter
from emotion_core.faces.detector import WEIGHTS_SHA256
from emotion_core.labels import EMOTIONS
from emotion_core.options import AnalysisOptions
from training.data.class_folder import ClassFolder, LabelledPicture
from training.data.dataset import Dataset
from training.data.pictures import labelled, read_picture
from training.errors import DatasetError
from training.evaluation.metrics import Scores, wilson_interval

TELL_S: Final = 5.0
"""From word to word on how far the search is."""


@dataclass(frozen=True)
class ClassCount:
    """Pictures of one class: all, those without a face, those with more than one."""

    pictures: int
    missed: int
    several: int


@dataclass(frozen=True, eq=False)
class FaceSearch:
    """In which pictures a face was found.

    Parameters
    ----------
    min_face : int, px
        Height of the smallest wanted face.
    threshold : float, 0-1
        Smallest score of the detector.
    names : tuple of str
        Paths of the n pictures below their folder.
    emotion : ndarray [shape=(n,), uint8, 0-6]
        Their classes.
    faces : ndarray [shape=(n,), int64]
        How many faces each holds; the largest box was taken.
    quality : ndarray [shape=(m,), float32, 0-1]
        Of the faces taken.
    """

    min_face: int
    threshold: float
    names: tuple[str, ...]
    emotion: NDArray[np.uint8]
    faces: NDArray[np.int64]
    quality: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def missed_names(self) -> list[str]:
        """The pictures in which no face was found."""
        return [name for name, faces in zip(self.names, self.faces, strict=True) if not faces]

    @property
    def overall(self) -> ClassCount:
        """Over all classes."""
        return ClassCount(len(self), int((self.faces == 0).sum()), int((self.faces > 1).sum()))

    def by_class(self) -> dict[str, ClassCount]:
        """Of each class that has pictures."""
        found = {}
        for code, name in enumerate(EMOTIONS):
            faces = self.faces[self.emotion == code]
            if len(faces):
                found[name] = ClassCount(
                    len(faces), int((faces == 0).sum()), int((faces > 1).sum())
                )
        return found

    def accuracy_over_all(self, scores: Scores) -> tuple[float, tuple[float, float]]:
        """Accuracy, 0-1, and 95 % interval if a missed face counts as wrong.

        Parameters
        ----------
        scores : Scores
            Of the faces that were found.
        """
        right = int(np.trace(scores.confusion))
        return right / len(self), wilson_interval(right, len(self))

    def to_dict(self, scores: dict[str, Scores]) -> dict[str, Any]:
        """Return everything as JSON values, with the accuracy over all pictures of `scores`."""
        over_all = {}
        for name, each in scores.items():
            accuracy, interval = self.accuracy_over_all(each)
            over_all[name] = {
                "pictures": len(self),
                "accuracy": round(accuracy, 4),
                "accuracy_interval_95": [round(bound, 4) for bound in interval],
            }
        figures: dict[str, Any] = {
            "detector_sha256": WEIGHTS_SHA256,
            "min_face_px": self.min_face,
            "detection_threshold": self.threshold,
            **_counts(self.overall),
            "per_class": {name: _counts(count) for name, count in self.by_class().items()},
            "missed_files": self.missed_names,
        }
        return figures | ({"missed_counted_as_wrong": over_all} if over_all else {})


def _counts(count: ClassCount) -> dict[str, int]:
    return {
        "pictures": count.pictures,
        "without_a_face": count.missed,
        "with_several_faces": count.several,
    }


def search_faces(
    folder: ClassFolder,
    pictures: Sequence[LabelledPicture],
    usage: str,
    side: int,
    options: AnalysisOptions,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[FaceSearch, Dataset]:
    """Cut the largest face of each picture.

    Parameters
    ----------
    folder : ClassFolder
    pictures : sequence of LabelledPicture
        Of this folder.
    usage : str
        Split of pictures that lie in no split folder.
    side : int, px
        Of the crops.
    options : AnalysisOptions
        Which faces are found.
    tell : callable
        Told now and then how far it is.

    Returns
    -------
    search : FaceSearch
    faces : Dataset
        Crop and label of each picture in which a face was found.

    Raises
    ------
    DatasetError
        If a file cannot be read, or no picture holds a face.
    """
    cutter = FaceCutter(options, side)
    counts = np.zeros(len(pictures), np.int64)
    crops: list[NDArray[np.uint8]] = []
    qualities: list[np.float32] = []
    told_s = time.monotonic()
    for number, picture in enumerate(pictures):
        if time.monotonic() - told_s > TELL_S:
            told_s = time.monotonic()
            tell(f"finding faces, {number:,} of {len(pictures):,} pictures")
        cut = cutter.cut_still(number, read_picture(picture.path))
        counts[number] = len(cut)
        if len(cut):
            largest = int((cut.detections.boxes[:, 2] * cut.detections.boxes[:, 3]).argmax())
            crops.append(cut.crops[largest])
            qualities.append(cut.quality[largest])
    if not crops:
        message = f"no face was found in any of {len(pictures)} pictures"
        raise DatasetError(folder.path, f"{message}: crops of faces are measured without --detect")
    found = [picture for picture, count in zip(pictures, counts, strict=True) if count]
    search = FaceSearch(
        min_face=options.min_face,
        threshold=options.detection_threshold,
        names=tuple(folder.name_of(picture) for picture in pictures),
        emotion=np.array([picture.emotion for picture in pictures], np.uint8),
        faces=counts,
        quality=np.array(qualities, np.float32),
    )
    return search, labelled(np.stack(crops), found, usage)
