"""Write a network as a bundle: convert, calibrate, check against Keras, describe."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.emotions.calibrate import softmax
from emotion_core.emotions.classifier import Classifier
from emotion_core.errors import OutputError
from training.bundling.card import CARD_FILE, UNCALIBRATED, build_card
from training.bundling.held_back import calibrate_and_score
from training.bundling.inference_form import keras_outputs, with_shipped_outputs, write_openvino
from training.data.dataset import SIDE, Dataset
from training.data.outputs import OUTPUT_LABELS, SHIPPED
from training.data.split import Split
from training.errors import RunError
from training.files import write_json

if TYPE_CHECKING:
    import keras

DIFFERENCE_ALLOWED: Final = {"int8": 0.05, "f16": 0.005}
"""Between the probabilities of Keras and of each inference form: the mean over faces of the largest
difference."""

FACES_FOR_RANGES: Final = 512
"""From which the 8-bit form takes the ranges of its activations."""


@dataclass(frozen=True)
class ExportConfig:
    """Settings of an export."""

    name: str | None = None
    """None: that of the architectures and the side of their input."""
    version: str | None = None
    """None: that of the bundle it is made from, or 1."""
    target_error: float = 0.1
    """Largest error wanted among the predictions that are not marked uncertain."""
    form: str = "int8"
    """Of the inference form: 8-bit convolutions, or ``f16``: weights in half precision."""
    note: str = ""
    """Remark on the fit for the card, such as where it departed from its configuration."""


def write_bundle(
    network: keras.Model,
    training: dict[str, Any],
    dataset: Dataset,
    split: Split,
    output: Path,
    config: ExportConfig,
) -> Bundle:
    """Write a bundle; it appears under its name only when it is whole and checked.

    Parameters
    ----------
    network : keras.Model
        With the heads that were fitted.
    training : dict
        What the card says of it.
    dataset : Dataset
    split : Split
        Of the fit; only rows held back are looked at for calibration.
    output : Path
    config : ExportConfig
        With a name.

    Raises
    ------
    RunError
        If the inference form differs from Keras by more than `DIFFERENCE_ALLOWED`.
    OutputError
        If `output` cannot be written.
    """
    if config.note:
        training = {**training, "note": config.note}
    aside = _folder_beside(output)
    try:
        network.save(aside / "model.keras", include_optimizer=False)
        shipped = with_shipped_outputs(network)
        write_openvino(shipped, aside / "model.xml", _faces_for_ranges(config, dataset, split))
        _describe(aside, config, training)
        classifier = Classifier(load_bundle(aside))
        outputs = classifier.predict(dataset.images[split.held_back])
        reference = keras_outputs(shipped, dataset.images[split.held_back])
        parity = _parity(outputs, reference, config.form, output)
        found = calibrate_and_score(classifier, dataset, split.held_back, config.target_error)
        _describe(aside, config, training, found, parity)
        _replace(aside, output)
    except OSError as error:
        raise OutputError(output, f"cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return load_bundle(output)


def _faces_for_ranges(
    config: ExportConfig, dataset: Dataset, split: Split
) -> NDArray[np.uint8] | None:
    if config.form != "int8":
        return None
    rng = np.random.default_rng(0)
    rows = rng.choice(split.fit, min(FACES_FOR_RANGES, len(split.fit)), replace=False)
    return np.asarray(dataset.images[rows])


def _describe(
    folder: Path,
    config: ExportConfig,
    training: dict[str, Any],
    found: Mapping[str, Any] = UNCALIBRATED,
    parity: Mapping[str, Any] | None = None,
) -> None:
    card = build_card(
        folder,
        name=config.name or "",
        bundle_version=config.version or "1",
        size=SIDE,
        found=found,
        training=training,
        parity=parity or {},
    )
    write_json(folder / CARD_FILE, card)


def _parity(
    outputs: dict[str, NDArray[np.float32]],
    reference: dict[str, NDArray[np.float32]],
    form: str,
    output: Path,
) -> dict[str, Any]:
    """Compare probabilities of the inference form with those of Keras."""
    found = {name: softmax(outputs[name], 1.0) for name in OUTPUT_LABELS}
    wanted = {name: softmax(reference[name], 1.0) for name in OUTPUT_LABELS}
    rows = {n: np.abs(found[n] - wanted[n]).max(axis=1) for n in OUTPUT_LABELS}
    mean = max(float(differences.mean()) for differences in rows.values())
    allowed = DIFFERENCE_ALLOWED[form]
    # Written so that a NaN is refused, too.
    if not mean <= allowed:
        message = f"probabilities of the {form} form differ from Keras's by {mean:.3g} in the mean"
        advice = "; choose --form f16" if form == "int8" else ""
        raise RunError(output, f"{message}, more than {allowed}{advice}")
    labels = found[SHIPPED].argmax(axis=1), wanted[SHIPPED].argmax(axis=1)
    return {
        "form": form,
        "largest_difference_of_probabilities": round(max(map(np.max, rows.values())).item(), 6),
        "mean_difference_of_probabilities": round(mean, 6),
        "labels_changed": int((labels[0] != labels[1]).sum()),
        "rows": len(labels[0]),
        "mean_allowed": allowed,
        "between": "Keras float32 and the OpenVINO form of this bundle, rows held back",
    }


def refuse_foreign(output: Path) -> None:
    """Raise an `OutputError` where something else than a bundle would be replaced."""
    if output.is_dir() and any(output.iterdir()) and not (output / "card.json").is_file():
        raise OutputError(output, "is not empty and holds no bundle; choose another folder")
    if output.exists() and not output.is_dir():
        raise OutputError(output, "is a file; a bundle is a folder")


def _folder_beside(output: Path) -> Path:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=output.parent))
    except OSError as error:
        raise OutputError(output, f"cannot be written: {error.strerror or error}") from error


def _replace(aside: Path, output: Path) -> None:
    aside.chmod(0o755)  # mkdtemp makes folders that only their owner can read
    if output.exists():
        old = _folder_beside(output)
        output.rename(old / "old")
        aside.rename(output)
        shutil.rmtree(old, ignore_errors=True)
    else:
        aside.rename(output)
