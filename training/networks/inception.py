"""Inception-ResNet v1 on small grey faces, started from weights that already know faces.

Seven times as many weights as the MobileNet's and several times its time: a teacher, not a network
to annotate with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
from keras import layers

from training.networks.saved import load_weights
from training.networks.shared import normalisation, standardised, with_heads

_Steps = tuple[str, ...]
"""Convolutions one after the other, by the ends of their names, which say their kernels."""

_BLOCK35: Final[tuple[_Steps, ...]] = (
    ("1x1",),
    ("0a_1x1", "0b_3x3"),
    ("0a_1x1", "0b_3x3", "0c_3x3"),
)
_BLOCK17: Final[tuple[_Steps, ...]] = (("1x1",), ("0a_1x1", "0b_1x7", "0c_7x1"))
_BLOCK8: Final[tuple[_Steps, ...]] = (("1x1",), ("0a_1x1", "0b_1x3", "0c_3x1"))
"""Branches of a block."""

_Halving = tuple[_Steps, int, int]
"""Steps of a branch, their channels, and those of its last convolution, which halves the size."""

_MIXED_6A: Final[tuple[_Halving, ...]] = (((), 0, 384), (("0a_1x1", "0b_3x3"), 192, 256))
_MIXED_7A: Final[tuple[_Halving, ...]] = (
    (("0a_1x1",), 256, 384),
    (("0a_1x1",), 256, 256),
    (("0a_1x1", "0b_3x3"), 256, 256),
)


def inception(
    dropout: float = 0.3,
    side: int = 48,
    precision: str = "float32",
    enlargement: int = 3,
    *,
    fitting: bool = False,
) -> keras.Model:
    """Build the network with random weights (Szegedy et al. 2017, arXiv:1602.07261).

    Layers have the names that facenet (MIT) gave them, by which weights are taken over.

    Parameters
    ----------
    dropout : float, 0-1
        Share of the pooled features that is dropped while fitting.
    side : int, px
        Side of the input.
    precision : str
        Keras dtype policy of the convolutions.
    enlargement : int
        By how much pictures are enlarged inside the network, which was made for 160 px.
    fitting : bool
        Use kernels that are faster for fitting but cannot be saved.

    Returns
    -------
    keras.Model
        Inputs and outputs as those of `training.networks.residual.residual_cnn`.
    """
    build = _Builder(precision, fitting=fitting)
    picture, x = standardised(side)
    x = layers.UpSampling2D(enlargement, interpolation="bilinear", dtype="float32", name="enlarge")(
        x
    )
    x = build.convolved(x, "Conv2d_1a_3x3", 32, 2, "valid")
    x = build.convolved(x, "Conv2d_2a_3x3", 32, padding="valid")
    x = build.convolved(x, "Conv2d_2b_3x3", 64)
    x = build.largest(x, "MaxPool_3a_3x3")
    x = build.convolved(x, "Conv2d_3b_1x1", 80)
    x = build.convolved(x, "Conv2d_4a_3x3", 192, padding="valid")
    x = build.convolved(x, "Conv2d_4b_3x3", 256, 2, "valid")
    for number in range(1, 6):
        x = build.residual(x, f"Block35_{number}", _BLOCK35, 32, 0.17)
    x = build.halved(x, "Mixed_6a", _MIXED_6A)
    for number in range(1, 11):
        x = build.residual(x, f"Block17_{number}", _BLOCK17, 128, 0.1)
    x = build.halved(x, "Mixed_7a", _MIXED_7A)
    for number in range(1, 6):
        x = build.residual(x, f"Block8_{number}", _BLOCK8, 192, 0.2)
    x = build.residual(x, "Block8_6", _BLOCK8, 192, 1.0, last=True)
    x = layers.GlobalAveragePooling2D(dtype="float32", name="pool")(x)
    return keras.Model(picture, with_heads(x, dropout), name="inception")


def start_from(model: keras.Model, weights: Path) -> None:
    """Take over weights below the heads.

    Parameters
    ----------
    model : keras.Model
        Of `inception`.
    weights : Path
        ``….weights.h5`` of `training.networks.facenet_weights.convert_facenet_weights`.

    Raises
    ------
    WeightsError
        If the file is missing or holds other weights.
    """
    source = body(inception())
    load_weights(source, weights, "an Inception-ResNet v1 without heads", "inception")
    body(model).set_weights(source.get_weights())


def body(model: keras.Model) -> keras.Model:
    """What is below the heads, with the same weights."""
    return keras.Model(model.input, model.get_layer("pool").output)


@dataclass(frozen=True)
class _Builder:
    """Pieces of the network, maps of shape (n, h, w, c) in and out."""

    precision: str
    fitting: bool

    def convolved(
        self, x: Any, name: str, channels: int, strides: int = 1, padding: str = "same"
    ) -> Any:
        """Convolve, normalise, rectify; the name ends with the kernel, such as ``1x7``."""
        kernel = tuple(map(int, name[-3:].split("x")))
        x = layers.Conv2D(
            channels, kernel, strides, padding, use_bias=False, dtype=self.precision, name=name
        )(x)
        x = normalisation(f"{name}_BatchNorm", self.precision, fitting=self.fitting)(x)
        return layers.ReLU(dtype=self.precision, name=f"{name}_Activation")(x)

    def largest(self, x: Any, name: str) -> Any:
        return layers.MaxPooling2D(3, 2, dtype=self.precision, name=name)(x)

    def residual(
        self,
        x: Any,
        name: str,
        branches: Sequence[_Steps],
        channels: int,
        scale: float,
        *,
        last: bool = False,
    ) -> Any:
        """Add what branches see, scaled down; the last block of all is not rectified."""
        seen = self._joined(
            [
                self._steps(x, f"{name}_Branch_{number}", steps, channels)
                for number, steps in enumerate(branches)
            ],
            f"{name}_Concatenate",
        )
        seen = layers.Conv2D(x.shape[-1], 1, dtype=self.precision, name=f"{name}_Conv2d_1x1")(seen)
        seen = layers.Rescaling(scale, dtype=self.precision, name=f"{name}_Scale")(seen)
        x = layers.Add(dtype=self.precision, name=f"{name}_ScaleSum")([x, seen])
        if last:
            return x
        return layers.ReLU(dtype=self.precision, name=f"{name}_Activation")(x)

    def halved(self, x: Any, name: str, branches: Sequence[_Halving]) -> Any:
        """Halve the size: convolutions that skip every other place, and a maximum."""
        parts = []
        for number, (steps, width, channels) in enumerate(branches):
            branch = f"{name}_Branch_{number}"
            before = self._steps(x, branch, steps, width)
            parts.append(self.convolved(before, f"{branch}_Conv2d_1a_3x3", channels, 2, "valid"))
        parts.append(self.largest(x, f"{name}_Branch_{len(branches)}_MaxPool_1a_3x3"))
        return self._joined(parts, name)

    def _steps(self, x: Any, branch: str, steps: _Steps, channels: int) -> Any:
        for step in steps:
            x = self.convolved(x, f"{branch}_Conv2d_{step}", channels)
        return x

    def _joined(self, parts: Sequence[Any], name: str) -> Any:
        return layers.Concatenate(dtype=self.precision, name=name)(parts)
