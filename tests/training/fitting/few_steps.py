"""Fit a small network for a few steps with Keras's backend, and write down all that came of it.

``python few_steps.py OUTPUT.npz``; a test compares the backends by it.
"""

from __future__ import annotations

import sys

import keras
import numpy as np

from training.fitting.averaging import EVERY, WeightAverage, estimate_statistics
from training.networks.residual import residual_cnn
from training.networks.sharpness import SharpnessAware


def main(output: str) -> None:
    """Sharpness-aware steps from weights that do not depend on the backend."""
    rng = np.random.default_rng(0)
    model = SharpnessAware(residual_cnn((4, 8), 0.0, fitting=True), 0.05)
    for variable in model.variables:
        if variable.path.endswith("kernel"):
            spread = np.sqrt(2 / np.prod(variable.shape[:-1]))
            variable.assign(rng.normal(0, spread, variable.shape).astype(np.float32))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e-3), loss={"fer": loss, "ferplus": loss})
    pictures = rng.uniform(0, 255, (EVERY * 8, 48, 48, 1)).astype(np.float32)
    targets = {
        "fer": np.eye(7, dtype=np.float32)[rng.integers(0, 7, len(pictures))],
        "ferplus": np.eye(8, dtype=np.float32)[rng.integers(0, 8, len(pictures))],
    }
    average = WeightAverage(model, 0.999)

    def step_done(batch: int, logs: object) -> None:
        average.after_step(batch)

    callbacks = [keras.callbacks.LambdaCallback(on_train_batch_end=step_done)]
    model.fit(pictures, targets, batch_size=8, shuffle=False, verbose=0, callbacks=callbacks)
    assert average.updates == 1
    fitted = [np.asarray(value) for value in model.variables]
    averaged = [np.asarray(value) for value in average.state]
    estimate_statistics(model, [pictures[:16], pictures[16:32]])
    estimated = [np.asarray(value) for value in model.variables]
    stages = {"fitted": fitted, "averaged": averaged, "estimated": estimated}
    names = [variable.path for variable in model.variables]
    np.savez(
        output,
        **{
            f"{stage} {name}": value
            for stage, values in stages.items()
            for name, value in zip(names, values, strict=True)
        },
    )


if __name__ == "__main__":
    main(sys.argv[1])
