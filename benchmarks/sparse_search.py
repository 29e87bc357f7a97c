"""What is lost where faces are searched for on some frames only, against a search on every frame.

python -m benchmarks.sparse_search CLIP… [--interval 0.16]
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.stopwatch import Stopwatch
from emotion_core import Annotator
from emotion_core.faces.detector import overlap
from emotion_core.faces.find import FaceFinder
from emotion_core.labels import EMOTIONS
from emotion_core.options import AnalysisOptions

OVERLAP_MIN: Final = 0.5
"""Of the boxes of one face in both timelines."""

_BOX: Final = ("box_x", "box_y", "box_w", "box_h")


@dataclass(frozen=True)
class Timeline:
    """Faces of a clip: all arrays have n rows.

    Attributes
    ----------
    searches : int
        That were needed.
    frames : int
        Of the clip.
    frame : ndarray [shape=(n,), int64]
    boxes : ndarray [shape=(n, 4), float32, px]
    raw, smoothed : ndarray [shape=(n, 7), float32, 0-1]
    """

    searches: int
    frames: int
    frame: NDArray[np.int64]
    boxes: NDArray[np.float32]
    raw: NDArray[np.float32]
    smoothed: NDArray[np.float32]


def measure(clips: list[Path], interval: float) -> list[dict[str, Any]]:
    """Analyse each clip twice, and compare.

    Returns
    -------
    results : list of dict
        Of each clip `frames`, `faces` and `searches_share`; how many faces were `lost` and how many
        `added`; of the others the `overlap` of boxes (median, and the 5 % quantile), the mean of
        the largest difference of a `raw` and of a `smoothed` probability, and the share of equal
        smoothed `labels`.
    """
    whole = Annotator(analysis=AnalysisOptions(detection_interval=0.0))
    sparse = Annotator(analysis=AnalysisOptions(detection_interval=interval))
    return [
        {"clip": clip.name, **_compare(_analyse(whole, clip), _analyse(sparse, clip))}
        for clip in clips
    ]


def _analyse(annotator: Annotator, clip: Path) -> Timeline:
    watch = Stopwatch()
    with watch.on(FaceFinder, "find", "search"):
        rows = annotator.annotate(clip).rows
    faces = rows.filter(pc.is_valid(rows["box_x"]))
    return Timeline(
        searches=watch.calls["search"],
        frames=len(rows["frame"].unique()),
        frame=faces["frame"].to_numpy(),
        boxes=_columns(faces, _BOX),
        raw=_columns(faces, [f"raw_{name}" for name in EMOTIONS]),
        smoothed=_columns(faces, [f"p_{name}" for name in EMOTIONS]),
    )


def _columns(table: pa.Table, names: Any) -> NDArray[np.float32]:
    return np.column_stack([table[name].to_numpy() for name in names])


def _compare(whole: Timeline, sparse: Timeline) -> dict[str, Any]:
    pairs = np.array(list(_pairs(whole, sparse)), np.float64).reshape(-1, 3)
    ours, theirs = pairs[:, 0].astype(int), pairs[:, 1].astype(int)
    raw = np.abs(whole.raw[ours] - sparse.raw[theirs]).max(axis=1)
    smoothed = np.abs(whole.smoothed[ours] - sparse.smoothed[theirs]).max(axis=1)
    same = whole.smoothed[ours].argmax(axis=1) == sparse.smoothed[theirs].argmax(axis=1)
    found = len(pairs) > 0
    return {
        "frames": whole.frames,
        "faces": len(whole.frame),
        "searches_share": round(sparse.searches / whole.searches, 3),
        "lost": len(whole.frame) - len(pairs),
        "added": len(sparse.frame) - len(pairs),
        "overlap": np.quantile(pairs[:, 2], [0.5, 0.05]).round(3).tolist() if found else None,
        "raw": round(float(raw.mean()), 4) if found else None,
        "smoothed": round(float(smoothed.mean()), 4) if found else None,
        "labels": round(float(same.mean()), 4) if found else None,
    }


def _pairs(whole: Timeline, sparse: Timeline) -> Iterator[tuple[int, int, float]]:
    """Rows of both timelines that show one face, and the overlap of their boxes."""
    for frame in np.unique(whole.frame):
        candidates = np.flatnonzero(sparse.frame == frame).tolist()
        for row in np.flatnonzero(whole.frame == frame):
            if not candidates:
                break
            shared = overlap(whole.boxes[row], sparse.boxes[candidates])
            best = int(shared.argmax())
            if shared[best] >= OVERLAP_MIN:
                yield int(row), candidates.pop(best), float(shared[best])


@click.command()
@click.argument("clips", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--interval", default=AnalysisOptions().detection_interval, show_default=True)
def main(clips: tuple[Path, ...], interval: float) -> None:
    """Print what the clips lose by a search every INTERVAL seconds."""
    for result in measure(list(clips), interval):
        click.echo(json.dumps(result))


if __name__ == "__main__":
    main()
