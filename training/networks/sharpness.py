"""Fitting that looks for flat minima, which noisy labels are learned by heart less easily in."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class SharpnessAware(keras.Model):  # type: ignore[misc]
    """A network whose every step follows the gradient of a point a little way uphill.

    Sharpness-aware minimisation (Foret et al. 2021, arXiv:2010.01412). The way uphill comes from
    the first half of each batch, which costs half as much as the whole and serves as well (Du et
    al. 2022, arXiv:2110.03141).

    Parameters
    ----------
    network : keras.Model
        Whose layers, and so weights, it shares.
    radius : float
        How far uphill, as Euclidean distance between all weights; the paper's is 0.05.
    """

    def __init__(self, network: keras.Model, radius: float) -> None:
        super().__init__(inputs=network.inputs[0], outputs=network.output, name=network.name)
        self._radius = radius

    def train_step(self, data: Any) -> Any:
        """One step on a batch of pictures, targets and weights, as those of `Batches`."""
        halves = tf.nest.map_structure(lambda batch: batch[: (tf.shape(batch)[0] + 1) // 2], data)
        pictures, targets, weights = keras.utils.unpack_x_y_sample_weight(halves)
        with tf.GradientTape() as tape:
            loss = self.compute_loss(
                pictures, targets, self(pictures, training=True), weights, training=True
            )
        variables = [variable.value for variable in self.trainable_variables]
        uphill = tape.gradient(loss, variables)
        length = self._radius / (tf.linalg.global_norm(uphill) + 1e-12)
        moves = [gradient * length for gradient in uphill]
        for variable, move in zip(variables, moves, strict=True):
            variable.assign_add(move)
        figures = super().train_step(data)
        for variable, move in zip(variables, moves, strict=True):
            variable.assign_sub(move)
        return figures
