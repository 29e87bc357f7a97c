"""``emotion-training evaluate``: measure a bundle."""

from __future__ import annotations

import time
from pathlib import Path

import click

from emotion_core.terminal import say, standard_output
from training.commands.kinds import FOLDER, OUTPUT_FOLDER
from training.commands.sample_options import sample_options


@click.command()
@click.option("--bundle", type=FOLDER, required=True, help="Folder of the bundle.")
@sample_options
@click.option("--output", type=OUTPUT_FOLDER, help="Folder for report.html, PNGs and figures.json.")
@click.option("--card/--no-card", default=False, help="Put the figures into the bundle's card.")
def evaluate(
    bundle: Path, data: Path, split: str | None, detect: bool, output: Path | None, card: bool
) -> None:
    """Measure a bundle's inference form on a test split or a folder of labelled pictures."""
    from emotion_core.options import AnalysisOptions
    from training.evaluation.evaluate import evaluate as measure
    from training.evaluation.evaluate import write_into_card
    from training.evaluation.tables import describe

    begun = time.monotonic()

    def tell(step: str) -> None:
        say(f"{time.monotonic() - begun:5.0f} s  {step} …", err=True)

    evaluation = measure(bundle, data, split, AnalysisOptions() if detect else None, tell)
    console = standard_output()
    for part in describe(evaluation):
        console.print(part, markup=False)
    if output is not None:
        from training.evaluation.report import write_report

        write_report(evaluation, output)
    if card:
        write_into_card(evaluation, bundle)
