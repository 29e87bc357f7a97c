from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from training.networks.residual import residual_cnn
from training.networks.sharpness import SharpnessAware


def network() -> keras.Model:
    keras.utils.set_random_seed(3)
    return residual_cnn((4, 8), dropout=0.0)


def batch(n: int) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    rng = np.random.default_rng(0)
    pictures = rng.uniform(0, 255, (n, 48, 48, 1)).astype(np.float32)
    targets = {
        "fer": np.eye(7, dtype=np.float32)[rng.integers(0, 7, n)],
        "ferplus": np.eye(8, dtype=np.float32)[rng.integers(0, 8, n)],
    }
    weights = {name: rng.uniform(0.5, 1, n).astype(np.float32) for name in targets}
    return pictures, targets, weights


def compiled(model: keras.Model) -> keras.Model:
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss={"fer": loss, "ferplus": loss}, jit_compile=False)
    return model


def gradients(model: keras.Model, data: Any) -> list[tf.Tensor]:
    pictures, targets, weights = data
    with tf.GradientTape() as tape:
        answers = model(pictures, training=True)
        loss = model.compute_loss(pictures, targets, answers, weights, training=True)
    return tape.gradient(loss, [variable.value for variable in model.trainable_variables])


def half(data: Any, n: int) -> Any:
    return tf.nest.map_structure(lambda column: column[:n], data)


def test_a_step_follows_the_gradient_from_uphill() -> None:
    data = batch(9)
    model = compiled(SharpnessAware(network(), 0.5))
    by_hand = compiled(network())
    model.train_on_batch(*data)
    before = [np.array(variable) for variable in by_hand.trainable_variables]
    uphill = gradients(by_hand, half(data, 5))
    length = 0.5 / np.sqrt(sum(float(tf.reduce_sum(g**2)) for g in uphill))
    for variable, gradient in zip(by_hand.trainable_variables, uphill, strict=True):
        variable.assign_add(length * gradient)
    there = gradients(by_hand, data)
    for variable, start, gradient in zip(model.trainable_variables, before, there, strict=True):
        np.testing.assert_allclose(np.array(variable), start - 0.1 * gradient, atol=1e-4)


def test_without_a_way_uphill_it_is_an_ordinary_step() -> None:
    data = batch(8)
    flat, plain = compiled(SharpnessAware(network(), 0.0)), compiled(network())
    for model in (flat, plain):
        model.train_on_batch(*data)
    for one, other in zip(flat.trainable_variables, plain.trainable_variables, strict=True):
        np.testing.assert_allclose(np.array(one), np.array(other), atol=1e-4)
