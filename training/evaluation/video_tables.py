"""Figures on labelled videos: tables for the terminal and a report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.table import Table

from training.evaluation.report import confusion_picture
from training.evaluation.tables import (
    OVERVIEW_COLUMNS,
    confusion,
    overview,
    overview_rows,
    per_class,
)
from training.evaluation.videos import VideoEvaluation
from training.files import write_json
from training.report import Report

NAMES_SHOWN: Final = 5

CEILING: Final = (
    "People are the ceiling. Of CREMA-D (7,442 acted clips of 91 people) a rater who sees the face "
    "without the sound names the acted emotion in 57 % (happy 88, neutral 72, angry 57, disgust "
    "54, fear 44, sad 32), and the majority of about ten raters in 66 %."
)


def describe_videos(found: VideoEvaluation) -> Iterator[Table | str]:
    """Everything that the terminal shows, in order."""
    yield overview(f"{found.bundle} on {found.table}", found.scores)
    for name, scores in found.scores.items():
        yield per_class(name, scores)
        yield confusion(name, scores)
    yield from facts(found)


def facts(found: VideoEvaluation) -> Iterator[str]:
    """What the figures are of, and what they can be compared with."""
    people = f"{found.people} people" if found.people else "people not named in the table"
    yield (
        f"{found.videos - len(found.without_face)} videos with a face, {people}, "
        f"{found.seconds:.0f} s; in the mean {100 * found.certain:.0f} % of a face's frames are "
        "certain. Of each video the track with the largest face is measured."
    )
    if found.without_face:
        yield f"no face found in: {_some(list(found.without_face))}"
    if found.failed:
        yield f"could not be read: {_some([f'{name} ({why})' for name, why in found.failed])}"
    yield CEILING


def write_videos_report(found: VideoEvaluation, folder: Path) -> None:
    """Write ``report.html``, its pictures and ``figures.json``.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    report = Report(f"{found.bundle} on {found.table}")
    report.table(OVERVIEW_COLUMNS, overview_rows(found.scores))
    for fact in facts(found):
        report.text(fact)
    for number, (name, scores) in enumerate(found.scores.items()):
        report.picture(f"confusion_{number}", confusion_picture(scores), f"{name}: confusion")
    report.write(folder)
    write_json(folder / "figures.json", found.to_dict())


def _some(names: list[str]) -> str:
    more = len(names) - NAMES_SHOWN
    rest = f" and {more} more (--output lists them)" if more > 0 else ""
    return ", ".join(names[:NAMES_SHOWN]) + rest
