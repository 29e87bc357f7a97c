"""Bundles that another is made of: their networks, their data, and what the card says of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.errors import BundleError
from emotion_core.files import hash_file
from training.bundling.ancestors import ANCESTORS, with_ancestors
from training.bundling.offsets import take_back
from training.data.dataset import Dataset, load_dataset
from training.data.split import Split, split_training
from training.networks.keras_form import load_keras_form

if TYPE_CHECKING:
    import keras


def held_back_of(bundle: Bundle, data: Path) -> tuple[Dataset, Split]:
    """The data of a bundle's fit, and what of them was held back.

    Raises
    ------
    BundleError
        If it was fitted on other data.
    """
    training = bundle.card.get("training", {})
    if training.get("data_sha256") != hash_file(data):
        raise BundleError(bundle.path, f"was fitted on other data than {data}")
    dataset = load_dataset(data)
    return dataset, split_training(dataset, training["held_back_share"])


def load_sources(sources: Sequence[Path], data: Path) -> tuple[list[Bundle], Dataset, Split]:
    """Bundles that were fitted on the same rows, and the data of their fits.

    Raises
    ------
    BundleError
        If one cannot be read, was fitted on other data, or held back other rows than the first.
    """
    bundles = [load_bundle(source) for source in sources]
    dataset, split = held_back_of(bundles[0], data)
    share = bundles[0].card["training"]["held_back_share"]
    for bundle in bundles[1:]:
        held_back_of(bundle, data)
        if bundle.card["training"]["held_back_share"] != share:
            raise BundleError(bundle.path, f"held back other rows than {bundles[0].path}")
    return bundles, dataset, split


def network_without_offsets(bundle: Bundle) -> keras.Model:
    """The network of a bundle, with the biases of its heads as they were fitted.

    Raises
    ------
    BundleError
        As of `training.networks.keras_form.load_keras_form`.
    """
    network = load_keras_form(bundle)
    take_back(network, bundle.card["training"].get("offsets", {}))
    return network


def record_of(bundles: Sequence[Bundle]) -> dict[str, Any]:
    """What the card says of the fits behind some bundles, each of them once."""
    records = [with_ancestors(bundle.card["training"]) for bundle in bundles]
    kept = ("data", "data_sha256", "held_back_share", "rows_held_back", "rows_dropped")
    networks = [fitted for record in records for fitted in record["networks"]]
    return {
        **{name: records[0][name] for name in kept},
        # A bundle may be a mean with parts of another one in it.
        "networks": [fitted for i, fitted in enumerate(networks) if fitted not in networks[:i]],
        ANCESTORS: {
            sha256: known
            for record in records
            for sha256, known in record.get(ANCESTORS, {}).items()
        },
    }
