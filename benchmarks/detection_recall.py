"""Recall of the face finder on photographs whose faces were boxed by hand.

    python -m benchmarks.detection_recall FOLDER

FOLDER holds pictures and `boxes*.xml` as dlib's imglab writes them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import click
import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.detector import overlap
from emotion_core.faces.find import FaceFinder
from emotion_core.media.still import read_still
from emotion_core.options import AnalysisOptions

MIN_FACES: Final = (20, 30, 37, 40, 50)
"""Heights in px that are searched for, as `--min-face` would; 40 is its default."""

OVERLAP_MIN: Final = 0.3
"""Hand and detector frame a face differently; neighbours overlap by less."""


@dataclass(frozen=True)
class BoxedPicture:
    """A photograph with its faces.

    Attributes
    ----------
    path : Path
    boxes : ndarray [shape=(n, 4), float32, px]
        x, y, width, height.
    """

    path: Path
    boxes: NDArray[np.float32]


def read_boxes(folder: Path) -> list[BoxedPicture]:
    """All pictures that the folder's `boxes*.xml` list.

    Raises
    ------
    ClickException
        There are none.
    """
    pictures = [
        BoxedPicture(folder / image.attrib["file"], _boxes_of(image))
        for listed in sorted(folder.glob("boxes*.xml"))
        for image in ElementTree.parse(listed).iter("image")
    ]
    if not pictures:
        raise click.ClickException(f"{folder} holds no boxes*.xml that lists pictures")
    return pictures


def measure(folder: Path, min_faces: Sequence[int] = MIN_FACES) -> dict[str, Any]:
    """Search all pictures once for each smallest wanted face.

    Returns
    -------
    results : dict
        `pictures`, `faces`, the `threshold`, and `searches`: of each `min_face` how many of the
        boxed faces were `found`, and how many findings lie on none (`false`).
    """
    pictures = read_boxes(folder)
    threshold = AnalysisOptions().detection_threshold
    return {
        "pictures": len(pictures),
        "faces": sum(len(picture.boxes) for picture in pictures),
        "smallest_face_px": int(min(picture.boxes[:, 3].min() for picture in pictures)),
        "threshold": threshold,
        "searches": [
            {"min_face": size, **_search(pictures, FaceFinder(size, threshold))}
            for size in min_faces
        ],
    }


def _search(pictures: Sequence[BoxedPicture], finder: FaceFinder) -> dict[str, int]:
    found = false = 0
    for picture in pictures:
        detections = finder.find(read_still(picture.path), still=True)
        shared = np.array([overlap(box, detections.boxes) for box in picture.boxes])
        on_face = shared.reshape(len(picture.boxes), len(detections)) >= OVERLAP_MIN
        found += int(on_face.any(axis=1).sum())
        false += int((~on_face.any(axis=0)).sum())
    return {"found": found, "false": false}


def _boxes_of(image: ElementTree.Element) -> NDArray[np.float32]:
    sides = ("left", "top", "width", "height")
    values = [[float(box.attrib[side]) for side in sides] for box in image.iter("box")]
    return np.array(values, np.float32).reshape(-1, 4)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Print recall and false findings on the boxed photographs in FOLDER."""
    click.echo(json.dumps(measure(folder), indent=2))


if __name__ == "__main__":
    main()
