"""Batches of pictures with the targets of both heads, as a Keras data set."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS
from training.augment import augment
from training.dataset import Dataset
from training.networks.shared import FER_HEAD, FERPLUS_HEAD
from training.targets import ferplus_targets

Batch = tuple[NDArray[np.float32], dict[str, NDArray[Any]], dict[str, NDArray[np.float32]]]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """One pass over some rows of a data set.

    Parameters
    ----------
    dataset : Dataset
    rows : ndarray [shape=(n,), int64]
    batch_size : int
    seed : tuple of int or None
        Seed and epoch. With a seed the rows are shuffled and augmented, the same each time, and
        an incomplete last batch is left out; without one every row comes once, as it is.
    """

    def __init__(
        self,
        dataset: Dataset,
        rows: NDArray[np.int64],
        batch_size: int,
        seed: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        self._images = dataset.images
        self._labels = np.eye(len(EMOTIONS), dtype=np.float32)[dataset.emotion]
        self._distribution, self._weight = ferplus_targets(dataset)
        self._batch_size = batch_size
        self._seed = seed
        self._rows = rows if seed is None else np.random.default_rng(seed).permutation(rows)

    def __len__(self) -> int:
        whole, rest = divmod(len(self._rows), self._batch_size)
        return whole + int(self._seed is None and rest > 0)

    def __getitem__(self, index: int) -> Batch:
        rows = self._rows[index * self._batch_size : (index + 1) * self._batch_size]
        images = self._images[rows]
        if self._seed is not None:
            images = augment(images, np.random.default_rng((*self._seed, index)))
        targets = {
            FER_HEAD: self._labels[rows],
            FERPLUS_HEAD: self._distribution[rows],
        }
        weights = {
            FER_HEAD: np.ones(len(rows), np.float32),
            FERPLUS_HEAD: self._weight[rows],
        }
        return images[..., None].astype(np.float32), targets, weights
