"""What pixels vary by: within the classes, and along principal components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

COMPONENTS: Final = 50
"""Principal components that are kept; there are fewer of few pictures."""


@dataclass(frozen=True, eq=False)
class ClassPixels:
    """Mean and standard deviation at each pixel over the pictures of one class.

    Parameters
    ----------
    mean, deviation : ndarray [shape=(side, side), float64, grey levels]
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of standardised pictures.

    Parameters
    ----------
    explained : ndarray [shape=(c,), float32, 0-1]
        Share of the variance along each component, falling; of all components, not only of those
        kept below.
    faces : ndarray [shape=(k, side, side), float32]
        The first components as pictures ("eigenfaces"), each of length 1.
    scores : ndarray [shape=(n, k), float32]
        Coordinates of each picture along them.
    """

    explained: NDArray[np.float32]
    faces: NDArray[np.float32]
    scores: NDArray[np.float32]

    def needed_for(self, share: float) -> int:
        """Count the components that together hold a share of the variance."""
        return int(np.searchsorted(self.explained.cumsum(), share)) + 1


def class_pixels(
    images: NDArray[np.uint8], labels: NDArray[np.integer], classes: int
) -> list[ClassPixels | None]:
    """Mean and deviation of each class; None where a class has no pictures."""
    statistics: list[ClassPixels | None] = []
    for label in range(classes):
        pictures = images[labels == label]
        if len(pictures):
            mean = pictures.mean(axis=0, dtype=np.float64)
            deviation = pictures.std(axis=0, dtype=np.float64)
            statistics.append(ClassPixels(mean, deviation))
        else:
            statistics.append(None)
    return statistics


def principal_components(images: NDArray[np.uint8]) -> Components:
    """Principal component analysis of pictures that are standardised as the networks see them.

    Without that, the first component would be the brightness of the whole picture.

    Parameters
    ----------
    images : ndarray [shape=(n, side, side), uint8, 0-255]
        At least two; none of them even.
    """
    from sklearn.decomposition import PCA

    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= flat.std(axis=1, keepdims=True)
    # The first takes seconds however few the pictures are, the second minutes where they are many.
    solver = "covariance_eigh" if len(flat) > flat.shape[1] else "full"
    analysis = PCA(svd_solver=solver).fit(flat)
    axes = analysis.components_[:COMPONENTS]
    return Components(
        explained=np.asarray(analysis.explained_variance_ratio_, np.float32),
        faces=axes.reshape(-1, *images.shape[1:]),
        scores=(flat - analysis.mean_) @ axes.T,
    )


def share_between_classes(
    values: NDArray[np.floating], labels: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Share of each column's variance that lies between the means of the classes (eta squared).

    Parameters
    ----------
    values : ndarray [shape=(n, k), float]
    labels : ndarray [shape=(n,), int]

    Returns
    -------
    ndarray [shape=(k,), float64, 0-1]
        0: the classes lie on each other; 1: they are points apart.
    """
    classes, position, counts = np.unique(labels, return_inverse=True, return_counts=True)
    means = np.stack([values[position == i].mean(axis=0) for i in range(len(classes))])
    between = counts @ (means - values.mean(axis=0)) ** 2 / len(values)
    total = np.maximum(values.var(axis=0, dtype=np.float64), np.finfo(np.float64).tiny)
    return np.asarray(between / total, np.float64)
