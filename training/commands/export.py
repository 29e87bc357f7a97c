"""``emotion-training export``: make a bundle of fitted networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from emotion_core.terminal import say
from training.commands.kinds import FILE, FOLDER, OUTPUT_FOLDER

if TYPE_CHECKING:
    from emotion_core.bundle import Bundle

ROWS_WANTED: Final = 200
"""Held back; with 200 the error of the certain ones is known to four points or so."""


@click.command()
@click.option(
    "--run",
    "runs",
    type=FOLDER,
    multiple=True,
    help="Folder of a finished fit; of several the mean is exported.",
)
@click.option(
    "--bundle",
    "sources",
    type=FOLDER,
    multiple=True,
    help="Instead of runs: a bundle whose network gets another form; of several the mean.",
)
@click.option("--data", type=FILE, required=True, help="The data set of the fits or the bundle.")
@click.option("--output", type=OUTPUT_FOLDER, required=True, help="Folder of the bundle.")
@click.option("--name", help="Of the model; by default that of its networks.")
@click.option("--version", help="Of the model; by default 1, or that of --bundle.")
@click.option(
    "--target-error",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Largest error wanted among predictions that are not marked uncertain.",
)
@click.option(
    "--form",
    type=click.Choice(["int8", "f16"]),
    default="int8",
    show_default=True,
    help="Of the inference form: 8-bit convolutions, or weights in half precision.",
)
@click.option(
    "--unfinished",
    is_flag=True,
    help="Take fits as they are, also on their way; the card says how far they are.",
)
@click.option("--note", default="", help="Remark on the fit, for the card.")
def export(
    runs: tuple[Path, ...],
    sources: tuple[Path, ...],
    data: Path,
    output: Path,
    unfinished: bool,
    **settings: Any,
) -> None:
    """Calibrate fitted networks on rows held back and write them as a bundle."""
    from training.bundling.export import export as export_runs
    from training.bundling.export import export_again
    from training.bundling.write import ExportConfig

    if bool(runs) == bool(sources):
        raise click.UsageError("pass either --run or --bundle")
    if sources and unfinished:
        raise click.UsageError("--unfinished is of fits: a --bundle is finished")
    config = ExportConfig(**settings)
    if runs:
        report(export_runs(runs, data, output, config, unfinished=unfinished), output)
    else:
        report(export_again(sources, data, output, config), output)


def report(bundle: Bundle, output: Path) -> None:
    """Say what a new bundle has come to."""
    parity = bundle.card["parity"]
    abstention = bundle.card["abstention"]
    kept, rows = abstention["kept_share"], abstention["rows"]
    say(
        f"{output}: {bundle.name}, temperature {bundle.temperature:.3f}, uncertain below "
        f"{bundle.abstention_threshold:.3f} (keeps {kept:.1%} of the {rows:,} rows held back), "
        f"probabilities {parity['mean_difference_of_probabilities']:.2g} from Keras's in the mean, "
        f"{parity['largest_difference_of_probabilities']:.2g} at most"
    )
    if rows < ROWS_WANTED:
        say(
            f"{output}: {rows:,} rows are too few to calibrate on ({ROWS_WANTED} or more do): "
            "do not rely on its confidence",
            err=True,
        )
