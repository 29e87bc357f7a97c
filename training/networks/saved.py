"""Networks and weights in files; those that `fit` and `export` saved are read without trust.

A ``.keras`` file says in JSON which classes to build, and Keras's safe mode has let through, in
one version or another, classes and functions that run code or read other files. So what a file
asks for is compared with what our networks are made of before Keras sees it.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from emotion_core.files import reported_for, written_aside
from training.errors import WeightsError

if TYPE_CHECKING:
    import keras

MEMBERS: Final = ("metadata.json", "config.json", "model.weights.h5")
CLASSES: Final = frozenset(
    {
        "Functional", "InputLayer", "Conv2D", "DepthwiseConv2D", "Dense", "BatchNormalization",
        "LayerNormalization", "ReLU", "Activation", "Add", "Concatenate", "Dropout", "Flatten",
        "MaxPooling2D", "GlobalAveragePooling2D", "UpSampling2D", "Rescaling", "ZeroPadding2D",
        "Zeros", "Ones", "GlorotUniform", "HeNormal", "L2", "DTypePolicy", "__keras_tensor__",
    }
)  # fmt: skip
"""What our networks are made of; each only computes."""

BYTES_MAX: Final = 2_000_000_000
"""Of all members, unpacked."""


def save_weights(model: keras.Model, output: Path) -> None:
    """Write the weights alone, as ``….weights.h5``, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with written_aside(output) as aside, reported_for(output):
        # Keras insists on the ending.
        named = aside.with_name(f"{aside.name}.weights.h5")
        model.save_weights(named)
        named.replace(aside)


def load_weights(model: keras.Model, weights: Path, content: str, architecture: str) -> None:
    """Read what `save_weights` wrote of the same network.

    Parameters
    ----------
    model : keras.Model
    weights : Path
    content, architecture : str
        What the file should hold, and for which architecture ``initial-weights`` makes it: for
        the message.

    Raises
    ------
    WeightsError
        If the file is missing or holds other weights.
    """
    try:
        with warnings.catch_warnings():
            # Keras only warns of some layers that a file has nothing for.
            warnings.simplefilter("error")
            model.load_weights(weights)
    except Exception as error:  # h5py and Keras have many, over pages, for a file that does not fit
        command = f"emotion-training initial-weights --architecture {architecture}"
        message = f"does not hold the weights of {content}: make them with '{command}'"
        raise WeightsError(weights, message) from error


def load_saved(path: Path) -> keras.Model:
    """Read a network, without its optimizer.

    Raises
    ------
    WeightsError
        It is no file of Keras, or holds anything that our networks are not made of.
    """
    _check_config(path, _read_config(path))
    import keras

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # zip, h5py and Keras have many for a file that is no such model
        raise WeightsError(path, f"is no network of 'fit' ({error}): export it again") from error


def _read_config(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            strange = sorted({member.filename for member in members} - set(MEMBERS))
            if strange:
                raise WeightsError(path, f"holds {strange[0]!r}, which no network of 'fit' does")
            if sum(member.file_size for member in members) > BYTES_MAX:
                raise WeightsError(path, f"unpacks to over {BYTES_MAX:,} bytes")
            return json.loads(archive.read("config.json"))
    except (OSError, ValueError, KeyError, RecursionError, zipfile.BadZipFile) as error:
        raise WeightsError(path, f"is no network of 'fit' ({error}): export it again") from error


def _check_config(path: Path, config: Any) -> None:
    for part in _objects(config):
        name, module = part["class_name"], part.get("module")
        ours = module is None or str(module).partition(".")[0] == "keras"
        if name not in CLASSES or not ours or part.get("registered_name") not in (None, name):
            raise WeightsError(
                path, f"asks for {module}.{name}, which no network of 'fit' has: it is not loaded"
            )


def _objects(config: Any) -> Iterator[dict[str, Any]]:
    """Every part of a configuration that names a class."""
    waiting = [config]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "class_name" in part:
                yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
