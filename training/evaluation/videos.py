"""Measure a bundle on videos that each show one emotion, annotated as ``annotate`` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from emotion_core.annotator import Annotator
from emotion_core.bundle import load_bundle
from emotion_core.errors import MediaError
from emotion_core.files import hash_file
from emotion_core.labels import EMOTIONS
from emotion_core.options import AnalysisOptions
from training.data.labelled_videos import LabelledVideo, read_labelled_videos
from training.errors import DatasetError
from training.evaluation.metrics import Scores, score
from training.files import read_json, write_json

BY_FRAMES: Final = "label by majority of frames"
BY_MEAN: Final = "label by mean probability"


@dataclass(frozen=True, eq=False)
class FaceSeen:
    """What the timeline of a video says of its largest face.

    Parameters
    ----------
    share : ndarray [shape=(7,), float64, 0-1]
        Share of the face's frames in which each emotion is the likeliest.
    mean : ndarray [shape=(7,), float64, 0-1]
        Mean of the smoothed probabilities.
    certain : float, 0-1
        Share of its frames that are not uncertain.
    seconds : float
        From the first frame of the video to its last.
    """

    share: NDArray[np.float64]
    mean: NDArray[np.float64]
    certain: float
    seconds: float


@dataclass(frozen=True, eq=False)
class VideoEvaluation:
    """Figures of one bundle on labelled videos.

    Parameters
    ----------
    bundle, model_sha256 : str
    table, table_sha256 : str
        Name and hash of the table of labels.
    scores : dict of str to Scores
        By `BY_FRAMES` and `BY_MEAN`, of the videos in which a face was found.
    videos : int
        All that could be read.
    without_face : tuple of str
        Those in which no face was found.
    failed : tuple of (str, str)
        Those that could not be read, and why.
    people : int
        How many the table names; 0 where it does not say.
    seconds : float
        Of the videos with a face.
    certain : float, 0-1
        Mean share of the frames that are not uncertain.
    """

    bundle: str
    model_sha256: str
    table: str
    table_sha256: str
    scores: dict[str, Scores]
    videos: int
    without_face: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    people: int
    seconds: float
    certain: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "bundle": self.bundle,
            "model_sha256": self.model_sha256,
            "table": self.table,
            "table_sha256": self.table_sha256,
            "videos": self.videos,
            "without_a_face": list(self.without_face),
            "failed": [{"file": name, "error": error} for name, error in self.failed],
            "people": self.people,
            "seconds": round(self.seconds, 3),
            "certain_share": round(self.certain, 6),
            "results": {name: scores.to_dict() for name, scores in self.scores.items()},
        }


def evaluate_videos(
    bundle_folder: Path,
    table: Path,
    options: AnalysisOptions,
    on_video: Callable[[int, int], None] | None = None,
) -> VideoEvaluation:
    """Annotate each video of a table and hold its largest face to the label.

    Parameters
    ----------
    bundle_folder : Path
    table : Path
        As `read_labelled_videos` takes it.
    options : AnalysisOptions
        How the videos are analysed.
    on_video : callable, optional
        Called after each video with how many are done, and of how many.

    Raises
    ------
    BundleError
        The bundle cannot be loaded.
    DatasetError
        The table cannot be used, or no video shows a face.
    """
    videos = read_labelled_videos(table)
    bundle = load_bundle(bundle_folder)
    annotator = Annotator(analysis=options, model=bundle_folder)
    seen: list[tuple[LabelledVideo, FaceSeen]] = []
    without_face: list[str] = []
    failed: list[tuple[str, str]] = []
    for number, video in enumerate(videos, 1):
        try:
            face = largest_face(annotator.annotate(video.path).rows)
        except MediaError as error:
            failed.append((video.name, error.message))
        else:
            seen += [] if face is None else [(video, face)]
            without_face += [video.name] if face is None else []
        if on_video is not None:
            on_video(number, len(videos))
    if not seen:
        reason = f"{failed[0][0]}: {failed[0][1]}" if failed else "no face was found in any"
        raise DatasetError(table, f"no video could be measured ({reason})")
    return VideoEvaluation(
        bundle=bundle.name,
        model_sha256=bundle.card["files"]["model.bin"],
        table=table.name,
        table_sha256=hash_file(table),
        scores=_score(seen),
        videos=len(videos) - len(failed),
        without_face=tuple(without_face),
        failed=tuple(failed),
        people=len({video.person for video, _ in seen if video.person}),
        seconds=sum(face.seconds for _, face in seen),
        certain=float(np.mean([face.certain for _, face in seen])),
    )


def largest_face(rows: pa.Table) -> FaceSeen | None:
    """What the rows of a timeline say of the track with the largest boxes, summed over its frames.

    None where no frame shows a face.
    """
    faces = rows.filter(pc.is_valid(rows["emotion"]))
    if not len(faces):
        return None
    track = faces["track"].to_numpy()
    area = faces["box_w"].to_numpy() * faces["box_h"].to_numpy()
    largest = np.bincount(track, weights=area).argmax()
    face = faces.filter(pa.array(track == largest))
    found = np.array([EMOTIONS.index(name) for name in face["emotion"].to_pylist()])
    return FaceSeen(
        share=np.bincount(found, minlength=len(EMOTIONS)) / len(found),
        mean=np.array([pc.mean(face[f"p_{name}"]).as_py() for name in EMOTIONS]),
        certain=1 - float(pc.mean(face["uncertain"]).as_py()),
        seconds=float(pc.max(rows["time_us"]).as_py()) / 1e6,
    )


def write_videos_into_card(found: VideoEvaluation, bundle_folder: Path) -> None:
    """Put the figures into the card of the bundle that they belong to, under the table's name."""
    path = bundle_folder / "card.json"
    card = read_json(path)
    card.setdefault("metrics", {}).setdefault("videos", {})[found.table] = found.to_dict()
    write_json(path, card)


def _score(seen: Sequence[tuple[LabelledVideo, FaceSeen]]) -> dict[str, Scores]:
    truth = np.array([video.emotion for video, _ in seen], np.int64)
    mean = np.stack([face.mean for _, face in seen])
    # Of emotions that lead in equally many frames, the likelier one on the whole.
    share = np.stack([face.share for _, face in seen]) + 1e-6 * mean
    return {
        name: score(truth, np.asarray(values, np.float32), EMOTIONS)
        for name, values in ((BY_FRAMES, share), (BY_MEAN, mean))
    }
