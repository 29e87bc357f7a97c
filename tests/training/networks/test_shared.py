from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from training.networks.mobilenet import mobilenet
from training.networks.notebook import baseline, tuned
from training.networks.residual import residual_cnn

PICTURES = np.random.default_rng(0).integers(0, 255, (8, 48, 48, 1)).astype(np.float32)

NETWORKS: dict[str, Callable[..., Any]] = {
    "residual": lambda **how: residual_cnn((4, 8), **how),
    "mobilenet": mobilenet,
    # These have no kernels of their own for fitting.
    "baseline": lambda **_: baseline(),
    "tuned": lambda **_: tuned(),
}


def randomise(model: Any) -> None:
    """Give every variable a value that shows whether it is used."""
    rng = np.random.default_rng(1)
    for variable in model.variables:
        if variable.path.endswith(("gamma", "variance")):
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
        elif variable.path.endswith(("beta", "mean", "bias")):
            variable.assign(rng.normal(0, 0.1, variable.shape))


@pytest.fixture(params=NETWORKS)
def build(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return NETWORKS[request.param]


def test_heads_are_logits_of_both_label_sets(build: Callable[..., Any]) -> None:
    shapes = {name: tuple(output.shape) for name, output in build().output.items()}
    assert shapes == {"fer": (None, 7), "ferplus": (None, 8)}


def test_a_network_for_fitting_computes_the_same_and_learns(build: Callable[..., Any]) -> None:
    import keras

    plain, fitting = build(), build(fitting=True)
    randomise(plain)
    paths = [
        [v.path for v in model.variables if "seed" not in v.path] for model in (plain, fitting)
    ]
    assert paths[0] == paths[1]
    fitting.set_weights(plain.get_weights())
    wanted, found = plain.predict_on_batch(PICTURES), fitting.predict_on_batch(PICTURES)
    for head, logits in wanted.items():
        np.testing.assert_allclose(found[head], logits, rtol=1e-3, atol=1e-3)
    # One step of plain gradient descent moves both alike: same gradients, same statistics.
    targets = {
        "fer": np.eye(7, dtype=np.float32)[[0, 1, 2, 3, 4, 5, 6, 0]],
        "ferplus": np.eye(8, dtype=np.float32),
    }
    start = {v.path: np.array(v) for v in plain.variables}
    for model in (plain, fitting):
        model.get_layer("dropout").rate = 0.0
        model.compile(
            keras.optimizers.SGD(1e-2),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True),
            jit_compile=False,
        )
        model.train_on_batch(PICTURES, targets)
    for one, other in zip(plain.variables, fitting.variables, strict=True):
        if "seed" in one.path:
            continue
        steps = [(np.array(v) - start[one.path]).ravel() for v in (one, other)]
        lengths = [float(np.linalg.norm(step)) for step in steps]
        # The fused kernel's variance divides by n - 1, and rounding differs.
        assert lengths[1] == pytest.approx(lengths[0], rel=0.1), one.path
        assert steps[0] @ steps[1] >= 0.98 * lengths[0] * lengths[1], one.path
