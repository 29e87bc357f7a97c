"""``emotion-training evaluate``: measure a bundle."""

from __future__ import annotations

from pathlib import Path

import click

from training.commands.kinds import FILE, FOLDER


@click.command()
@click.option("--bundle", type=FOLDER, required=True, help="Folder of the bundle.")
@click.option("--data", type=FILE, required=True, help="Data set of 'prepare'.")
@click.option(
    "--split",
    type=click.Choice(["PublicTest", "PrivateTest"]),
    default="PublicTest",
    show_default=True,
    help="Rows to measure on.",
)
@click.option("--output", type=FILE, help="JSON file for the figures.")
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
