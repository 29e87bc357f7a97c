"""Grad-CAM: which parts of a face raise the score of an emotion.

Selvaraju et al. 2017, arXiv:1610.02391: the channels of the last convolutional feature map,
weighted with the gradient of the class's score, summed, and cut off below zero; where a network has
several branches, summed over those, too. The score is the reported logit, from the FER+ head
without contempt and before the softmax.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from emotion_core.bundle import Bundle
from emotion_core.errors import BundleError, UsageError
from training.bundling.inference_form import with_shipped_outputs
from training.data.outputs import SHIPPED
from training.networks.keras_form import MODEL_FILE, load_keras_form

BATCH: Final = 64


def load_network(bundle: Bundle) -> keras.Model:
    """The Keras form of a bundle, as it was exported, with the bundle's outputs.

    Raises
    ------
    BundleError
        If the bundle has no ``model.keras`` that its card vouches for, or it cannot be read.
    UsageError
        If Keras runs on another backend than TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        raise UsageError(None, "gradients come from TensorFlow: unset KERAS_BACKEND")
    network = load_keras_form(bundle)
    try:
        return with_shipped_outputs(network)
    except ValueError as error:  # Keras has no layer of that name
        message = f"is no network of 'fit' ({error}): export it again"
        raise BundleError(bundle.path / MODEL_FILE, message) from error


def heat_maps(
    network: keras.Model, crops: NDArray[np.uint8], classes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Where each face raises the score of a class.

    Parameters
    ----------
    network : keras.Model
        Of `load_network`.
    crops : ndarray [shape=(n, side, side), uint8, grey 0-255]
    classes : ndarray [shape=(n,), int64, 0-6]
        Index into ``EMOTIONS`` of the class to explain for each face.

    Returns
    -------
    ndarray [shape=(n, side, side), float32, 0-1]
        Each map relative to its own maximum, enlarged linearly from the feature map's few cells;
        all zero where nothing raises the score.
    """
    scored = keras.Model(network.input, [last_feature_maps(network), network.output[SHIPPED]])
    maps = np.zeros(crops.shape, np.float32)
    for start in range(0, len(crops), BATCH):
        part = slice(start, start + BATCH)
        for target, cells in zip(
            maps[part], _cells(scored, crops[part], classes[part]), strict=True
        ):
            target[:] = _enlarged(cells, crops.shape[2], crops.shape[1])
    return maps


def last_feature_maps(network: keras.Model) -> list[Any]:
    """What lies before the layers in which features lose their place: one for each branch.

    Returns
    -------
    list of KerasTensor [shape=(n, h, w, c)]

    Raises
    ------
    BundleError
        If the network has no such layer.
    """
    found = [
        layer.input
        for layer in network.layers
        if _has_place(layer.input) and not _has_place(layer.output)
    ]
    if not found:
        raise BundleError(None, f"network {network.name!r} has no map with height and width")
    return found


def _has_place(features: Any) -> bool:
    shape = getattr(features, "shape", ())
    # Pooled features may keep sides of length one.
    return len(shape) == 4 and min(shape[1:3]) > 1


def _cells(
    scored: keras.Model, crops: NDArray[np.uint8], classes: NDArray[np.int64]
) -> list[NDArray[np.float32]]:
    """Grad-CAM of each face at the size of the finest feature map, not negative."""
    pictures = tf.constant(crops[..., None].astype(np.float32))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(pictures)
        branches, logits = scored(pictures, training=False)
        # Faces do not influence each other, so one sum gives the gradient of every face's score.
        total = tf.reduce_sum(tf.gather(logits, classes, axis=1, batch_dims=1))
    # The sum of gradients over the cells, not their mean: what a branch adds to the score on a
    # piece of the picture is then the same however many cells it divides the picture into.
    parts = [
        tf.reduce_sum(tf.reduce_sum(slope, axis=(1, 2), keepdims=True) * features, axis=-1).numpy()
        for slope, features in zip(tape.gradient(total, branches), branches, strict=True)
    ]
    height, width = max(part.shape[1:] for part in parts)
    return [
        np.maximum(sum(cv2.resize(cells, (width, height)) for cells in face), 0)
        for face in zip(*parts, strict=True)
    ]


def _enlarged(cells: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    enlarged = cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR)
    highest = float(enlarged.max())
    return np.asarray(enlarged / highest if highest > 0 else enlarged * 0, np.float32)
