"""Batch normalisation with TensorFlow's fused kernel, for fitting on a CPU."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Keras's layer, two to three times as fast on a CPU.

    It has the same variables in the same order, so that its weights fit the original, which is
    what a finished model is saved with. Where the layer is frozen it applies the moving statistics.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise a batch of shape (n, h, w, c)."""
        del mask
        scale, offset = self.gamma.value, self.beta.value
        if not (training and self.trainable):
            mean, variance = self.moving_mean.value, self.moving_variance.value
            return _fused(inputs, scale, offset, self.epsilon, mean, variance)[0]
        outputs, mean, variance = _fused(inputs, scale, offset, self.epsilon)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return outputs


def _fused(
    inputs: Any,
    scale: Any,
    offset: Any,
    epsilon: float,
    mean: Any = None,
    variance: Any = None,
) -> Any:
    return tf.compat.v1.nn.fused_batch_norm(
        inputs, scale, offset, mean, variance, epsilon=epsilon, is_training=mean is None
    )
