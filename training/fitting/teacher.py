"""Fitted networks whose answers another one learns beside the labels.

Distillation (Hinton et al. 2015, arXiv:1503.02531): labels are noisy; the answers of several
networks together are less so, and they say of each picture how like the other emotions it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import load_bundle
from emotion_core.files import hash_file
from training.config import FitConfig
from training.data.outputs import FER_OUTPUT, FERPLUS_OUTPUT
from training.errors import WeightsError
from training.fitting.answers import answers_of
from training.fitting.claim import identity
from training.fitting.run_folder import BEST, CONFIG, load_best, load_record
from training.networks.keras_form import load_keras_form
from training.networks.shared import FER_HEAD, FERPLUS_HEAD

if TYPE_CHECKING:
    import keras


class Teacher:
    """Fitted networks, which run where the one that learns from them is fitted.

    Parameters
    ----------
    networks : sequence of keras.Model
        The mean of their probabilities is learned.
    share : float, 0-1
        Of their answers in the targets; the rest are the labels.
    """

    def __init__(self, networks: Sequence[keras.Model], share: float) -> None:
        self._networks = networks
        self._share = np.float32(share)
        # Batches are made by several threads, and Keras lets one at a time use a network.
        self._turns = Lock()

    def blend(
        self,
        images: NDArray[Any],
        labels: NDArray[np.float32],
        distribution: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Targets between the labels and what the teacher sees in the pictures.

        Parameters
        ----------
        images : ndarray [shape=(n, side, side), uint8 or float32, grey 0-255]
            As the network that learns will see them.
        labels : ndarray [shape=(n, 7), float32, 0-1]
        distribution : ndarray [shape=(n, 8), float32, 0-1]

        Returns
        -------
        labels, distribution : ndarray, float32
        """
        with self._turns:
            answers = [answers_of(network, images) for network in self._networks]
        blended = []
        for head, target in ((FER_HEAD, labels), (FERPLUS_HEAD, distribution)):
            answer = np.mean([given[head] for given in answers], axis=0)
            blended.append(target * (1 - self._share) + answer * self._share)
        return blended[0], blended[1]


def load_teacher(
    folders: Sequence[Path], data: Path, config: FitConfig
) -> tuple[Teacher, list[dict[str, Any]]]:
    """The networks of bundles and of fits, and what is known of each for the record of a fit.

    Parameters
    ----------
    folders : sequence of Path
        Each a bundle or the folder of a fit, whose best weights so far are taken.
    data : Path
        The data set of the fit.
    config : FitConfig

    Raises
    ------
    BundleError
        If a bundle cannot be read or has no Keras form.
    RunError
        If the folder of a fit cannot be read.
    WeightsError
        If one has learned from rows that the fit holds back, or may have.
    """
    loaded = [
        _of_run(folder, config) if (folder / CONFIG).is_file() else _of_bundle(folder, config)
        for folder in folders
    ]
    data_sha256 = hash_file(data)
    for folder, (_, known) in zip(folders, loaded, strict=True):
        _refuse_if_it_knows_too_much(folder, known["training"], data, data_sha256, config)
    return Teacher([network for network, _ in loaded], config.teacher_share), [
        known for _, known in loaded
    ]


def _of_bundle(folder: Path, config: FitConfig) -> tuple[keras.Model, dict[str, Any]]:
    from training.networks.fitting_form import fitting_form

    bundle = load_bundle(folder)
    if {FER_OUTPUT, FERPLUS_OUTPUT} - bundle.card["outputs"].keys():
        raise WeightsError(folder, "does not have both heads: it cannot be a teacher")
    network = fitting_form(load_keras_form(bundle), config.precision)
    training = bundle.card.get("training", {})
    return network, {"name": bundle.name, "sha256": bundle.sha256, "training": training}


def _of_run(folder: Path, config: FitConfig) -> tuple[keras.Model, dict[str, Any]]:
    from training.networks.architectures import build

    record = load_record(folder)
    network = build(record.config, fitting=True, precision=config.precision)
    fitted = {
        "initial_weights": dict(record.initial_weights or {}) or "none (random)",
        "config": asdict(record.config),
        "epoch_of_these_weights": load_best(folder, network),
    }
    training = {
        "data_sha256": record.data["sha256"],
        "held_back_share": record.config.held_back_share,
        "networks": [fitted | record.others],
    }
    return network, identity(folder / BEST) | {"name": folder.name, "training": training}


def _refuse_if_it_knows_too_much(
    folder: Path, training: Mapping[str, Any], data: Path, data_sha256: str, config: FitConfig
) -> None:
    if training.get("data_sha256") != data_sha256:
        raise WeightsError(folder, f"was fitted on other data than {data}: it cannot be a teacher")
    if training.get("held_back_share") != config.held_back_share:
        message = "has learned from rows that this fit holds back: use its held_back_share"
        raise WeightsError(folder, message)
    if config.folds:
        for fitted in training["networks"]:
            settings = fitted["config"]
            if (settings.get("folds"), settings.get("fold")) != (config.folds, config.fold):
                message = f"has learned from fold {config.fold} of {config.folds}"
                raise WeightsError(folder, f"{message}, which this fit leaves out")
