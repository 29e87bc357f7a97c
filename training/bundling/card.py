"""The model card: what a bundle's model is, was made from, can do and must not be used for."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from emotion_core.bundle import CARD_FORMAT
from emotion_core.faces.crop import CROP_NAME
from emotion_core.files import hash_file
from emotion_core.labels import EMOTIONS
from training.bundling.ancestors import ANCESTORS, fits_behind, with_ancestors
from training.data.outputs import OUTPUT_LABELS
from training.data.source import FER2013
from training.networks import face_weights, facenet_weights

BUNDLE_FILES: Final = ("model.xml", "model.bin", "model.keras")

CARD_FILE: Final = "card.json"

UNCALIBRATED: Final[Mapping[str, Any]] = MappingProxyType(
    {"temperature": 1.0, "abstention_threshold": 0.0}
)
"""Of a card that is only there so that the network can be run."""

FER2013_LICENCE: Final = (
    "The weights are distributed under the licence of this project. They were fitted on "
    "FER2013, whose pictures were collected by web search for a challenge in 2013 and carry no "
    "licence (research use); the pictures are not part of the bundle. The FER+ labels are under "
    "the MIT licence (Microsoft). "
)

OTHER_LICENCE: Final = (
    "The weights were fitted on {data}. Under which terms those pictures and labels may be used is "
    "not known here; they are not part of the bundle. "
)

INTENDED_USE: Final = (
    "Research and media analysis: the apparent facial expression of a face in a picture or a "
    "video, as people would name it who see nothing but the picture. The output is no "
    "determination of what a person feels, intends or is. People who are exposed to such a "
    "system must be informed (Regulation (EU) 2024/1689, Art. 50(3))."
)

PROHIBITED_USE: Final = (
    "Inferring the emotions of people at work or in education (prohibited in the European Union "
    "by Regulation (EU) 2024/1689, Art. 5(1)(f), save for medical and safety reasons); "
    "decisions about a person; identification; surveillance."
)

FER2013_LIMITS: Final = (
    "FER labels are noisy: they agree with the FER+ majority in about 63 % of the rows. Disgust "
    "and fear are rare among the training rows and are recognised least. The training pictures "
    "are mostly posed or staged, frontal, and found by search words; neither age, gender nor "
    "skin colour was recorded, so nothing can be said about differences in accuracy between "
    "groups of people. Contempt is not among the seven emotions. The figures hold for upright, "
    "frontal faces framed like FER2013's; faces with less than about 24 px of detail, in visible "
    "noise, or with eyes or mouth covered are classified worse (docs/model.md), and so, it must "
    "be expected, are those turned to the side. "
)

OTHER_LIMITS: Final = (
    "What the training pictures show, who labelled them and how well labels agree is not known "
    "here, nor how accuracy differs between groups of people. Emotions that are rare among the "
    "training rows are recognised least. The figures hold for faces like those of the training "
    "rows; faces that are smaller, softer, noisier, partly covered or turned to the side are, it "
    "must be expected, classified worse. "
)

LIMITS: Final = "A picture says little about a moment, and nothing about its cause."


def build_card(
    folder: Path,
    *,
    name: str,
    bundle_version: str,
    size: int,
    found: Mapping[str, Any],
    training: Mapping[str, Any],
    parity: Mapping[str, Any],
) -> dict[str, Any]:
    """Describe the bundle in `folder`, whose model files are already written.

    Parameters
    ----------
    folder : Path
        Holds the files of `BUNDLE_FILES`.
    name, bundle_version : str
    size : int
        Side of the input, px.
    found : mapping
        Calibration and figures, as `training.bundling.held_back` gives them.
    training, parity : mapping
        JSON values, taken over as they are.

    Returns
    -------
    dict
        The content of ``card.json``.
    """
    known = str(training["data"]).startswith(FER2013)
    licence = FER2013_LICENCE if known else OTHER_LICENCE.format(data=training["data"])
    return {
        "format": CARD_FORMAT,
        "name": name,
        "version": bundle_version,
        "created": datetime.now(UTC).date().isoformat(),
        "files": {file: hash_file(folder / file) for file in BUNDLE_FILES},
        "labels": list(EMOTIONS),
        "input": {"size": size, "channels": 1, "range": [0, 255], "crop": CROP_NAME},
        "outputs": {output: list(labels) for output, labels in OUTPUT_LABELS.items()},
        "precision": "f32",
        **found,
        "training": with_ancestors(training),
        "parity": dict(parity),
        "licence": licence + terms_of(training),
        "intended_use": INTENDED_USE,
        "prohibited_use": PROHIBITED_USE,
        "limits": (FER2013_LIMITS if known else OTHER_LIMITS) + LIMITS,
    }


_TERMS: Final[dict[str, str]] = {
    weights.SHA256: weights.TERMS for weights in (face_weights, facenet_weights)
}
_NONE: Final = "No pretrained weights were used."


def terms_of(training: Mapping[str, Any]) -> str:
    """What the terms of the weights are that fits, or those before them, started from."""
    training = with_ancestors(training)
    known = training.get(ANCESTORS, {})
    fits = fits_behind(training)
    found = {_terms_of_start(fit["initial_weights"], known) for fit in fits}
    found |= {terms_of(fit["answers"]) for fit in fits if "answers" in fit}
    found.discard(_NONE)
    return " ".join(sorted(found - {""})) or _NONE


def _terms_of_start(initial_weights: Mapping[str, Any] | str, known: Mapping[str, Any]) -> str:
    """Terms of what a fit began with, unless it is random or among the models `known`."""
    if isinstance(initial_weights, str) or initial_weights["sha256"] in known:
        return ""
    unknown = f"The terms of the initial weights ({initial_weights['name']}) are not known here."
    return _TERMS.get(initial_weights["sha256"], unknown)


def software_versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide what a fit gives."""
    packages = ("keras", "tensorflow", "jax", "numpy", "opencv-python-headless", "openvino", "nncf")
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
