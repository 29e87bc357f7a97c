"""Inception-ResNet v1 on small grey faces, started from weights that already know faces.

Seven times as many weights as the MobileNet's and several times its time: a teacher, not a network
to annotate with.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
from keras import layers

from training.errors import WeightsError
from training.networks.shared import normalisation, standardised, with_heads

_Step = tuple[str, int, tuple[int, int]]
"""Name, channels and kernel of a convolution that keeps the size."""

_BLOCK35: Final[tuple[tuple[_Step, ...], ...]] = (
    (("Conv2d_1x1", 32, (1, 1)),),
    (("Conv2d_0a_1x1", 32, (1, 1)), ("Conv2d_0b_3x3", 32, (3, 3))),
    (("Conv2d_0a_1x1", 32, (1, 1)), ("Conv2d_0b_3x3", 32, (3, 3)), ("Conv2d_0c_3x3", 32, (3, 3))),
)
_BLOCK17: Final[tuple[tuple[_Step, ...], ...]] = (
    (("Conv2d_1x1", 128, (1, 1)),),
    (
        ("Conv2d_0a_1x1", 128, (1, 1)),
        ("Conv2d_0b_1x7", 128, (1, 7)),
        ("Conv2d_0c_7x1", 128, (7, 1)),
    ),
)
_BLOCK8: Final[tuple[tuple[_Step, ...], ...]] = (
    (("Conv2d_1x1", 192, (1, 1)),),
    (
        ("Conv2d_0a_1x1", 192, (1, 1)),
        ("Conv2d_0b_1x3", 192, (1, 3)),
        ("Conv2d_0c_3x1", 192, (3, 1)),
    ),
)
_MIXED_6A: Final[tuple[tuple[tuple[_Step, ...], int], ...]] = (
    ((), 384),
    ((("Conv2d_0a_1x1", 192, (1, 1)), ("Conv2d_0b_3x3", 192, (3, 3))), 256),
)
_MIXED_7A: Final[tuple[tuple[tuple[_Step, ...], int], ...]] = (
    ((("Conv2d_0a_1x1", 256, (1, 1)),), 384),
    ((("Conv2d_0a_1x1", 256, (1, 1)),), 256),
    ((("Conv2d_0a_1x1", 256, (1, 1)), ("Conv2d_0b_3x3", 256, (3, 3))), 256),
)
"""Of branches that halve the size: the steps before, and the channels of the last one."""


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
    x = build.convolved(x, "Conv2d_1a_3x3", 32, (3, 3), 2, "valid")
    x = build.convolved(x, "Conv2d_2a_3x3", 32, (3, 3), padding="valid")
    x = build.convolved(x, "Conv2d_2b_3x3", 64, (3, 3))
    x = build.largest(x, "MaxPool_3a_3x3")
    x = build.convolved(x, "Conv2d_3b_1x1", 80, (1, 1))
    x = build.convolved(x, "Conv2d_4a_3x3", 192, (3, 3), padding="valid")
    x = build.convolved(x, "Conv2d_4b_3x3", 256, (3, 3), 2, "valid")
    for number in range(1, 6):
        x = build.residual(x, f"Block35_{number}", _BLOCK35, 0.17)
    x = build.halved(x, "Mixed_6a", _MIXED_6A)
    for number in range(1, 11):
        x = build.residual(x, f"Block17_{number}", _BLOCK17, 0.1)
    x = build.halved(x, "Mixed_7a", _MIXED_7A)
    for number in range(1, 6):
        x = build.residual(x, f"Block8_{number}", _BLOCK8, 0.2)
    x = build.residual(x, "Block8_6", _BLOCK8, 1.0, last=True)
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
    try:
        with warnings.catch_warnings():
            # Keras only warns of some layers that a file has nothing for.
            warnings.simplefilter("error")
            source.load_weights(weights)
    except Exception as error:  # h5py and Keras have many for a file that does not fit
        raise WeightsError(
            weights,
            "does not hold the weights of an Inception-ResNet v1 without heads: make them with "
            "'emotion-training initial-weights --architecture inception'",
        ) from error
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
        self,
        x: Any,
        name: str,
        channels: int,
        kernel: tuple[int, int],
        strides: int = 1,
        padding: str = "same",
    ) -> Any:
        x = layers.Conv2D(
            channels, kernel, strides, padding, use_bias=False, dtype=self.precision, name=name
        )(x)
        x = normalisation(f"{name}_BatchNorm", self.precision, fitting=self.fitting)(x)
        return layers.ReLU(dtype=self.precision, name=f"{name}_Activation")(x)

    def largest(self, x: Any, name: str) -> Any:
        return layers.MaxPooling2D(3, 2, dtype=self.precision, name=name)(x)

    def joined(self, parts: Sequence[Any], name: str) -> Any:
        return layers.Concatenate(dtype=self.precision, name=name)(parts)

    def steps(self, x: Any, name: str, steps: Sequence[_Step]) -> Any:
        for step, channels, kernel in steps:
            x = self.convolved(x, f"{name}_{step}", channels, kernel)
        return x

    def residual(
        self,
        x: Any,
        name: str,
        branches: Sequence[Sequence[_Step]],
        scale: float,
        *,
        last: bool = False,
    ) -> Any:
        """Add what branches see, scaled down; the last block of all has no activation."""
        parts = [
            self.steps(x, f"{name}_Branch_{number}", steps) for number, steps in enumerate(branches)
        ]
        seen = layers.Conv2D(x.shape[-1], 1, dtype=self.precision, name=f"{name}_Conv2d_1x1")(
            self.joined(parts, f"{name}_Concatenate")
        )
        seen = layers.Rescaling(scale, dtype=self.precision, name=f"{name}_Scale")(seen)
        x = layers.Add(dtype=self.precision, name=f"{name}_ScaleSum")([x, seen])
        if last:
            return x
        return layers.ReLU(dtype=self.precision, name=f"{name}_Activation")(x)

    def halved(self, x: Any, name: str, branches: Sequence[tuple[Sequence[_Step], int]]) -> Any:
        """Halve the size: convolutions that skip every other place, and a maximum."""
        parts = []
        for number, (steps, channels) in enumerate(branches):
            branch = f"{name}_Branch_{number}"
            before = self.steps(x, branch, steps)
            step = f"{branch}_Conv2d_1a_3x3"
            parts.append(self.convolved(before, step, channels, (3, 3), 2, "valid"))
        parts.append(self.largest(x, f"{name}_Branch_{len(branches)}_MaxPool_1a_3x3"))
        return self.joined(parts, name)
