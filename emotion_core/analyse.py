"""Pass 1: pictures to faces with logits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle
from emotion_core.emotions.classifier import Classifier
from emotion_core.faces.appearance import describe
from emotion_core.faces.between import Sample, search_sparsely
from emotion_core.faces.crop import crop_faces, face_squares
from emotion_core.faces.detector import Detections
from emotion_core.faces.faces import EMBEDDING_LENGTH, Faces
from emotion_core.faces.find import FaceFinder, Picture
from emotion_core.faces.quality import face_quality
from emotion_core.identities.identifier_folder import load_identifier
from emotion_core.identities.looks import in_bytes, recognisable
from emotion_core.identities.network import Identifier
from emotion_core.options import AnalysisOptions

CROPS_HELD: Final = 64
BOX_TOLERANCE: Final = 0.9
"""Boxes of one face vary by a tenth: a face a little below the wanted height is kept."""


@dataclass(frozen=True, repr=False)
class Cut:
    """Faces of one picture, waiting for the classifier.

    Attributes
    ----------
    number : int
        Of the picture.
    detections : Detections
        Of n faces.
    crops : ndarray [shape=(n, size, size), uint8, grey 0-255]
    squares : ndarray [shape=(n, 4), float64]
        As `face_squares` gives them.
    shape : tuple of int, px
        Height and width of the picture.
    pixel_aspect : float
        Width of its pixels over their height.
    identify : bool
        Whether embeddings are wanted, where these are asked for at all.
    """

    number: int
    detections: Detections
    crops: NDArray[np.uint8]
    squares: NDArray[np.float64]
    shape: tuple[int, int]
    pixel_aspect: float
    identify: bool = True

    @property
    def quality(self) -> NDArray[np.float32]:
        """Of each face, as `Faces` has it."""
        return quality_of([self])

    def __len__(self) -> int:
        return len(self.crops)

    def __repr__(self) -> str:
        return f"Cut({self.number}, {len(self)} faces)"


def quality_of(cuts: Sequence[Cut]) -> NDArray[np.float32]:
    """Quality of the faces of pictures of one size, at least one: together they take less time."""
    return face_quality(
        np.concatenate([cut.crops for cut in cuts]),
        np.concatenate([cut.squares for cut in cuts]),
        np.concatenate([cut.detections.landmarks for cut in cuts]),
        cuts[0].shape,
        cuts[0].pixel_aspect,
    )


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

    def cut_still(self, number: int, picture: Picture) -> Cut:
        """Faces of a picture of any size; there may be none."""
        return self.cut(number, picture, self.find(picture, still=True))

    def find(
        self, picture: Picture, pixel_aspect: float = 1.0, *, still: bool = False
    ) -> Detections:
        """Wanted faces of a picture.

        Parameters
        ----------
        picture : Picture
        pixel_aspect : float
            Width of a pixel over its height.
        still : bool
            The next picture will have another size.
        """
        faces = self._finder.find(picture, pixel_aspect, still=still)
        return wanted_faces(faces, self._options)

    def cut(
        self, number: int, picture: Picture, faces: Detections, pixel_aspect: float = 1.0
    ) -> Cut:
        """Cut known faces out of a picture."""
        squares = face_squares(faces.boxes, faces.landmarks, pixel_aspect)
        crops = crop_faces(picture.grey(), squares, self._size, pixel_aspect)
        shape = picture.height, picture.width
        return Cut(number, faces, crops, squares, shape, pixel_aspect)


def wanted_faces(faces: Detections, options: AnalysisOptions) -> Detections:
    """Those that get rows, of all faces of a picture."""
    wanted = faces.scores >= options.detection_threshold
    faces = faces.take(wanted & (faces.boxes[:, 3] >= options.min_face * BOX_TOLERANCE))
    if options.max_faces is not None:
        areas = faces.boxes[:, 2] * faces.boxes[:, 3]
        faces = faces.take(np.argsort(-areas, kind="stable")[: options.max_faces])
    return faces


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
        self._classifier = Classifier(bundle, mirror=options.mirror)
        self._identifier = (
            None if options.identities is None else Identifier(load_identifier(options.identities))
        )

    def analyse(
        self, samples: Iterable[Sample], frames: range, pixel_aspect: float = 1.0
    ) -> Iterator[Faces]:
        """Faces of frames of one size, block after block.

        Parameters
        ----------
        samples : iterable of Sample
            Read as needed; the first and the last are searched in any case.
        frames : range
            Numbers of the frames whose faces are wanted; other samples only help to find them.
        pixel_aspect : float
            Width of a pixel over its height.
        """

        def find(picture: Picture) -> Detections:
            return self._cutter.find(picture, pixel_aspect)

        cuts: list[Cut] = []
        for sample, faces in search_sparsely(samples, find):
            if sample.number not in frames or not len(faces):
                continue
            cut = self._cutter.cut(sample.number, sample.picture, faces, pixel_aspect)
            # What is interpolated says little more of who it is.
            cuts.append(replace(cut, identify=sample.searched))
            if sum(map(len, cuts)) >= CROPS_HELD:
                yield self._classify(cuts)
                cuts = []
        if cuts:
            yield self._classify(cuts)

    def analyse_still(self, number: int, picture: Picture) -> Faces:
        """Faces of one picture of any size."""
        cut = self._cutter.cut_still(number, picture)
        return self._classify([cut]) if len(cut) else Faces.none()

    def _classify(self, cuts: list[Cut]) -> Faces:
        """Faces of pictures of one size."""
        crops, quality = np.concatenate([cut.crops for cut in cuts]), quality_of(cuts)
        counts = [len(cut) for cut in cuts]
        found = Detections(
            np.concatenate([cut.detections.boxes for cut in cuts]),
            np.concatenate([cut.detections.scores for cut in cuts]),
            np.concatenate([cut.detections.landmarks for cut in cuts]),
        )
        wanted = np.repeat([cut.identify for cut in cuts], counts) & recognisable(found, quality)
        return Faces(
            frame=np.repeat([cut.number for cut in cuts], counts),
            boxes=found.boxes,
            scores=found.scores,
            landmarks=found.landmarks,
            quality=quality,
            appearance=describe(crops),
            logits=self._classifier.logits(crops),
            embedding=self._embeddings(crops, wanted),
        )

    def _embeddings(self, crops: NDArray[np.uint8], wanted: NDArray[np.bool_]) -> NDArray[np.int8]:
        found = np.zeros((len(crops), EMBEDDING_LENGTH), np.int8)
        if self._identifier is not None and wanted.any():
            found[wanted] = in_bytes(self._identifier.embed(crops[wanted]))
        return found
