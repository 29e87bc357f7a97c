"""``emotion-training answers``: what networks answer to rows that they left out."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import say
from training.commands.kinds import FILE, FOLDER, OUTPUT_FILE


@click.command()
@click.option(
    "--run",
    "runs",
    type=FOLDER,
    required=True,
    multiple=True,
    help="Of 'fit --folds K --fold I'; repeat it for every fold.",
)
@click.option("--data", type=FILE, required=True, help="Data set that the fits were made from.")
@click.option("--output", type=OUTPUT_FILE, required=True, help="File to write, ….npz.")
def answers(runs: tuple[Path, ...], data: Path, output: Path) -> None:
    """Write what the networks of a cross-fit answer to the rows that each has left out.

    'fit --answers' learns them beside the labels: they lack the noise that a network has learned
    by heart.
    """
    from training.fitting.answers import write_answers

    say(f"{output}: answers to {write_answers(runs, data, output)} rows")
