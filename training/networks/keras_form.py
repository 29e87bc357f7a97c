"""The Keras form of a bundle: for gradients, and for making another inference form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emotion_core.bundle import Bundle
from emotion_core.errors import BundleError
from training.errors import WeightsError
from training.networks.saved import load_saved

if TYPE_CHECKING:
    import keras

MODEL_FILE: Final = "model.keras"


def load_keras_form(bundle: Bundle) -> keras.Model:
    """The network of a bundle with the heads that were fitted.

    Raises
    ------
    BundleError
        If the bundle has no ``model.keras`` that its card vouches for, or it cannot be read.
    """
    path = bundle.path / MODEL_FILE
    if not path.is_file():
        message = "is missing: this needs the Keras form, which 'export' writes beside the rest"
        raise BundleError(path, message)
    if MODEL_FILE not in bundle.card["files"]:
        raise BundleError(path, "is not among the files of the card: export the bundle again")
    try:
        return load_saved(path)
    except WeightsError as error:
        raise BundleError(path, error.message) from error
