"""The network that tells people apart: face crops in, embeddings out."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotion_core.identities.identifier_folder import EMBEDDING, IdentifierFolder
from emotion_core.inference import Network

BATCH: Final = 16


class Identifier:
    """The network of an identifier's folder.

    Parameters
    ----------
    folder : IdentifierFolder
    """

    def __init__(self, folder: IdentifierFolder) -> None:
        self._input_size = folder.input_size
        self._network = Network(folder.model_path, batch=BATCH, precision=folder.precision)

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors, shape (n, length), near to each other for faces of the same person.

        Parameters
        ----------
        crops : ndarray [shape=(n, size, size), uint8, grey 0-255]
            At least one.
        """
        side = (self._input_size, self._input_size)
        if crops.shape[1:] != side:
            resized = [cv2.resize(crop, side, interpolation=cv2.INTER_AREA) for crop in crops]
            crops = np.asarray(resized, np.uint8)
        found = self._network.infer(crops[..., None])[EMBEDDING][:, 0]
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)
