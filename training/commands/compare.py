"""``emotion-training compare``: several bundles on the same rows."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import standard_output
from training.commands.kinds import FOLDER, OUTPUT_FOLDER
from training.commands.sample_options import sample_options


@click.command()
@click.option(
    "--bundle",
    "bundles",
    type=FOLDER,
    required=True,
    multiple=True,
    help="Folder of a bundle; give two or more. The first is what the others are compared with.",
)
@sample_options(several=False)
@click.option("--output", type=OUTPUT_FOLDER, help="Folder for the figures and a report.")
def compare(
    bundles: tuple[Path, ...], data: Path, split: str | None, detect: bool, output: Path | None
) -> None:
    """Measure bundles on the same faces, paired (McNemar's exact test)."""
    from emotion_core.options import AnalysisOptions
    from training.comparison.paired import compare_bundles
    from training.comparison.report import build_report, names, tables
    from training.evaluation.tables import describe_found
    from training.files import write_json

    evaluation = compare_bundles(bundles, data, split, AnalysisOptions() if detect else None)
    console = standard_output()
    for name in names(evaluation):
        console.print(name)
    for note in evaluation.notes:
        console.print(note, markup=False)
    if evaluation.search is not None:
        for part in describe_found(evaluation.search):
            console.print(part, markup=False)
    for table in tables(evaluation):
        console.print(table)
    if output is not None:
        write_json(output / "figures.json", evaluation.to_dict())
        build_report(evaluation).write(output)
