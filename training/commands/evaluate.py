"""``emotion-training evaluate``: measure a bundle."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emotion_core.terminal import say, standard_output
from training.commands.kinds import FILE, FOLDER, OUTPUT_FOLDER
from training.commands.sample_options import sample_options

if TYPE_CHECKING:
    from emotion_core.options import AnalysisOptions

TOLD_EVERY_S = 5.0


@click.command()
@click.option("--bundle", type=FOLDER, required=True, help="Folder of the bundle.")
@sample_options(several=True)
@click.option(
    "--videos",
    type=FILE,
    help="Instead of --data: a csv of videos that each show one emotion, with the columns file and "
    "label, and person if that is known.",
)
@click.option("--output", type=OUTPUT_FOLDER, help="Folder for report.html, PNGs and figures.json.")
@click.option("--card/--no-card", default=False, help="Put the figures into the bundle's card.")
def evaluate(
    bundle: Path,
    data: tuple[Path, ...],
    split: str | None,
    detect: bool,
    videos: Path | None,
    output: Path | None,
    card: bool,
) -> None:
    """Measure a bundle's inference form on test splits, folders of labelled pictures, or videos.

    Of one set it shows everything. Several sets stand beside each other, with the figures that
    compare them. Videos are annotated first, and the track with the largest face is held to the
    label.
    """
    from emotion_core.options import AnalysisOptions

    detection = AnalysisOptions() if detect else None
    if videos is not None:
        if data or split or detect:
            raise click.UsageError("--videos stands alone, without --data, --split and --detect.")
        _measure_videos(bundle, videos, output, card=card)
    elif not data:
        raise click.UsageError("Pass --data, or --videos.")
    elif len(data) == 1:
        _measure_one(bundle, data[0], split, detection, output, card=card)
    else:
        _measure_several(bundle, data, split, detection, output, card=card)


def _measure_one(
    bundle: Path,
    data: Path,
    split: str | None,
    detection: AnalysisOptions | None,
    output: Path | None,
    *,
    card: bool,
) -> None:
    from training.evaluation.evaluate import evaluate, write_into_card
    from training.evaluation.tables import describe

    found = evaluate(bundle, data, split, detection, _steps())
    _show(describe(found))
    if output is not None:
        from training.evaluation.report import write_report

        write_report(found, output)
    if card:
        write_into_card(found, bundle)


def _measure_several(
    bundle: Path,
    sets: tuple[Path, ...],
    split: str | None,
    detection: AnalysisOptions | None,
    output: Path | None,
    *,
    card: bool,
) -> None:
    from training.evaluation.several import evaluate_sets, write_sets_into_card
    from training.evaluation.several_tables import describe_sets, write_sets_report

    found = evaluate_sets(bundle, sets, split, detection, _steps())
    _show(describe_sets(found))
    if output is not None:
        write_sets_report(found, output)
    if card:
        write_sets_into_card(found, bundle)


def _measure_videos(bundle: Path, table: Path, output: Path | None, *, card: bool) -> None:
    from emotion_core.options import AnalysisOptions
    from training.evaluation.video_tables import describe_videos, write_videos_report
    from training.evaluation.videos import evaluate_videos, write_videos_into_card

    tell, told = _steps(), time.monotonic()

    def on_video(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TOLD_EVERY_S:
            told = time.monotonic()
            tell(f"{done} of {total} videos")

    found = evaluate_videos(bundle, table, AnalysisOptions(), on_video)
    _show(describe_videos(found))
    if output is not None:
        write_videos_report(found, output)
    if card:
        write_videos_into_card(found, bundle)


def _steps() -> Callable[[str], None]:
    """A function that says what is begun, and how long after the start."""
    begun = time.monotonic()

    def tell(step: str) -> None:
        say(f"{time.monotonic() - begun:5.0f} s  {step} …", err=True)

    return tell


def _show(parts: Iterable[Any]) -> None:
    console = standard_output()
    for part in parts:
        console.print(part, markup=False)
