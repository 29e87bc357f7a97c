"""Batches of pictures with the targets of both heads, as a Keras data set."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS
from training.config import FitConfig
from training.data.dataset import Dataset
from training.data.targets import class_weights, ferplus_targets, oversampled
from training.fitting.answers import Answers
from training.fitting.augment import augment
from training.fitting.teacher import Teacher
from training.networks.shared import FER_HEAD, FERPLUS_HEAD

Batch = tuple[NDArray[np.float32], dict[str, NDArray[Any]], dict[str, NDArray[np.float32]]]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """One pass over some rows of a data set.

    Parameters
    ----------
    dataset : Dataset
    rows : ndarray [shape=(n,), int64]
    config : FitConfig
    epoch : int or None
        With one, the rows are shuffled, balanced, augmented and mixed as configured, by the seed
        and the epoch alone, and an incomplete last batch is left out. With None every row comes
        once, as it is.
    teacher : Teacher or None
        Its answers are part of the targets where there is an epoch.
    answers : Answers or None
        Are, too.
    """

    def __init__(
        self,
        dataset: Dataset,
        rows: NDArray[np.int64],
        config: FitConfig,
        epoch: int | None = None,
        teacher: Teacher | None = None,
        answers: Answers | None = None,
    ) -> None:
        # A step on a GPU leaves Python time to make the next batches; one on a CPU does not.
        super().__init__(workers=2 if keras.backend.backend() == "jax" else 1)
        self._images = dataset.images
        self._labels = np.eye(len(EMOTIONS), dtype=np.float32)[dataset.emotion]
        self._distribution, self._votes_weight = ferplus_targets(
            dataset, majority_only=config.vote_target == "majority"
        )
        self._class_weight = np.ones(len(dataset), np.float32)
        self._config = config
        self._teacher = teacher
        self._seed = None if epoch is None else (config.seed, epoch)
        if self._seed is not None:
            if config.balance == "weights":
                self._class_weight[rows] = class_weights(dataset.emotion[rows])
            elif config.balance == "oversample":
                rows = oversampled(rows, dataset.emotion[rows])
            if answers is not None:
                self._labels, self._distribution = answers.blend(self._labels, self._distribution)
            rows = np.random.default_rng(self._seed).permutation(rows)
        self._rows = rows

    @property
    def batch_size(self) -> int:
        """Rows of a batch."""
        return self._config.batch_size

    def __len__(self) -> int:
        whole, rest = divmod(len(self._rows), self._config.batch_size)
        return whole + int(self._seed is None and rest > 0)

    def __getitem__(self, index: int) -> Batch:
        size = self._config.batch_size
        rows = self._rows[index * size : (index + 1) * size]
        images: NDArray[Any] = self._images[rows]
        labels, distribution = self._labels[rows], self._distribution[rows]
        weight = self._class_weight[rows]
        votes_weight = weight * self._votes_weight[rows]
        if self._seed is not None:
            rng = np.random.default_rng((*self._seed, index))
            if self._config.augment:
                images = augment(images, rng)
            if self._config.mixup:
                mixing = _Mixing(len(rows), self._config.mixup, rng)
                images = mixing.of(images)
                labels, weight = mixing.weighted(labels, weight)
                distribution, votes_weight = mixing.weighted(distribution, votes_weight)
            if self._teacher is not None:
                labels, distribution = self._teacher.blend(images, labels, distribution)
        targets = {FER_HEAD: labels, FERPLUS_HEAD: distribution}
        weights = {FER_HEAD: weight, FERPLUS_HEAD: votes_weight}
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

    def weighted(
        self, target: NDArray[np.float32], weight: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mixed targets, each row counted by its weight, and the mixed weights."""
        total = self.of(weight)
        mixed = self.of(target * weight[:, None]) / np.maximum(total, 1e-6)[:, None]
        return mixed.astype(np.float32), total
