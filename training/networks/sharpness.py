"""Fitting that looks for flat minima, which noisy labels are learned by heart less easily in."""

from __future__ import annotations

from typing import Any

import keras


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

    def train_step(self, *args: Any) -> Any:
        """One step on a batch of pictures, targets and weights, as those of `Batches`.

        TensorFlow hands in the batch; JAX hands in all variables before it, and gets them back.
        """
        if keras.backend.backend() == "jax":
            return self._step_of_values(*args)
        return self._step_of_variables(*args)

    def _step_of_variables(self, data: Any) -> Any:
        import tensorflow as tf

        pictures, targets, weights = _first_half(data)
        with tf.GradientTape() as tape:
            loss = self.compute_loss(
                pictures, targets, self(pictures, training=True), weights, training=True
            )
        variables = [variable.value for variable in self.trainable_variables]
        moves = self._uphill(tape.gradient(loss, variables))
        for variable, move in zip(variables, moves, strict=True):
            variable.assign_add(move)
        figures = super().train_step(data)
        for variable, move in zip(variables, moves, strict=True):
            variable.assign_sub(move)
        return figures

    def _step_of_values(self, state: Any, data: Any) -> Any:
        import jax

        values, others, of_optimizer, of_metrics = state
        pictures, targets, weights = _first_half(data)
        uphill = jax.grad(self.compute_loss_and_updates, has_aux=True)
        gradients, (_, _, others, _) = uphill(
            *(values, others, of_metrics, pictures, targets, weights),
            training=True,
            optimizer_variables=of_optimizer,
        )
        moves = self._uphill(gradients)
        there = [value + move for value, move in zip(values, moves, strict=True)]
        figures, (values, *rest) = super().train_step(
            (there, others, of_optimizer, of_metrics), data
        )
        back = [value - move for value, move in zip(values, moves, strict=True)]
        return figures, (back, *rest)

    def _uphill(self, gradients: Any) -> list[Any]:
        squares = [keras.ops.sum(keras.ops.square(gradient)) for gradient in gradients]
        length = self._radius / (keras.ops.sqrt(sum(squares)) + 1e-12)
        return [gradient * length for gradient in gradients]


def _first_half(data: Any) -> Any:
    def first(batch: Any) -> Any:
        return batch[: (keras.ops.shape(batch)[0] + 1) // 2]

    return keras.utils.unpack_x_y_sample_weight(keras.tree.map_structure(first, data))
