"""``emotion-training calibrate``: fit a bundle's calibration anew."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import say
from training.commands.kinds import FILE, FOLDER


@click.command()
@click.option("--bundle", type=FOLDER, required=True, help="Folder of the bundle.")
@click.option("--data", type=FILE, required=True, help="The data set of its fit.")
@click.option(
    "--target-error",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Largest error wanted among predictions that are not marked uncertain.",
)
def calibrate(bundle: Path, data: Path, target_error: float) -> None:
    """Fit temperature and threshold of a bundle, also by quality, and write them into its card.

    The network stays as it is. Figures of test rows leave the card: 'evaluate --card' measures
    them again.
    """
    from training.bundling.export import calibrate_again

    found = calibrate_again(bundle, data, target_error)
    quality, kept = found.card["quality"], found.card["abstention"]["kept_share"]
    say(
        f"{bundle}: temperature {found.temperature:.3f} / quality^"
        f"{quality['temperature_exponent']:.3f}, uncertain below 1 - "
        f"{1 - found.abstention_threshold:.3f} quality^{quality['threshold_exponent']:.3f} "
        f"(keeps {kept:.1%} of the rows held back)"
    )
