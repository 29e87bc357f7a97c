"""Make a bundle from finished runs or from another bundle, or calibrate one anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.emotions.classifier import Classifier
from emotion_core.files import hash_file
from training.bundling.card import CARD_FILE, software_versions
from training.bundling.fitted import load_fitted, share_held_back
from training.bundling.held_back import calibrate_and_score
from training.bundling.offsets import offset_heads
from training.bundling.sources import (
    held_back_of,
    load_sources,
    network_without_offsets,
    record_of,
)
from training.bundling.write import ExportConfig, refuse_foreign, write_bundle
from training.data.dataset import SIDE, load_dataset
from training.data.source import source_of
from training.data.split import split_training
from training.files import read_json, write_json
from training.networks.keras_form import load_keras_form


def export(
    runs: Sequence[Path],
    data: Path,
    output: Path,
    config: ExportConfig = ExportConfig(),
    *,
    unfinished: bool = False,
) -> Bundle:
    """Write a bundle; it appears under its name only when it is whole and checked.

    A bundle that is already there is replaced.

    Parameters
    ----------
    runs : sequence of Path
        Folders of `training.fitting.fit.fit`; of several, the networks are joined.
    data : Path
        The data set of those fits; only rows held back from them are read.
    output : Path
        Folder of the bundle.
    config : ExportConfig
    unfinished : bool
        Take fits as they are, also on their way; the card says how far they are.

    Raises
    ------
    RunError
        If a fit is unfinished and may not be, was made from other data, or held back other rows
        than the first, or the inference form differs from Keras by more than it may
        (`write_bundle`).
    OutputError
        If `output` holds something else than a bundle, or cannot be written.
    """
    from training.networks.joined import joined

    refuse_foreign(output)
    dataset = load_dataset(data)
    fitted = [load_fitted(run, data, unfinished=unfinished) for run in runs]
    share = share_held_back(fitted)
    split = split_training(dataset, share)
    network = joined([member.model for member in fitted])
    architectures = "+".join(member.record.config.architecture for member in fitted)
    config = replace(config, name=config.name or f"{architectures}-{SIDE}")
    training = {
        "data": source_of(dataset, data),
        "data_sha256": hash_file(data),
        "held_back_share": share,
        "rows_held_back": len(split.held_back),
        "rows_dropped": split.dropped,
        "parameters": int(network.count_params()),
        "networks": [member.provenance(dataset, split) for member in fitted],
        "software": software_versions(),
    }
    training["offsets"] = offset_heads(network, dataset, split.held_back)
    return write_bundle(network, training, dataset, split, output, config)


def export_again(
    sources: Sequence[Path], data: Path, output: Path, config: ExportConfig = ExportConfig()
) -> Bundle:
    """Make a bundle from the network of another one, such as in another form, or join several.

    Parameters
    ----------
    sources : sequence of Path
        Bundles with ``model.keras``; of several, the networks are joined.
    data : Path
        The data set of their fits; only rows held back from that are read.
    output : Path
        Folder of the new bundle; it may be the only one of `sources`.
    config : ExportConfig
        Without a name, version or note, those of the only one of `sources` are kept.

    Raises
    ------
    BundleError
        If one of `sources` is no bundle with a network, was fitted on other data, or held back
        other rows than the first.
    RunError, OutputError
        As of `export`.
    """
    from training.networks.joined import joined

    refuse_foreign(output)
    bundles, dataset, split = load_sources(sources, data)
    card = bundles[0].card
    if len(bundles) == 1:
        network = load_keras_form(bundles[0])
        training = dict(card["training"])
        if "offsets" not in training:
            training["offsets"] = offset_heads(network, dataset, split.held_back)
        version = card["version"]
    else:
        network = joined([network_without_offsets(bundle) for bundle in bundles])
        training = {
            **record_of(bundles),
            "joined_of": [{"name": bundle.name, "sha256": bundle.sha256} for bundle in bundles],
            "parameters": int(network.count_params()),
            "offsets": offset_heads(network, dataset, split.held_back),
            "software": software_versions(),
        }
        version = "1"
    config = replace(config, name=config.name or card["name"], version=config.version or version)
    return write_bundle(network, training, dataset, split, output, config)


def calibrate_again(folder: Path, data: Path, target_error: float = 0.1) -> Bundle:
    """Fit temperature, threshold and their dependence on quality anew; the network stays.

    Figures of test rows, which were measured with the calibration before, leave the card.

    Parameters
    ----------
    folder : Path
        A bundle whose card says which share of its data was held back.
    data : Path
        The data set of its fit; only rows held back from that are read.
    target_error : float, 0-1
        Largest error wanted among the predictions that are not uncertain.

    Raises
    ------
    BundleError
        If `folder` is no bundle, or was fitted on other data.
    DatasetError
        If no row held back can be used.
    """
    bundle = load_bundle(folder)
    dataset, split = held_back_of(bundle, data)
    found = calibrate_and_score(Classifier(bundle), dataset, split.held_back, target_error)
    write_json(folder / CARD_FILE, {**read_json(folder / CARD_FILE), **found})
    return load_bundle(folder)
