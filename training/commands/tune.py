"""``emotion-training tune``: search for settings of the tuned CNN."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.terminal import standard_output
from training.commands.kinds import FILE, OUTPUT_FOLDER, SEED
from training.config import TUNERS, FitConfig

if TYPE_CHECKING:
    from training.tuning.search import Trial

FIT = FitConfig("tuned")


@click.command()
@click.option("--data", type=FILE, required=True, help="Data set of 'prepare'.")
@click.option("--output", "folder", type=OUTPUT_FOLDER, required=True, help="Folder of the search.")
@click.option(
    "--tuner",
    type=click.Choice(TUNERS),
    default="random",
    show_default=True,
    help="All trials to their end, or (Hyperband) only those that are best after a few epochs.",
)
@click.option("--trials", type=click.IntRange(1), help="Of random: settings to try. [default: 20]")
@click.option("--epochs", type=click.IntRange(1), help="Of random: for each. [default: 10]")
@click.option(
    "--max-epochs", type=click.IntRange(1), help="Of hyperband: for the best. [default: 9]"
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
    type=SEED,
    default=FIT.seed,
    show_default=True,
    help="Of the choice of settings, and of each fit.",
)
@click.option("--limit", type=click.IntRange(1), help="Only so many rows, to try the path.")
def tune(
    data: Path,
    folder: Path,
    tuner: str,
    trials: int | None,
    epochs: int | None,
    max_epochs: int | None,
    batch_size: int,
    seed: int,
    limit: int | None,
) -> None:
    """Search for numbers of filters, dense units, dropout and learning rate of the tuned CNN.

    Each trial is fitted as 'fit' does; the best recognises most FER labels of held-back rows.
    Test rows take no part. The same command goes on after an interruption, and more --trials add
    to those that are finished. 'fit --config FOLDER/best.toml' takes the best settings.
    """
    if tuner == "random" and max_epochs is not None:
        raise click.UsageError("--max-epochs belongs to --tuner hyperband; random has --epochs")
    if tuner == "hyperband" and (trials, epochs) != (None, None):
        raise click.UsageError("--trials and --epochs belong to --tuner random")

    from training.tuning.report import shown, table, write_results
    from training.tuning.search import tune as search_settings

    length = (max_epochs or 9) if tuner == "hyperband" else (epochs or 10)
    config = FitConfig("tuned", epochs=length, batch_size=batch_size, seed=seed, limit=limit)
    # A search builds many networks on purpose; TensorFlow warns that each one costs time.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    console = standard_output()

    def trial_done(trial: Trial, number: int, fresh: bool) -> None:
        settings = "  ".join(f"{k.replace('_', ' ')} {shown(v)}" for k, v in trial.settings.items())
        time = f"{trial.seconds:.0f} s" if fresh else "was finished"
        console.print(
            f"trial {number}  {settings}  {trial.epochs} of {length} epochs  "
            f"FER {trial.accuracy:.1%}  {time}",
            soft_wrap=True,
        )

    search = search_settings(data, folder, config, tuner, trials or 20, trial_done)
    write_results(search, folder)
    console.print(table(search))
    console.print(f"{folder}: best.toml has the best settings, report.html has all", soft_wrap=True)
