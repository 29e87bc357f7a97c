"""Gather faces from pictures, timelines and held-back rows, and explain what a bundle sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_core.analyse import FaceCutter
from emotion_core.bundle import Bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.emotions.classifier import Classifier
from emotion_core.errors import BundleError, MediaError
from emotion_core.faces.crop import crop_faces, whole_picture
from emotion_core.faces.quality import crop_quality
from emotion_core.labels import EMOTIONS
from emotion_core.media.still import read_still
from emotion_core.options import AnalysisOptions
from training.data.dataset import SIDE, Dataset
from training.data.split import split_training
from training.evaluation.comparisons import majority_emotion, majority_rows


@dataclass(frozen=True, eq=False)
class Face:
    """A face to explain.

    Parameters
    ----------
    title : str
        Where it comes from.
    crop : ndarray [shape=(side, side), uint8, grey 0-255]
        What the network sees.
    quality : float, 0-1
        As a timeline has it.
    truth : int or None
        Index into ``EMOTIONS`` of what it is taken for, where that is known.
    notes : tuple of str
        What else the reader should know.
    group : str
        Heading that it stands under.
    """

    title: str
    crop: NDArray[np.uint8]
    quality: float
    truth: int | None = None
    notes: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a bundle says of a face, and why.

    Parameters
    ----------
    face : Face
    probabilities : ndarray [shape=(7,), float32, 0-1]
        As annotation gives them of this crop alone: calibrated, not smoothed.
    maps : dict of int to ndarray [shape=(side, side), float32, 0-1]
        Grad-CAM by class: of the one explained and, where they differ, of the true one.
    """

    face: Face
    probabilities: NDArray[np.float32]
    maps: dict[int, NDArray[np.float32]]

    @property
    def predicted(self) -> int:
        """Index into ``EMOTIONS`` of the largest probability."""
        return int(self.probabilities.argmax())


def faces_of_pictures(paths: Sequence[Path], bundle: Bundle) -> list[Face]:
    """Every face of some pictures, from the left, as annotation finds and cuts them.

    A picture of exactly the network's input size is taken for a face crop, and used as it is.

    Raises
    ------
    MediaError
        If a picture cannot be read or holds no face.
    """
    cutter: FaceCutter | None = None
    faces: list[Face] = []
    for path in paths:
        still = read_still(path)
        if still.width == still.height == bundle.input_size:
            crop = still.luma()
            quality = float(crop_quality(crop[None])[0])
            faces.append(Face(path.name, crop, quality, notes=("The whole picture.",)))
            continue
        cutter = cutter or FaceCutter(AnalysisOptions(), bundle.input_size)
        cut = cutter.cut_still(0, still)
        if not len(cut):
            size = f"{still.width} x {still.height} px"
            message = f"no face was found ({size}; a crop of {bundle.input_size} px needs none)"
            raise MediaError(path, message)
        order = np.argsort(cut.detections.boxes[:, 0], kind="stable")
        faces += [
            Face(
                f"{path.name}, face {number}" if len(order) > 1 else path.name,
                cut.crops[row],
                float(cut.quality[row]),
            )
            for number, row in enumerate(order, 1)
        ]
    return faces


def faces_of_cases(dataset: Dataset, bundle: Bundle, count: int) -> list[Face]:
    """The rows of each class on which a bundle is most confidently right, and wrong.

    Only rows held back from the bundle's fit are looked at, so that what is shown was neither
    learned nor is part of a test. The FER+ majority is taken for true. What is held back hangs on
    the hash of the pixels and a share that the card names, so that another csv of the same
    pictures serves as well.

    Parameters
    ----------
    dataset : Dataset
    bundle : Bundle
    count : int
        Rows of each kind for each class; there may be fewer.

    Raises
    ------
    BundleError
        If the card does not say what was held back.
    """
    try:
        share = float(bundle.card["training"]["held_back_share"])
    except (KeyError, TypeError, ValueError) as error:
        message = "does not say what share of the rows was held back: export the bundle again"
        raise BundleError(bundle.path / "card.json", message) from error
    rows = majority_rows(dataset, split_training(dataset, share).held_back)
    truth = majority_emotion(dataset, rows)
    crops = _whole_crops(dataset.images[rows], bundle.input_size)
    quality = crop_quality(crops)
    logits = Classifier(bundle).logits(crops)
    probabilities = Calibration.of(bundle).probabilities(logits, quality)
    label = "FER+ majority" if dataset.has_votes else "FER label"
    faces = []
    for kind, position in choose_cases(probabilities, truth, count):
        emotion = EMOTIONS[truth[position]]
        faces.append(
            Face(
                title=f"row {rows[position]}",
                crop=crops[position],
                quality=float(quality[position]),
                truth=int(truth[position]),
                group=f"{emotion} ({label}): most confidently {kind}",
            )
        )
    return faces


def choose_cases(
    probabilities: NDArray[np.float32], truth: NDArray[np.int64], count: int
) -> list[tuple[str, int]]:
    """For each true class up to `count` positions called "right", then as many "wrong".

    Parameters
    ----------
    probabilities : ndarray [shape=(n, 7), float32, 0-1]
    truth : ndarray [shape=(n,), int64, 0-6]
    count : int

    Returns
    -------
    list of (str, int)
        By class; within a kind the most confident first.
    """
    right = probabilities.argmax(axis=1) == truth
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    chosen: list[tuple[str, int]] = []
    for emotion in range(len(EMOTIONS)):
        for kind, wanted in (("right", right), ("wrong", ~right)):
            positions = order[(wanted & (truth == emotion))[order]][:count]
            chosen += [(kind, int(position)) for position in positions]
    return chosen


def explain_faces(
    faces: Sequence[Face], bundle: Bundle, emotion: int | None = None
) -> list[Explanation]:
    """Explain what a bundle says of some faces.

    Parameters
    ----------
    faces : sequence of Face
    bundle : Bundle
        With ``model.keras``.
    emotion : int, optional
        Index into ``EMOTIONS`` of the class to explain; by default that with the largest
        probability.

    Raises
    ------
    BundleError
        If the bundle has no usable Keras form.
    """
    from training.explanation.grad_cam import heat_maps, load_network

    network = load_network(bundle)
    crops = np.stack([face.crop for face in faces])
    quality = np.array([face.quality for face in faces], np.float32)
    logits = Classifier(bundle).logits(crops)
    probabilities = Calibration.of(bundle).probabilities(logits, quality)
    explained = probabilities.argmax(axis=1).astype(np.int64)
    if emotion is not None:
        explained[:] = emotion
    truths = [
        int(own) if face.truth is None else face.truth
        for face, own in zip(faces, explained, strict=True)
    ]
    own_maps = heat_maps(network, crops, explained)
    true_maps = heat_maps(network, crops, np.array(truths, np.int64))
    return [
        # Where both classes are one, the maps are, too.
        Explanation(
            face, probabilities[i], {truths[i]: true_maps[i], int(explained[i]): own_maps[i]}
        )
        for i, face in enumerate(faces)
    ]


def _whole_crops(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    if not len(images):
        return np.empty((0, size, size), np.uint8)
    square = whole_picture(SIDE, SIDE)
    return np.concatenate([crop_faces(image, square, size) for image in images])
