"""``emotion-training explain``: where a bundle looks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from emotion_core.errors import UsageError
from emotion_core.labels import EMOTIONS
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.terminal import say
from training.commands.kinds import FILE, FOLDER, OUTPUT_FOLDER

if TYPE_CHECKING:
    from emotion_core.bundle import Bundle
    from training.explanation.explain import Face

OTHER_DATA: Final = (
    "The bundle was not fitted on {data}. Of pictures that it was fitted on, those that are there "
    "with other pixels, such as encoded anew, may be among the rows shown."
)


@click.command()
@click.option("--bundle", type=FOLDER, default=DEFAULT_BUNDLE, help="Default: the shipped one.")
@click.option("--image", "images", type=FILE, multiple=True, help="A picture; may be repeated.")
@click.option("--data", type=FILE, help="Data set of 'prepare': held-back rows of each emotion.")
@click.option(
    "--cases",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="With --data: so many most confidently right, and as many wrong, of each emotion.",
)
@click.option("--timeline", type=FILE, help="Timeline of a video; needs --frame and --track.")
@click.option("--frame", type=click.IntRange(0), help="Number of the frame in the timeline.")
@click.option("--track", type=click.IntRange(0), help="Number of the face in the timeline.")
@click.option(
    "--emotion",
    type=click.Choice(EMOTIONS),
    help="Explain the score of this one instead of the most probable.",
)
@click.option(
    "--output", type=OUTPUT_FOLDER, required=True, help="Folder for the report and pictures."
)
def explain(
    bundle: Path,
    images: tuple[Path, ...],
    data: Path | None,
    cases: int,
    timeline: Path | None,
    frame: int | None,
    track: int | None,
    emotion: str | None,
    output: Path,
) -> None:
    """Show which parts of a face raise an emotion's score (Grad-CAM).

    Faces come from pictures (--image), from rows held back from the fit (--data), or from a row of
    a timeline (--timeline).
    """
    from emotion_core.bundle import load_bundle
    from training.explanation.explain import explain_faces
    from training.explanation.plots import build_report

    if sum((bool(images), data is not None, timeline is not None)) != 1:
        raise UsageError(None, "pass one of --image, --data and --timeline")
    if timeline is None and (frame is not None or track is not None):
        raise UsageError(None, "--frame and --track need --timeline")
    given = click.get_current_context().get_parameter_source("cases")
    if data is None and given is ParameterSource.COMMANDLINE:
        raise UsageError(None, "--cases needs --data")
    model = load_bundle(bundle)
    if timeline is not None:
        faces = [_timeline_face(timeline, frame, track, model)]
    elif data is not None:
        faces = _held_back_faces(data, model, cases)
    else:
        from training.explanation.explain import faces_of_pictures

        faces = faces_of_pictures(images, model)
    index = None if emotion is None else EMOTIONS.index(emotion)
    explanations = explain_faces(faces, model, index)
    remark = "" if data is None or _is_data_of(model, data) else OTHER_DATA.format(data=data.name)
    if remark:
        say(f"{data}: {remark}", err=True)
    build_report(explanations, model, remark).write(output)
    for explanation in explanations:
        best = explanation.predicted
        share = explanation.probabilities[best]
        say(f"{explanation.face.title}: {EMOTIONS[best]}, {share:.1%}")
        for note in explanation.face.notes:
            say(f"  {note}")
    say(output / "report.html")


def _timeline_face(timeline: Path, frame: int | None, track: int | None, bundle: Bundle) -> Face:
    from training.explanation.timeline_face import face_of_timeline

    if frame is None or track is None:
        raise UsageError(timeline, "which row? pass --frame and --track")
    return face_of_timeline(timeline, frame, track, bundle)


def _is_data_of(bundle: Bundle, data: Path) -> bool:
    from emotion_core.files import hash_file

    return bool(bundle.card.get("training", {}).get("data_sha256") == hash_file(data))


def _held_back_faces(data: Path, bundle: Bundle, count: int) -> list[Face]:
    from training.data.dataset import load_dataset
    from training.errors import DatasetError
    from training.explanation.explain import faces_of_cases

    faces = faces_of_cases(load_dataset(data), bundle, count)
    if not faces:
        raise DatasetError(data, "holds no Training rows that were held back")
    return faces
