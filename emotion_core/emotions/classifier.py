"""The emotion classifier: face crops in, logits out."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle
from emotion_core.errors import BundleError
from emotion_core.inference import Network
from emotion_core.labels import EMOTIONS

BATCH: Final = 16


class Classifier:
    """The network of a verified bundle.

    Parameters
    ----------
    bundle : Bundle
    mirror : bool
        `logits` are those of `with_mirrored`.

    Raises
    ------
    BundleError
        The network cannot be read or has other outputs than its card says.
    """

    def __init__(self, bundle: Bundle, *, mirror: bool = False) -> None:
        self._mirror = mirror
        self.input_size = bundle.input_size
        self._network = Network(bundle.model_path, batch=BATCH, precision=bundle.precision)
        try:
            probe = self.predict(np.zeros((1, self.input_size, self.input_size), np.uint8))
        except RuntimeError as error:
            raise BundleError(
                bundle.model_path, f"OpenVINO cannot run the network: {error}"
            ) from error
        for name, labels in bundle.card["outputs"].items():
            if name not in probe or probe[name].shape != (1, len(labels)):
                raise BundleError(
                    bundle.model_path, f"has no output {name!r} of {len(labels)} logits"
                )

    def predict(self, crops: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """All outputs of the network.

        Parameters
        ----------
        crops : ndarray [shape=(n, size, size), uint8, grey 0-255]

        Returns
        -------
        outputs : dict of ndarray [shape=(n, k), float32]
            Logits by output name.
        """
        outputs = self._network.infer(crops[..., None])
        return {name: value[:, 0] for name, value in outputs.items()}

    def with_mirrored(
        self, crops: NDArray[np.uint8], outputs: dict[str, NDArray[np.float32]]
    ) -> dict[str, NDArray[np.float32]]:
        """Test-time augmentation: the mean logits of each face and its mirror image.

        Parameters
        ----------
        crops : ndarray [shape=(n, size, size), uint8, grey 0-255]
        outputs : dict of ndarray [shape=(n, k), float32]
            What `predict` gives for them.
        """
        mirrored = self.predict(crops[:, :, ::-1])
        return {
            name: np.asarray((value + mirrored[name]) / 2, np.float32)
            for name, value in outputs.items()
        }

    def logits(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits of the seven emotions, shape (n, 7), for crops of shape (n, size, size)."""
        if not len(crops):
            return np.empty((0, len(EMOTIONS)), np.float32)
        outputs = self.predict(crops)
        if self._mirror:
            outputs = self.with_mirrored(crops, outputs)
        return outputs["logits"]
