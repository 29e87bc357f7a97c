"""Several bundles as one: a network with the mean of their weights.

Networks that were fitted on from the same weights lie in one valley, and the mean of them tends to
be better than each (Wortsman et al. 2022, arXiv:2203.05482), for the time of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.errors import BundleError, UsageError
from training.bundling.card import software_versions
from training.bundling.export import ExportConfig, held_back_of, refuse_foreign, write_bundle
from training.bundling.offsets import offset_heads
from training.data.dataset import Dataset
from training.data.split import Split
from training.networks.keras_form import load_keras_form

if TYPE_CHECKING:
    import keras

PICTURES_FOR_STATISTICS: Final = 2048
_BATCH: Final = 32


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
        As of `training.bundling.export.export`.
    """
    shares = shares or [1 / len(sources)] * len(sources)
    if len(shares) != len(sources) or not np.isclose(sum(shares), 1):
        message = f"pass one --share for each of the {len(sources)} bundles, with a sum of 1"
        raise UsageError(None, message)
    refuse_foreign(output)
    bundles = [load_bundle(source) for source in sources]
    dataset, split = held_back_of(bundles[0], data)
    for bundle in bundles[1:]:
        held_back_of(bundle, data)
        if _training(bundle)["held_back_share"] != _training(bundles[0])["held_back_share"]:
            raise BundleError(bundle.path, f"held back other rows than {bundles[0].path}")
    config = replace(config, name=config.name or bundles[0].card["name"])
    network = _mean(bundles, shares)
    _estimate_statistics(network, dataset, split)
    kept = ("data", "data_sha256", "held_back_share", "rows_held_back", "rows_dropped")
    training = {
        **{name: _training(bundles[0])[name] for name in kept},
        "parameters": int(network.count_params()),
        "mean_of": [
            {"name": bundle.name, "sha256": bundle.sha256, "share": share}
            for bundle, share in zip(bundles, shares, strict=True)
        ],
        "networks": [fitted for bundle in bundles for fitted in _training(bundle)["networks"]],
        "offsets": offset_heads(network, dataset, split.held_back),
        "software": software_versions(),
    }
    return write_bundle(network, training, dataset, split, output, config)


def _training(bundle: Bundle) -> dict[str, Any]:
    return dict(bundle.card["training"])


def _mean(bundles: Sequence[Bundle], shares: Sequence[float]) -> keras.Model:
    networks = [load_keras_form(bundle) for bundle in bundles]
    weights = [network.get_weights() for network in networks]
    shapes = [[value.shape for value in values] for values in weights]
    for bundle, found in zip(bundles, shapes, strict=True):
        if found != shapes[0]:
            raise BundleError(bundle.path, f"has another network than {bundles[0].path}")
    means = [
        sum(share * value for share, value in zip(shares, values, strict=True))
        for values in zip(*weights, strict=True)
    ]
    networks[0].set_weights(means)
    return networks[0]


def _estimate_statistics(network: keras.Model, dataset: Dataset, split: Split) -> None:
    from training.fitting.augment import augment
    from training.fitting.averaging import estimate_statistics

    rng = np.random.default_rng(0)
    count = min(PICTURES_FOR_STATISTICS, len(split.fit))
    rows = rng.choice(split.fit, count, replace=False)

    def batches() -> Iterator[NDArray[np.float32]]:
        for some in np.split(rows, np.arange(_BATCH, count, _BATCH)):
            yield augment(dataset.images[some], rng)[..., None].astype(np.float32)

    estimate_statistics(network, batches())
