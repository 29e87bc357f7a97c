from __future__ import annotations

import numpy as np
import pytest

from training.networks.residual import residual_cnn


@pytest.fixture(scope="module")
def model():
    return residual_cnn((4, 8))


def logits(model, pictures: np.ndarray) -> np.ndarray:
    outputs = model.predict_on_batch(pictures.astype(np.float32))
    return np.concatenate([outputs["fer"], outputs["ferplus"]], axis=1)


def test_the_default_network_has_a_million_parameters_and_two_heads() -> None:
    network = residual_cnn()
    assert network.count_params() == 1_022_559
    assert {name: tuple(o.shape) for name, o in network.output.items()} == {
        "fer": (None, 7),
        "ferplus": (None, 8),
    }


def test_brightness_and_contrast_of_the_source_do_not_matter(model) -> None:
    pictures = np.random.default_rng(0).integers(40, 160, (4, 48, 48, 1))
    first = logits(model, pictures)
    np.testing.assert_allclose(logits(model, pictures * 1.4 + 20), first, atol=5e-3)
    assert np.abs(first[0] - first[1]).max() > 1e-3, "different pictures must differ"


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_even_picture_gives_finite_logits_the_same_at_any_level(model, level: int) -> None:
    even = logits(model, np.full((1, 48, 48, 1), level))
    assert np.isfinite(even).all()
    np.testing.assert_allclose(even, logits(model, np.zeros((1, 48, 48, 1))), atol=1e-4)


def test_heads_and_standardisation_stay_float32_in_mixed_precision() -> None:
    network = residual_cnn((4, 8), precision="mixed_bfloat16")
    for name in ("standardise", "fer", "ferplus"):
        assert network.get_layer(name).compute_dtype == "float32"
    assert network.get_layer("stage0_a_conv").compute_dtype == "bfloat16"
