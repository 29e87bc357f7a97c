"""``emotion-training identifier``: the network that tells people apart."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import say
from training.commands.kinds import FILE, OUTPUT_FOLDER


@click.command()
@click.option(
    "--initial-weights",
    "weights",
    type=FILE,
    required=True,
    help="Weights that know faces, of 'emotion-training initial-weights'.",
)
@click.option(
    "--data",
    type=FILE,
    required=True,
    help="A data set of 'emotion-training prepare'; its labels are not read.",
)
@click.option(
    "--output", type=OUTPUT_FOLDER, required=True, help="Folder of the network and its card."
)
def identifier(weights: Path, data: Path, output: Path) -> None:
    """Make the folder that 'annotate --identities' takes: a network that tells people apart."""
    from training.bundling.identifier import export_identifier
    from training.networks.face_weights import TERMS

    export_identifier(weights, data, output)
    say(f"{output}: written. {TERMS}")
