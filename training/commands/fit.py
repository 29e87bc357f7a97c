"""``emotion-training fit``: fit a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from training.commands.kinds import FILE, FOLDER, Channels
from training.config import FitConfig

FIT = FitConfig()


@click.command()
@click.option("--data", type=FILE, required=True, help="Data set of 'prepare'.")
@click.option("--output", "run", type=FOLDER, required=True, help="Folder of the run.")
@click.option(
    "--architecture",
    type=click.Choice(["mobilenet", "residual", "baseline", "tuned"]),
    default=FIT.architecture,
    show_default=True,
    help="The network; baseline and tuned are plain CNNs to compare with.",
)
@click.option(
    "--initial-weights",
    type=FILE,
    help="Weights of a Keras MobileNet without top to start from; random without.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    default=FIT.epochs,
    show_default=True,
    help="Passes over the rows; the learning rate falls over all of them.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    default=FIT.batch_size,
    show_default=True,
    help="Pictures in one step.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=FIT.seed,
    show_default=True,
    help="Of the first weights, the order of the rows and their augmentation.",
)
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, min_open=True),
    default=FIT.learning_rate,
    show_default=True,
    help="Highest; falls to zero along a cosine.",
)
@click.option(
    "--weight-decay",
    type=click.FloatRange(0),
    default=FIT.weight_decay,
    show_default=True,
    help="Decoupled from the gradient (AdamW).",
)
@click.option(
    "--dropout",
    type=click.FloatRange(0, 1, max_open=True),
    default=FIT.dropout,
    show_default=True,
    help="Share of the pooled features that is dropped.",
)
@click.option(
    "--channels",
    type=Channels(),
    default=",".join(map(str, FIT.channels)),
    show_default=True,
    help="Channels of each stage; the side halves between stages.",
)
@click.option(
    "--precision",
    type=click.Choice(["float32", "mixed_bfloat16"]),
    default=FIT.precision,
    show_default=True,
    help="mixed_bfloat16 is faster only on hardware that computes in it.",
)
@click.option("--limit", type=click.IntRange(1), help="Only so many rows: a trial of the path.")
def fit(data: Path, run: Path, initial_weights: Path | None, **settings: Any) -> None:
    """Fit the network on Training rows; the same command goes on after an interruption.

    Rows whose pixels also occur in a test split are left out, and about a tenth is held back for
    validation, temperature and abstention. Test rows are never learned from or selected on.
    """
    from training.fit import fit as run_fit

    config = FitConfig(**settings)

    def show(row: dict[str, Any]) -> None:
        click.echo(
            f"epoch {row['epoch']}/{config.epochs}  {row['seconds']:.0f} s  loss {row['loss']:.3f}"
            f"  held back: loss {row['held_back_loss']:.3f}"
            f", FER {row['held_back_fer_accuracy']:.1%}"
            f", FER+ {row['held_back_ferplus_accuracy']:.1%}"
        )

    history = run_fit(data, run, config, initial_weights, on_epoch=show)
    click.echo(f"{run}: {len(history)} epochs finished")
