"""The settings that are searched, as the notebook searched them, with KerasTuner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import keras_tuner

CONVOLUTIONS: Final = 3
DROPOUTS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


def space() -> keras_tuner.HyperParameters:
    """Filters of each convolution, units of the dense layer, dropout and learning rate."""
    searched = keras_tuner.HyperParameters()
    for number in range(1, CONVOLUTIONS + 1):
        searched.Int(f"filters_{number}", 32, 256, step=32)
    searched.Int("dense", 64, 512, step=64)
    searched.Choice("dropout", list(DROPOUTS))
    searched.Float("learning_rate", 1e-4, 3e-3, sampling="log")
    return searched


def described() -> list[dict[str, Any]]:
    """The space as JSON values, by which a folder knows that it was made with another one."""
    return [dict(setting.get_config()) for setting in space().space]


def to_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a fit from the values of a trial; others than those of the space are left out."""
    return {
        "filters": tuple(int(values[f"filters_{i}"]) for i in range(1, CONVOLUTIONS + 1)),
        "dense": int(values["dense"]),
        "dropout": float(values["dropout"]),
        # More digits make no difference to a fit, but names that nobody can read.
        "learning_rate": float(f"{values['learning_rate']:.3g}"),
    }
