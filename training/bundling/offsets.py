"""An offset for each class of a head, so that the likeliest class is the one that most would name.

The head of the FER+ votes learns how they are shared. Which emotion leads is another question: one
that many a picture shows a little of, and few show most, would be named too often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from training.bundling.calibrate import negative_log_likelihood
from training.data.dataset import Dataset
from training.data.targets import ferplus_targets

if TYPE_CHECKING:
    import keras

RIDGE: Final = 0.03
"""Of the squared offsets against the mean negative log-likelihood; best of 0.001 to 0.1 in tenfold
cross-validation of the rows held back."""


def offset_heads(
    network: keras.Model, dataset: Dataset, rows: NDArray[np.int64]
) -> dict[str, list[float]]:
    """Fit offsets of both heads and add them to their biases.

    Parameters
    ----------
    network : keras.Model
        Of `training.networks.architectures.build`; changed.
    dataset : Dataset
    rows : ndarray [shape=(n,), int64]
        Of `dataset`, which the network did not learn from.

    Returns
    -------
    dict of str to list of float
        By head, what was added to the logits of its classes.
    """
    from training.networks.shared import FER_HEAD, FERPLUS_HEAD

    pictures = dataset.images[rows, ..., None].astype(np.float32)
    logits = network.predict(pictures, batch_size=64, verbose=0)
    votes, weight = (column[rows] for column in ferplus_targets(dataset, majority_only=True))
    fer = dataset.emotion[rows].astype(np.int64)
    known = {
        FER_HEAD: (np.ones(len(rows), bool), fer),
        FERPLUS_HEAD: (weight > 0, votes.argmax(axis=1)),
    }
    found = {}
    for head, (usable, truth) in known.items():
        offsets = fit_offsets(np.asarray(logits[head])[usable], truth[usable])
        found[head] = [round(float(offset), 4) for offset in offsets]
    _add(network, found, 1)
    return found


def take_back(network: keras.Model, offsets: Mapping[str, Sequence[float]]) -> None:
    """Take from the biases of a network what `offset_heads` has added to them."""
    _add(network, offsets, -1)


def _add(network: keras.Model, offsets: Mapping[str, Sequence[float]], sign: int) -> None:
    for head, values in offsets.items():
        layer = network.get_layer(head)
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel, bias + sign * np.asarray(values, np.float32)])


def fit_offsets(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Offsets of the logits with the smallest negative log-likelihood, beside a temperature.

    Vector scaling (Guo et al. 2017, arXiv:1706.04599) with one scale for all classes.

    Parameters
    ----------
    logits : ndarray [shape=(n, k), float32]
    truth : ndarray [shape=(n,), int64, 0 to k-1]

    Returns
    -------
    ndarray [shape=(k,), float64]
        Zeros where there are no rows.
    """
    from scipy.optimize import minimize

    classes = logits.shape[1]
    if not len(logits):
        return np.zeros(classes)

    def loss(values: NDArray[np.float64]) -> float:
        scale, offsets = np.exp(values[0]), values[1:]
        likelihood = negative_log_likelihood(scale * logits + offsets, truth)
        return float(RIDGE * offsets @ offsets) + likelihood

    values = minimize(loss, np.zeros(1 + classes)).x
    return np.asarray(values[1:] / np.exp(values[0]), np.float64)
