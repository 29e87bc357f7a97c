"""Several bundles as one: a network with the mean of their weights.

Networks that were fitted on from the same weights lie in one valley, and the mean of them tends to
be better than each (Wortsman et al. 2022, arXiv:2203.05482), for the time of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emotion_core.bundle import Bundle
from emotion_core.errors import BundleError, UsageError
from training.bundling.card import software_versions
from training.bundling.offsets import offset_heads
from training.bundling.sources import load_sources, network_without_offsets, record_of
from training.bundling.write import ExportConfig, refuse_foreign, write_bundle
from training.config import FitConfig

if TYPE_CHECKING:
    import keras


def average(
    sources: Sequence[Path],
    shares: Sequence[float],
    data: Path,
    output: Path,
    config: ExportConfig,
) -> Bundle:
    """Write a bundle with the mean weights of others; it is calibrated, checked and described anew.

    Parameters
    ----------
    sources : sequence of Path
        Bundles with networks of the same weights; the first says how pictures are enlarged.
    shares : sequence of float
        Of each bundle; together 1. Empty: all alike.
    data : Path
        The data set of their fits. Pictures that were fitted, changed at random, give the
        statistics of batch normalisation.
    output : Path
    config : ExportConfig

    Raises
    ------
    UsageError
        If the shares are not one for each bundle with a sum of 1.
    BundleError
        If a bundle cannot be read, was fitted on other data, held back other rows than the first,
        or has another network.
    RunError, OutputError
        As of `training.bundling.write.write_bundle`.
    """
    from training.fitting.averaging import estimate_statistics, first_pictures
    from training.fitting.batches import Batches

    shares = shares or [1 / len(sources)] * len(sources)
    if len(shares) != len(sources) or not np.isclose(sum(shares), 1):
        message = f"pass one --share for each of the {len(sources)} bundles, with a sum of 1"
        raise UsageError(None, message)
    refuse_foreign(output)
    bundles, dataset, split = load_sources(sources, data)
    config = replace(config, name=config.name or bundles[0].card["name"])
    network = _mean(bundles, shares)
    batches = Batches(dataset, split.fit, FitConfig(), epoch=0)
    estimate_statistics(network, first_pictures(batches))
    for layer in network.layers:
        layer.trainable = True
    training = {
        **record_of(bundles),
        "mean_of": [
            {"name": bundle.name, "sha256": bundle.sha256, "share": share}
            for bundle, share in zip(bundles, shares, strict=True)
        ],
        "parameters": int(network.count_params()),
        "offsets": offset_heads(network, dataset, split.held_back),
        "software": software_versions(),
    }
    return write_bundle(network, training, dataset, split, output, config)


def _mean(bundles: Sequence[Bundle], shares: Sequence[float]) -> keras.Model:
    """The first network with the mean weights; layers that all have alike rest, not trainable."""
    networks = [network_without_offsets(bundle) for bundle in bundles]
    shapes = [[value.shape for value in network.get_weights()] for network in networks]
    for bundle, found in zip(bundles, shapes, strict=True):
        if found != shapes[0]:
            raise BundleError(bundle.path, f"has another network than {bundles[0].path}")
    fitted = [[layer for layer in network.layers if layer.weights] for network in networks]
    for layers in zip(*fitted, strict=True):
        weights = list(zip(*(layer.get_weights() for layer in layers), strict=True))
        if all(np.array_equal(values[0], value) for values in weights for value in values[1:]):
            layers[0].trainable = False
        else:
            layers[0].set_weights([np.tensordot(shares, values, axes=1) for values in weights])
    return networks[0]
