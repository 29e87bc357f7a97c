"""``emotion-training prepare``: make a data set from the published files."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.errors import UsageError
from emotion_core.terminal import say
from training.commands.kinds import FILE, FOLDER, OUTPUT_FILE


@click.command()
@click.option("--fer", type=FILE, help="fer2013.csv or icml_face_data.csv.")
@click.option("--ferplus", type=FILE, help="fer2013new.csv: FER+ votes, in the same row order.")
@click.option(
    "--folder",
    type=FOLDER,
    help="Instead: a folder per emotion (angry, …), or below folders train and test.",
)
@click.option(
    "--usage",
    type=click.Choice(["Training", "PublicTest", "PrivateTest"]),
    help="Split of a --folder that has none. Default: Training.",
)
@click.option("--output", type=OUTPUT_FILE, required=True, help="Data set to write (.npz).")
def prepare(
    fer: Path | None, ferplus: Path | None, folder: Path | None, usage: str | None, output: Path
) -> None:
    """Make one compact data set from the published csv files, or from a folder per emotion."""
    from training.data.dataset import save_dataset
    from training.data.fer_csv import read_fer
    from training.data.pictures import read_class_folder

    if folder is not None and fer is None and ferplus is None:
        dataset = read_class_folder(folder, usage)
    elif fer is not None and folder is None and usage is None:
        dataset = read_fer(fer, ferplus)
    else:
        message = "pass --fer, which may have --ferplus, or --folder, which may have --usage"
        raise UsageError(None, message)
    save_dataset(dataset, output)
    say(f"{output}: {dataset!r}")
