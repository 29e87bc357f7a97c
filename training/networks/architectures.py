"""The networks by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotion_core.errors import UsageError
from training.data.dataset import SIDE

if TYPE_CHECKING:
    import keras

    from training.config import FitConfig


def check(config: FitConfig) -> None:
    """Refuse what cannot be built.

    Raises
    ------
    UsageError
        It names the option.
    """
    if config.architecture == "inception" and config.enlargement == 1:
        message = f"--enlargement 1: inception needs pictures of more than {SIDE} px"
        raise UsageError(None, f"{message}, pass 2 or more")


def build(config: FitConfig, *, fitting: bool = False, precision: str = "float32") -> keras.Model:
    """The network of a configuration with random weights.

    Parameters
    ----------
    config : FitConfig
    fitting : bool
        Use kernels that are faster for fitting but cannot be saved, and freeze what is to be.
    precision : str
        Keras dtype policy of the convolutions.
    """
    if config.architecture == "mobilenet":
        from training.networks.mobilenet import mobilenet

        frozen = config.frozen_blocks if fitting else 0
        return mobilenet(
            config.dropout, SIDE, precision, frozen, config.enlargement, fitting=fitting
        )
    if config.architecture == "inception":
        from training.networks.inception import inception

        return inception(config.dropout, SIDE, precision, config.enlargement, fitting=fitting)
    if config.architecture == "baseline":
        from training.networks.notebook import baseline

        return baseline(config.dropout, SIDE, precision)
    if config.architecture == "tuned":
        from training.networks.notebook import tuned

        return tuned(config.filters, config.dense, config.dropout, SIDE, precision)
    from training.networks.residual import residual_cnn

    return residual_cnn(config.channels, config.dropout, SIDE, precision, fitting=fitting)
