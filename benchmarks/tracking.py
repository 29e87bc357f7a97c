"""Tracks and camera cuts against what is true, on clips with known faces.

python -m benchmarks.tracking [SCENE…] [--output benchmarks/results/tracking.json]
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
import pyarrow.compute as pc

from benchmarks.known_faces.draw import make_clip
from benchmarks.known_faces.scene import Scene
from benchmarks.known_faces.screenplay import SCENES
from benchmarks.machine import describe
from benchmarks.track_scores import Found, score
from emotion_core import Annotator
from emotion_core.files import written_aside
from emotion_core.timeline.store import read_metadata

_BOX = ("box_x", "box_y", "box_w", "box_h")


def measure(scenes: Iterable[Scene], annotator: Annotator | None = None) -> list[dict[str, Any]]:
    """Make, analyse and score each scene.

    Returns
    -------
    results : list of dict
        Of each scene its `name` and `kind`; `idf1`, `faces`, `boxes`, `switches`,
        `fragmentations`, `missed` and `false` as `benchmarks.track_scores` has them; `tracks`;
        cuts `found`, `missed` and `false`; and tracks that a cut `carried` over.
    """
    annotator = annotator or Annotator()
    with TemporaryDirectory() as folder:
        return [_measure(scene, annotator, Path(folder)) for scene in scenes]


def _measure(scene: Scene, annotator: Annotator, folder: Path) -> dict[str, Any]:
    clip = make_clip(scene, folder)
    annotation = annotator.annotate(clip, folder / "out" / scene.name, video=False)
    rows = annotation.rows.filter(pc.is_valid(annotation.rows["box_x"]))
    found = Found(
        rows["frame"].to_numpy(),
        np.column_stack([rows[name].to_numpy() for name in _BOX]).astype(np.float64),
        rows["track"].to_numpy().astype(np.int64),
    )
    assert annotation.timeline is not None
    cuts, true_cuts = set(read_metadata(annotation.timeline).get("cuts", [])), set(scene.cuts)
    return {
        "name": scene.name,
        "kind": scene.kind,
        **score(scene.truth(), found).as_dict(),
        "tracks": len(np.unique(found.track)),
        "cuts": {
            "found": len(cuts & true_cuts),
            "missed": len(true_cuts - cuts),
            "false": len(cuts - true_cuts),
        },
        "carried": sum(_carried(found, cut) for cut in true_cuts),
    }


def _carried(found: Found, cut: int) -> int:
    """Tracks on both sides of a cut."""
    before, after = found.track[found.frame < cut], found.track[found.frame >= cut]
    return len(np.intersect1d(before, after))


def total(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sums by kind, with the lowest IDF1."""
    sums: dict[str, Any] = {}
    for kind in dict.fromkeys(result["kind"] for result in results):
        mine = [result for result in results if result["kind"] == kind]
        sums[kind] = {
            "lowest_idf1": min(result["idf1"] for result in mine),
            **{
                name: sum(result[name] for result in mine)
                for name in ("switches", "fragmentations", "missed", "false", "carried")
            },
            "cuts": {
                name: sum(result["cuts"][name] for result in mine)
                for name in ("found", "missed", "false")
            },
        }
    return sums


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(SCENES)))
@click.option("--output", type=click.Path(path_type=Path), help="Write the results as JSON.")
def main(names: tuple[str, ...], output: Path | None) -> None:
    """Print how well the program follows the people of the scenes NAMES, or of all."""
    results = []
    annotator = Annotator()
    for name in names or SCENES:
        results += measure([SCENES[name]], annotator)
        click.echo(json.dumps(results[-1]))
    sums = total(results)
    for kind, sums_of_kind in sums.items():
        click.echo(json.dumps({kind: sums_of_kind}))
    if output is not None:
        with written_aside(output) as partial:
            partial.write_text(
                json.dumps({**describe(), "kinds": sums, "scenes": results}, indent=1) + "\n"
            )


if __name__ == "__main__":
    main()
