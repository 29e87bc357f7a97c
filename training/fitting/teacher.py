"""A fitted model whose answers another one learns beside the labels.

Distillation (Hinton et al. 2015, arXiv:1503.02531): labels are noisy; the answers of several
networks together are less so, and they say of each picture how like the other emotions it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import load_bundle
from emotion_core.files import hash_file
from training.config import FitConfig
from training.data.outputs import FER_OUTPUT, FERPLUS_OUTPUT
from training.errors import WeightsError
from training.fitting.answers import answers_of
from training.networks.keras_form import load_keras_form
from training.networks.shared import FER_HEAD, FERPLUS_HEAD

if TYPE_CHECKING:
    import keras


class Teacher:
    """A fitted network, which runs where the one that learns from it is fitted.

    Parameters
    ----------
    network : keras.Model
        Of a bundle.
    share : float, 0-1
        Of its answers in the targets; the rest are the labels.
    """

    def __init__(self, network: keras.Model, share: float) -> None:
        self._network = network
        self._share = np.float32(share)

    def blend(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.float32],
        distribution: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Targets between the labels and what the teacher sees in the pictures.

        Parameters
        ----------
        images : ndarray [shape=(n, side, side), uint8, grey 0-255]
            As the network that learns will see them.
        labels : ndarray [shape=(n, 7), float32, 0-1]
        distribution : ndarray [shape=(n, 8), float32, 0-1]

        Returns
        -------
        labels, distribution : ndarray, float32
        """
        answers = answers_of(self._network, images)
        share = self._share
        return (
            labels * (1 - share) + answers[FER_HEAD] * share,
            distribution * (1 - share) + answers[FERPLUS_HEAD] * share,
        )


def load_teacher(folder: Path, data: Path, config: FitConfig) -> tuple[Teacher, dict[str, Any]]:
    """The model of a bundle, and what is known of it for the record of a fit.

    Parameters
    ----------
    folder : Path
        The bundle.
    data : Path
        The data set of the fit.
    config : FitConfig

    Raises
    ------
    BundleError
        If it cannot be read or has no Keras form.
    WeightsError
        If it has learned from rows that the fit holds back, or may have.
    """
    bundle = load_bundle(folder)
    training = bundle.card.get("training", {})
    if training.get("data_sha256") != hash_file(data):
        raise WeightsError(folder, f"was fitted on other data than {data}: it cannot be a teacher")
    if training.get("held_back_share") != config.held_back_share:
        message = "has learned from rows that this fit holds back: use its held_back_share"
        raise WeightsError(folder, message)
    if {FER_OUTPUT, FERPLUS_OUTPUT} - bundle.card["outputs"].keys():
        raise WeightsError(folder, "does not have both heads: it cannot be a teacher")
    known = {"name": bundle.name, "sha256": bundle.sha256, "training": training}
    return Teacher(load_keras_form(bundle), config.teacher_share), known
