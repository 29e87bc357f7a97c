"""Pass 1: pictures to faces with logits. Each picture is analysed by itself, in batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle
from emotion_core.emotions.classifier import Classifier
from emotion_core.faces.crop import crop_faces, face_squares, visible_shares
from emotion_core.faces.detector import (
    BATCH,
    OVERLAP_MAX,
    Detections,
    FaceDetector,
    suppress_overlaps,
)
from emotion_core.faces.faces import Faces
from emotion_core.options import AnalysisOptions

DETECTABLE_FACE: Final = 16
"""Height in px at detection size from which the detector finds faces reliably."""

LARGEST_FACE: Final = 320
"""Height in px at detection size up to which it does; larger faces are sought in a smaller copy."""

CROPS_HELD: Final = 64
COARSE_SIDE: Final = 320
CANVAS_MULTIPLE: Final = 320
"""Stills of many sizes share a few canvases, because each new size compiles the network again."""


T = TypeVar("T")


class Picture(Protocol):
    """What analysis needs of a frame or a still."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    def luma(self) -> NDArray[np.uint8]: ...
    def bgr(self, width: int, height: int) -> NDArray[np.uint8]: ...


@dataclass(frozen=True)
class _Cut:
    """Detections of one picture with their crops, waiting for the classifier."""

    number: int
    detections: Detections
    quality: NDArray[np.float32]
    crops: NDArray[np.uint8]


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
        self._options = options
        self._detector = FaceDetector(options.detection_threshold)
        self._classifier = Classifier(bundle)

    def analyse(self, pictures: Iterable[tuple[int, Picture]], pixel_aspect: float = 1.0) -> Faces:
        """Faces of numbered pictures of one size.

        Parameters
        ----------
        pictures : iterable of (int, Picture)
            Read as needed: no more than a batch is held at a time.
        pixel_aspect : float
            Width of a pixel over its height.
        """
        done: list[Faces] = []
        cuts: list[_Cut] = []
        for batch in _batches(pictures, BATCH):
            found = self._detect([picture for _, picture in batch], pixel_aspect)
            cuts.extend(
                self._cut(number, picture, faces, pixel_aspect)
                for (number, picture), faces in zip(batch, found, strict=True)
                if len(faces)
            )
            if sum(len(cut.crops) for cut in cuts) >= CROPS_HELD:
                done.append(self._classify(cuts))
                cuts = []
        return Faces.concatenate([*done, self._classify(cuts)])

    def analyse_still(self, number: int, picture: Picture) -> Faces:
        """Faces of one picture of any size."""
        found = self._detect([picture], 1.0, CANVAS_MULTIPLE)[0]
        return self._classify([self._cut(number, picture, found, 1.0)] if len(found) else [])

    def _detect(
        self, pictures: list[Picture], pixel_aspect: float, multiple: int = 2
    ) -> list[Detections]:
        first = pictures[0]
        fine, *coarse = detection_scales(
            first.width * pixel_aspect, first.height, self._options.min_face
        )
        found = self._detect_at(pictures, fine, pixel_aspect, multiple)
        if coarse:
            large = self._detect_at(pictures, coarse[0], pixel_aspect, multiple)
            limit = LARGEST_FACE / fine
            found = [_merge_scales(*pair, limit) for pair in zip(found, large, strict=True)]
        return [self._wanted(faces) for faces in found]

    def _detect_at(
        self, pictures: list[Picture], scale: float, pixel_aspect: float, multiple: int
    ) -> list[Detections]:
        first = pictures[0]
        width = _even(first.width * pixel_aspect * scale)
        height = _even(first.height * scale)
        canvas = np.zeros(
            (len(pictures), height + -height % multiple, width + -width % multiple, 3), np.uint8
        )
        for target, picture in zip(canvas, pictures, strict=True):
            target[:height, :width] = picture.bgr(width, height)
        found = self._detector.detect(canvas)
        return [faces.scaled(first.width / width, first.height / height) for faces in found]

    def _wanted(self, faces: Detections) -> Detections:
        faces = faces.take(faces.boxes[:, 3] >= self._options.min_face)
        if self._options.max_faces is not None:
            areas = faces.boxes[:, 2] * faces.boxes[:, 3]
            faces = faces.take(np.argsort(-areas, kind="stable")[: self._options.max_faces])
        return faces

    def _cut(self, number: int, picture: Picture, faces: Detections, pixel_aspect: float) -> _Cut:
        size = self._classifier.input_size
        squares = face_squares(faces.boxes, faces.landmarks, pixel_aspect)
        visible = visible_shares(squares, picture.height, picture.width, pixel_aspect)
        quality = np.minimum(1, squares[:, 2] / size) * visible
        crops = crop_faces(picture.luma(), squares, size, pixel_aspect)
        return _Cut(number, faces, quality.astype(np.float32), crops)

    def _classify(self, cuts: list[_Cut]) -> Faces:
        if not cuts:
            return Faces.none()
        return Faces(
            frame=np.repeat([cut.number for cut in cuts], [len(cut.crops) for cut in cuts]),
            boxes=np.concatenate([cut.detections.boxes for cut in cuts]),
            scores=np.concatenate([cut.detections.scores for cut in cuts]),
            landmarks=np.concatenate([cut.detections.landmarks for cut in cuts]),
            quality=np.concatenate([cut.quality for cut in cuts]),
            logits=self._classifier.logits(np.concatenate([cut.crops for cut in cuts])),
        )


def detection_scales(width: float, height: float, min_face: int) -> list[float]:
    """Scales at which a picture is searched: one for small faces, one more for very large ones."""
    fine = DETECTABLE_FACE / min_face
    if min(width, height) * fine <= LARGEST_FACE * 1.5:
        return [fine]
    return [fine, COARSE_SIDE / max(width, height)]


def _merge_scales(fine: Detections, coarse: Detections, limit: float) -> Detections:
    """Small faces from the fine search, faces above `limit` px from the coarse one."""
    fine = fine.take(fine.boxes[:, 3] <= limit)
    coarse = coarse.take(coarse.boxes[:, 3] > limit * 0.8)
    both = Detections(
        np.concatenate([coarse.boxes, fine.boxes]),
        np.concatenate([coarse.scores, fine.scores]),
        np.concatenate([coarse.landmarks, fine.landmarks]),
    )
    both = both.take(np.argsort(-both.scores, kind="stable"))
    return both.take(suppress_overlaps(both.boxes, OVERLAP_MAX))


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
