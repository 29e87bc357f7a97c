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
    mixup : float
        Parameter of the Beta distribution of the shares in which pairs of shuffled rows are mixed
        (Zhang et al. 2018, arXiv:1710.09412); 0 mixes none.
    """

    def __init__(
        self,
        dataset: Dataset,
        rows: NDArray[np.int64],
        batch_size: int,
        seed: tuple[int, int] | None = None,
        mixup: float = 0.0,
    ) -> None:
        super().__init__()
        self._images = dataset.images
        self._labels = np.eye(len(EMOTIONS), dtype=np.float32)[dataset.emotion]
        self._distribution, self._weight = ferplus_targets(dataset)
        self._batch_size = batch_size
        self._seed = seed
        self._mixup = mixup
        self._rows = rows if seed is None else np.random.default_rng(seed).permutation(rows)

    def __len__(self) -> int:
        whole, rest = divmod(len(self._rows), self._batch_size)
        return whole + int(self._seed is None and rest > 0)

    def __getitem__(self, index: int) -> Batch:
        rows = self._rows[index * self._batch_size : (index + 1) * self._batch_size]
        images = self._images[rows]
        labels, distribution, weight = (
            column[rows] for column in (self._labels, self._distribution, self._weight)
        )
        if self._seed is not None:
            rng = np.random.default_rng((*self._seed, index))
            images = augment(images, rng)
            if self._mixup:
                mixing = _Mixing(len(rows), self._mixup, rng)
                images, labels = mixing.of(images), mixing.of(labels)
                counted = mixing.of(distribution * weight[:, None])
                weight = mixing.of(weight)
                distribution = counted / np.maximum(weight, 1e-6)[:, None]
        targets = {FER_HEAD: labels, FERPLUS_HEAD: distribution}
        weights = {FER_HEAD: np.ones(len(rows), np.float32), FERPLUS_HEAD: weight}
        return images[..., None].astype(np.float32), targets, weights


class _Mixing:
    """Each row of a batch with a share of another one."""

    def __init__(self, n: int, alpha: float, rng: np.random.Generator) -> None:
        self._partner = rng.permutation(n)
        self._share = rng.beta(alpha, alpha, n).astype(np.float32)

    def of(self, column: NDArray[Any]) -> NDArray[np.float32]:
        """The mixed column, float32."""
        share = self._share.reshape(-1, *[1] * (column.ndim - 1))
        return np.asarray(share * column + (1 - share) * column[self._partner], np.float32)
