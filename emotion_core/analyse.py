"""Pass 1: pictures to faces with logits. Each picture is analysed by itself, in batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle
from emotion_core.emotions.classifier import Classifier
from emotion_core.faces.crop import crop_faces, face_squares, visible_shares
from emotion_core.faces.detector import BATCH, Detections
from emotion_core.faces.faces import Faces
from emotion_core.faces.find import FaceFinder, Picture
from emotion_core.options import AnalysisOptions

CROPS_HELD: Final = 64
BOX_TOLERANCE: Final = 0.9
"""Boxes of one face vary by a tenth: a face a little below the wanted height is kept."""

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Cut:
    """Faces of one picture, waiting for the classifier.

    Attributes
    ----------
    number : int
        Of the picture.
    detections : Detections
        Of n faces.
    quality : ndarray [shape=(n,), float32, 0-1]
        As `Faces` has it.
    crops : ndarray [shape=(n, size, size), uint8, grey 0-255]
    """

    number: int
    detections: Detections
    quality: NDArray[np.float32]
    crops: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.crops)

    def __repr__(self) -> str:
        return f"Cut({self.number}, {len(self)} faces)"


class FaceCutter:
    """Finds the wanted faces of pictures and cuts them out, as annotation does.

    Parameters
    ----------
    options : AnalysisOptions
    size : int, px
        Side of the crops.

    Raises
    ------
    BundleError
        Detector weights cannot be loaded.
    """

    def __init__(self, options: AnalysisOptions, size: int) -> None:
        self._options = options
        self._size = size
        self._finder = FaceFinder(options.min_face, options.detection_threshold)

    def cut(
        self,
        pictures: list[tuple[int, Picture]],
        pixel_aspect: float = 1.0,
        *,
        stills: bool = False,
    ) -> list[Cut]:
        """Faces of each numbered picture, all of one size; a picture without a face has no cut.

        Parameters
        ----------
        pictures : list of (int, Picture)
            At least one.
        pixel_aspect : float
            Width of a pixel over its height.
        stills : bool
            Sizes will vary from call to call.
        """
        found = self._finder.find([picture for _, picture in pictures], pixel_aspect, stills=stills)
        wanted = zip(pictures, map(self._wanted, found), strict=True)
        return [
            self._cut(number, picture, faces, pixel_aspect)
            for (number, picture), faces in wanted
            if len(faces)
        ]

    def _wanted(self, faces: Detections) -> Detections:
        faces = faces.take(faces.boxes[:, 3] >= self._options.min_face * BOX_TOLERANCE)
        if self._options.max_faces is not None:
            areas = faces.boxes[:, 2] * faces.boxes[:, 3]
            faces = faces.take(np.argsort(-areas, kind="stable")[: self._options.max_faces])
        return faces

    def _cut(self, number: int, picture: Picture, faces: Detections, pixel_aspect: float) -> Cut:
        squares = face_squares(faces.boxes, faces.landmarks, pixel_aspect)
        visible = visible_shares(squares, picture.height, picture.width, pixel_aspect)
        quality = np.minimum(1, squares[:, 2] / self._size) * visible
        crops = crop_faces(picture.luma(), squares, self._size, pixel_aspect)
        return Cut(number, faces, quality.astype(np.float32), crops)


class Analyser:
    """Detector and classifier, loaded once and used for any number of pictures.

    Parameters
    ----------
    bundle : Bundle
    options : AnalysisOptions

    Raises
    ------
    BundleError
        Detector weights or classifier cannot be loaded.
    """

    def __init__(self, bundle: Bundle, options: AnalysisOptions) -> None:
        self._cutter = FaceCutter(options, bundle.input_size)
        self._classifier = Classifier(bundle)

    def analyse(
        self, pictures: Iterable[tuple[int, Picture]], pixel_aspect: float = 1.0
    ) -> Iterator[Faces]:
        """Faces of numbered pictures of one size, block after block.

        Parameters
        ----------
        pictures : iterable of (int, Picture)
            Read as needed: no more than a batch is held at a time.
        pixel_aspect : float
            Width of a pixel over its height.
        """
        cuts: list[Cut] = []
        for batch in _batches(pictures, BATCH):
            cuts += self._cutter.cut(batch, pixel_aspect)
            if sum(map(len, cuts)) >= CROPS_HELD:
                yield self._classify(cuts)
                cuts = []
        if cuts:
            yield self._classify(cuts)

    def analyse_still(self, number: int, picture: Picture) -> Faces:
        """Faces of one picture of any size."""
        return self._classify(self._cutter.cut([(number, picture)], stills=True))

    def _classify(self, cuts: list[Cut]) -> Faces:
        if not cuts:
            return Faces.none()
        return Faces(
            frame=np.repeat([cut.number for cut in cuts], [len(cut) for cut in cuts]),
            boxes=np.concatenate([cut.detections.boxes for cut in cuts]),
            scores=np.concatenate([cut.detections.scores for cut in cuts]),
            landmarks=np.concatenate([cut.detections.landmarks for cut in cuts]),
            quality=np.concatenate([cut.quality for cut in cuts]),
            logits=self._classifier.logits(np.concatenate([cut.crops for cut in cuts])),
        )


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
