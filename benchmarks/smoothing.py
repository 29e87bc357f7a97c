"""Smoothing: how much steadier labels become, and what of known expressions it keeps.

python -m benchmarks.smoothing [CLIP…] [--output benchmarks/results/smoothing.json]
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.known_faces.draw import make_clip
from benchmarks.known_faces.scene import Actor, Scene, Shot
from benchmarks.known_labels import KnownTrack, generate, score
from benchmarks.machine import describe
from benchmarks.processes import REPOSITORY
from emotion_core import Annotator
from emotion_core.emotions.smooth import smooth_track
from emotion_core.files import written_aside
from emotion_core.labels import EMOTIONS
from scripts.sample_scenes import Pose

CLIP: Final = REPOSITORY.parent / "shared" / "media" / "woman.mp4"
"""A woman who talks, 15 s; it is not part of the project."""

NOISES: Final = {"usual": 0.5, "strong": 1.2}
"""Standard deviations: about the median over clips of calm faces, and that of a face that talks."""

DURATIONS: Final = {"0.5 to 5 s": (0.5, 5.0), "0.5 s": (0.5, 0.5), "1 s": (1.0, 1.0),
                    "2 s": (2.0, 2.0), "5 s": (5.0, 5.0)}  # fmt: skip
ONSETS: Final = 400
TREND_SIGMA_S: Final = 0.5
LAGS: Final = (1, 2, 3, 5)


def measure_sequences() -> list[dict[str, Any]]:
    """Scores of the labels of each frame alone, and smoothed, on generated sequences."""
    found = []
    for level, noise in NOISES.items():
        for name, seconds in DURATIONS.items():
            track = generate(noise, seconds, ONSETS, seed=1)
            found.append({"noise": level, "deviation": noise, "durations": name, **_both(track)})
    return found


def _both(track: KnownTrack) -> dict[str, Any]:
    smoothed, _ = smooth_track(track.logits, track.time_us, np.ones(len(track.truth), np.float32))
    return {"raw": score(track, track.logits), "smoothed": score(track, smoothed)}


def turns() -> Scene:
    """Two people who show different expressions in turns, at the same place."""
    seconds = (0.52, 1.2, 2.0, 0.72, 1.6, 0.52, 3.0, 1.0, 0.6, 2.4, 0.8, 1.4)
    ends = np.cumsum(seconds)
    actors = [
        Actor(
            ("ada", "ben")[turn % 2], [Pose(end - length, 320, 190, 150), Pose(end, 326, 186, 152)]
        )
        for turn, (length, end) in enumerate(zip(seconds, ends, strict=True))
    ]
    return Scene("turns", "labels", float(ends[-1]), [Shot(0, actors)])


def measure_pictures(annotator: Annotator) -> dict[str, Any]:
    """Scores on a clip of `turns`; what the model says of most of a person's frames is true.

    The frames are smoothed as one track, whatever the tracks are.
    """
    scene = turns()
    with TemporaryDirectory() as folder:
        rows = annotator.annotate(make_clip(scene, Path(folder))).to_pandas()
    rows = rows.dropna(subset="emotion")
    logits = _log_probabilities(rows)
    ends = np.array([actor.way[-1].time for actor in scene.shots[0].actors])
    who = np.searchsorted(ends, rows.time_us.to_numpy() / 1e6, side="right") % 2
    labels = logits.argmax(axis=1)
    usual = [int(np.bincount(labels[who == person], minlength=7).argmax()) for person in (0, 1)]
    time_us = rows.time_us.to_numpy().astype(np.int64)
    track = KnownTrack(time_us, logits, np.array(usual, np.int64)[who])
    smoothed, _ = smooth_track(logits, time_us, rows.quality.to_numpy().astype(np.float32))
    return {
        "labels": [EMOTIONS[code] for code in usual],
        "raw": score(track, logits),
        "smoothed": score(track, smoothed),
    }


def measure_clip(clip: Path, annotator: Annotator) -> dict[str, Any]:
    """Label flips per minute of a clip's tracks, and the size of their noise."""
    rows = annotator.annotate(clip).to_pandas().dropna(subset="emotion")
    flips, seconds, deviations, likeness = np.zeros(2), 0.0, [], []
    for _, track in rows.groupby("track"):
        logits = _log_probabilities(track)
        time_s = track.time_us.to_numpy() / 1e6
        smoothed = track.emotion.astype(str).to_numpy()
        flips += _changes(logits.argmax(axis=1)), _changes(smoothed)
        seconds += float(time_s[-1] - time_s[0])
        if len(track) > 2 * max(LAGS):
            noise = logits - _trend(logits, time_s)
            deviations.append(noise.std())
            likeness.append([_correlation(noise, lag) for lag in LAGS])
    per_minute = (flips / seconds * 60).round(1).tolist()
    correlation = np.mean(likeness, axis=0).round(2).tolist()
    return {
        "clip": clip.name,
        "seconds": round(seconds, 2),
        "flips_per_minute": dict(zip(("raw", "smoothed"), per_minute, strict=True)),
        "noise": {
            "deviation": round(float(np.mean(deviations)), 2),
            "correlation": dict(zip(map(str, LAGS), correlation, strict=True)),
        },
    }


def _log_probabilities(rows: pd.DataFrame) -> NDArray[np.float32]:
    raw = rows[[f"raw_{name}" for name in EMOTIONS]].to_numpy(np.float64)
    logits = np.log(np.maximum(raw, 1e-30))
    return np.asarray(logits - logits.mean(axis=1, keepdims=True), np.float32)


def _changes(labels: NDArray[Any]) -> int:
    return int((labels[1:] != labels[:-1]).sum())


def _trend(logits: NDArray[np.float32], time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    apart = (time_s[:, None] - time_s[None]) / TREND_SIGMA_S
    weights = np.exp(-0.5 * apart**2)
    return np.asarray(weights @ logits / weights.sum(axis=1, keepdims=True))


def _correlation(noise: NDArray[np.float64], frames: int) -> float:
    return float((noise[frames:] * noise[:-frames]).mean() / noise.var())


@click.command()
@click.argument("clips", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Write the results as JSON.")
def main(clips: Sequence[Path], output: Path | None) -> None:
    """Print label flips of CLIPS, by default the shared one, and scores of known expressions."""
    annotator = Annotator()
    chosen = clips or [CLIP] * CLIP.is_file()
    results = {
        "clips": [measure_clip(clip, annotator) for clip in chosen],
        "pictures": measure_pictures(annotator),
        "sequences": measure_sequences(),
    }
    for part in [*results["clips"], results["pictures"], *results["sequences"]]:
        click.echo(json.dumps(part))
    if output is not None:
        with written_aside(output) as partial:
            partial.write_text(json.dumps({**describe(), **results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
