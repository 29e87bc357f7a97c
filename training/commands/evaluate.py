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
@click.option("--output", type=FOLDER, help="Folder for report.html, PNGs and figures.json.")
@click.option("--card/--no-card", default=False, help="Put the figures into the bundle's card.")
def evaluate(bundle: Path, data: Path, split: str, output: Path | None, card: bool) -> None:
    """Measure a bundle's inference form on a test split."""
    from rich.console import Console

    from training.evaluation.evaluate import evaluate as measure
    from training.evaluation.evaluate import write_into_card
    from training.evaluation.tables import confusion, overview, per_class, robustness

    evaluation = measure(bundle, data, split)
    console = Console()
    title = f"{evaluation.identity['bundle']} on {split}"
    console.print(overview(f"{title}, one forward pass", evaluation.scores))
    console.print(overview("mean of each face and its mirror image", evaluation.mirrored))
    console.print(overview("without rows that also occur in Training", evaluation.unseen))
    for name, scores in evaluation.scores.items():
        console.print(per_class(name, scores))
        console.print(confusion(name, scores))
    shares = (f"{accuracy:.1%} of {share:.0%}" for share, accuracy in evaluation.coverage.items())
    console.print(f"accuracy at coverage: {', '.join(shares)}")
    for name, figure in evaluation.abstention.items():
        console.print(f"abstention, {name}: {figure}")
    console.print(robustness(evaluation))
    console.print(f"{evaluation.milliseconds_per_face:.2f} ms a face, one thread, batches of 32")
    if output is not None:
        from training.evaluation.report import write_report

        write_report(evaluation, output)
    if card:
        write_into_card(evaluation, bundle)
