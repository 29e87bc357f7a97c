"""``emotion-training prepare``: make a data set from the published files."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.kinds import FILE


@click.command()
@click.option("--fer", type=FILE, required=True, help="fer2013.csv or icml_face_data.csv.")
@click.option("--ferplus", type=FILE, help="fer2013new.csv: FER+ votes, in the same row order.")
@click.option("--output", type=FILE, required=True, help="Data set to write (.npz).")
def prepare(fer: Path, ferplus: Path | None, output: Path) -> None:
    """Make one compact data set from the published csv files."""
    from training.data.dataset import save_dataset
    from training.data.fer_csv import read_fer

    dataset = read_fer(fer, ferplus)
    save_dataset(dataset, output)
    click.echo(f"{output}: {dataset!r}")
