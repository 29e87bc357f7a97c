"""``emotion-training average``: the mean weights of several bundles."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.export import report
from training.commands.kinds import FILE, FOLDER, OUTPUT_FOLDER


@click.command()
@click.option(
    "--bundle",
    "bundles",
    type=FOLDER,
    multiple=True,
    required=True,
    help="Twice or more often: bundles of one kind of network, fitted on from the same weights.",
)
@click.option(
    "--share",
    "shares",
    type=click.FloatRange(0, 1),
    multiple=True,
    help="Of each bundle in the mean, in their order; without, all alike.",
)
@click.option("--data", type=FILE, required=True, help="The data set of their fits.")
@click.option("--output", type=OUTPUT_FOLDER, required=True, help="Folder of the new bundle.")
@click.option("--name", help="Of the model; by default that of the first bundle.")
@click.option("--version", default="1", show_default=True, help="Of the model.")
@click.option("--note", default="", help="Remark on the fits, for the card.")
def average(
    bundles: tuple[Path, ...],
    shares: tuple[float, ...],
    data: Path,
    output: Path,
    name: str | None,
    version: str,
    note: str,
) -> None:
    """Make one bundle of several, whose network has the mean of their weights.

    It takes the time of one and tends to be better than each. 'fit --initial-weights' can go on
    from its model.keras.
    """
    from training.bundling.average import average as average_bundles
    from training.bundling.write import ExportConfig

    if len(bundles) < 2:
        raise click.UsageError("pass --bundle at least twice")
    config = ExportConfig(name=name, version=version, note=note)
    report(average_bundles(bundles, shares, data, output, config), output)
