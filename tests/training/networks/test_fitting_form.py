from __future__ import annotations

import keras
import numpy as np
import pytest

from training.config import FitConfig
from training.networks.architectures import build
from training.networks.fitting_form import fitting_form
from training.networks.fused_norm import FusedBatchNormalization
from training.networks.joined import joined


def _networks() -> dict[str, keras.Model]:
    found = {
        "mobilenet": build(FitConfig(enlargement=1)),
        "residual": build(FitConfig("residual", channels=(4, 8))),
        "baseline": build(FitConfig("baseline")),
    }
    found["joined"] = joined([found["mobilenet"], found["residual"]])
    return found


@pytest.mark.parametrize("name", ["mobilenet", "residual", "baseline", "joined"])
def test_it_answers_as_the_saved_form_does(name: str) -> None:
    network = _networks()[name]
    rng = np.random.default_rng(0)
    for variable in network.non_trainable_variables:
        if "moving" in variable.path:
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    images = rng.uniform(0, 255, (4, 48, 48, 1)).astype("f4")
    form = fitting_form(network, "float32")
    for head, logits in form(images, training=False).items():
        np.testing.assert_allclose(logits, network(images, training=False)[head], atol=1e-4)


def test_convolutions_are_in_the_precision_and_heads_in_float32() -> None:
    form = fitting_form(_networks()["mobilenet"], "mixed_bfloat16")
    assert form.get_layer("conv_pw_13").compute_dtype == "bfloat16"
    assert form.get_layer("conv_pw_13_bn").compute_dtype == "bfloat16"
    assert isinstance(form.get_layer("conv_pw_13_bn"), FusedBatchNormalization)
    assert form.get_layer("standardise").compute_dtype == "float32"
    assert form.get_layer("fer").compute_dtype == "float32"
