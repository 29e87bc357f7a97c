"""``emotion-training explore``: report on a data set."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import say
from training.commands.kinds import FILE, OUTPUT_FOLDER


@click.command()
@click.option("--data", type=FILE, required=True, help="Data set of 'prepare'.")
@click.option("--output", type=OUTPUT_FOLDER, required=True, help="Folder of the report.")
def explore(data: Path, output: Path) -> None:
    """Look at a data set before fitting: a report as one HTML file, PNGs and figures.json.

    Classes and sample pictures, agreement of FER labels and FER+ majorities, mean face and
    variability of each class, principal components, and copies: pictures that occur more than
    once, exactly or nearly, within and across splits, and those with several labels. Of test
    rows only the number and the pixels are read, never labels or votes. The pictures show faces
    of the data set: its terms apply to them.
    """
    from training.exploration.explore import explore as write_report

    figures = write_report(data, output)
    for kind in ("exact", "near"):
        counts = figures["duplicates"][kind]
        within, conflicts = counts["within"]["Training"], counts["conflicting_labels"]
        say(
            f"{kind} copies: {within['rows']} Training rows in {within['groups']} groups, "
            f"{conflicts['groups']} of them with several labels"
        )
    say(f"{output / 'report.html'}: {figures['rows']['Training']} Training rows described")
