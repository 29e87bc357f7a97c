"""The command ``emotion-training``: prepare data, fit, export a bundle, evaluate it.

Each command parses, calls one library function and prints its report. Heavy libraries are
imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from emotion_core.errors import EmotionError
from training.config import FitConfig

FIT = FitConfig()

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


class _Refused(click.ClickException):
    exit_code = 2


class _Channels(click.ParamType[tuple[int, ...]]):
    """Channels of each stage, like ``24,48,96,192``."""

    name = "numbers"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            channels = tuple(int(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no list like 24,48,96,192", param, ctx)
        if min(channels) < 1 or len(channels) > 5:
            self.fail("one to five positive numbers, separated by commas", param, ctx)
        return channels


class _Commands(click.Group):
    """Prints the errors of inputs and outputs as one line and ends with exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        # Only what the user set himself overrides these: TensorFlow's start-up notes are noise.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        try:
            return super().invoke(ctx)
        except EmotionError as error:
            raise _Refused(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="emotion-annotate")
def main() -> None:
    """Train the classifier of apparent emotions, measure it, and export it for annotation.

    \b
    emotion-training prepare --fer fer2013.csv --ferplus fer2013new.csv --output fer.npz
    emotion-training fit --data fer.npz --output runs/1
    emotion-training export --run runs/1 --data fer.npz --output bundle
    emotion-training evaluate --bundle bundle --data fer.npz
    """


@main.command()
@click.option("--fer", type=_FILE, required=True, help="fer2013.csv or icml_face_data.csv.")
@click.option("--ferplus", type=_FILE, help="fer2013new.csv: FER+ votes, in the same row order.")
@click.option("--output", type=_FILE, required=True, help="Data set to write (.npz).")
def prepare(fer: Path, ferplus: Path | None, output: Path) -> None:
    """Make one compact data set from the published csv files."""
    from training.dataset import save_dataset
    from training.fer_csv import read_fer

    dataset = read_fer(fer, ferplus)
    save_dataset(dataset, output)
    click.echo(f"{output}: {dataset!r}")


@main.command()
@click.option("--data", type=_FILE, required=True, help="Data set of 'prepare'.")
@click.option("--output", "run", type=_FOLDER, required=True, help="Folder of the run.")
@click.option(
    "--architecture",
    type=click.Choice(["mobilenet", "residual"]),
    default=FIT.architecture,
    show_default=True,
    help="The network.",
)
@click.option(
    "--initial-weights",
    type=_FILE,
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
    type=_Channels(),
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


@main.command()
@click.option("--run", type=_FOLDER, required=True, help="Folder of a finished fit.")
@click.option("--data", type=_FILE, required=True, help="The data set of that fit.")
@click.option("--output", type=_FOLDER, required=True, help="Folder of the bundle.")
@click.option("--name", default="compact-residual-cnn-48", show_default=True, help="Of the model.")
@click.option("--version", default="1", show_default=True, help="Of the model.")
@click.option(
    "--target-error",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Largest error wanted among predictions that are not marked uncertain.",
)
@click.option("--note", default="", help="Remark on the fit, for the card.")
def export(run: Path, data: Path, output: Path, **settings: Any) -> None:
    """Calibrate a fitted network on rows held back and write it as a bundle."""
    from training.export import ExportConfig
    from training.export import export as write_bundle

    bundle = write_bundle(run, data, output, ExportConfig(**settings))
    difference = bundle.card["parity"]["largest_difference_of_probabilities"]
    kept = bundle.card["abstention"]["kept_share"]
    click.echo(
        f"{output}: {bundle.name}, temperature {bundle.temperature:.3f}, uncertain below "
        f"{bundle.abstention_threshold:.3f} (keeps {kept:.1%} of the rows held back), "
        f"largest difference from Keras {difference:.2g}"
    )


@main.command()
@click.option("--bundle", type=_FOLDER, required=True, help="Folder of the bundle.")
@click.option("--data", type=_FILE, required=True, help="Data set of 'prepare'.")
@click.option(
    "--split",
    type=click.Choice(["PublicTest", "PrivateTest"]),
    default="PublicTest",
    show_default=True,
    help="Rows to measure on.",
)
@click.option("--output", type=_FILE, help="JSON file for the figures.")
@click.option("--card/--no-card", default=False, help="Put the figures into the bundle's card.")
def evaluate(bundle: Path, data: Path, split: str, output: Path | None, card: bool) -> None:
    """Measure a bundle's inference form on a test split."""
    from rich.console import Console

    from training.evaluate import evaluate as measure
    from training.evaluate import write_into_card
    from training.run_folder import write_json
    from training.tables import overview, per_class

    evaluation = measure(bundle, data, split)
    console = Console()
    console.print(overview(evaluation))
    for name, scores in evaluation.scores.items():
        console.print(per_class(name, scores))
    for name, figure in evaluation.abstention.items():
        console.print(f"abstention, {name}: {figure}")
    if output is not None:
        write_json(output, evaluation.to_dict())
    if card:
        write_into_card(evaluation, bundle)
