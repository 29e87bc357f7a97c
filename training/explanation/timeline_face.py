"""The face that a row of a timeline speaks of, cut again from the video it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emotion_core.bundle import Bundle
from emotion_core.errors import MediaError, SegmentMismatch
from emotion_core.faces.crop import crop_faces, face_squares
from emotion_core.labels import EMOTIONS
from emotion_core.media.index import VideoIndex, index_video
from emotion_core.media.planes import Planes
from emotion_core.media.video import read_frames, split
from emotion_core.timeline.store import read_metadata, read_rows
from training.explanation.explain import Face


def face_of_timeline(timeline: Path, frame: int, track: int, bundle: Bundle) -> Face:
    """Cut the face of a row as annotation cut it.

    Parameters
    ----------
    timeline : Path
        Of a video.
    frame : int
        Number of the frame.
    track : int
        Number of the face within the video.
    bundle : Bundle
        Whose input size is cut.

    Raises
    ------
    MediaError
        If the timeline has no such row or no face in it, is one of pictures, or the video is gone
        or no longer has this frame.
    """
    metadata = read_metadata(timeline)
    if "input" not in metadata:
        raise MediaError(timeline, "is of pictures, not of a video: pass them with --image")
    row = _find_row(timeline, frame, track)
    source = Path(metadata["input"]["path"])
    notes = [*_source_notes(source, metadata["input"], timeline)]
    planes, aspect = _read_picture(source, frame, row["pts"], timeline)
    box = np.array([[row[f"box_{axis}"] for axis in "xywh"]], np.float32)
    landmarks = np.array(row["landmarks"], np.float32).reshape(1, 5, 2)
    squares = face_squares(box, landmarks, aspect)
    (crop,) = crop_faces(planes.luma(), squares, bundle.input_size, aspect)
    raw = np.array([row[f"raw_{name}"] for name in EMOTIONS])
    best = int(raw.argmax())
    notes.append(
        f"The timeline says {EMOTIONS[best]}, {raw[best]:.1%}, of this frame alone, and "
        f"{row['emotion']}, {row['confidence']:.1%}, smoothed over the track."
    )
    if metadata.get("analysis", {}).get("mirror"):
        notes.append("That is its mean with the mirror image (--mirror), which is not shown here.")
    if metadata["model"]["sha256"] != bundle.sha256:
        name = f"{metadata['model']['name']} {metadata['model']['version']}"
        notes.append(f"The timeline was made with another model than the one explained: {name}.")
    title = f"{source.name}, frame {frame}, track {track}"
    return Face(title, crop, row["quality"], notes=tuple(notes))


def _find_row(timeline: Path, frame: int, track: int) -> dict[str, Any]:
    rows: list[dict[str, Any]] = read_rows(timeline, frame, frame + 1).to_pylist()
    if not rows:
        raise MediaError(timeline, f"has no row of frame {frame}: it was not analysed")
    tracks = [row["track"] for row in rows if row["track"] is not None]
    if not tracks:
        raise MediaError(timeline, f"frame {frame} has no face ({rows[0]['status']})")
    if track not in tracks:
        listed = ", ".join(map(str, tracks))
        raise MediaError(timeline, f"frame {frame} has no track {track}, but {listed}")
    return rows[tracks.index(track)]


def _source_notes(source: Path, identity: dict[str, Any], timeline: Path) -> list[str]:
    """What tells the video from the one that the timeline was made from."""
    try:
        status = source.stat()
    except OSError as error:
        message = f"cannot be read ({error.strerror}), but {timeline.name} was made from it"
        raise MediaError(source, f"{message}: put it back there") from error
    changed = [
        words
        for words, found, wanted in (
            ("size", status.st_size, identity["bytes"]),
            ("time of modification", status.st_mtime_ns, identity["modified_ns"]),
        )
        if found != wanted
    ]
    if not changed:
        return []
    return [
        f"{source.name} is not the file as it was: its {' and '.join(changed)} changed since. The "
        "picture may be another one."
    ]


def _read_picture(source: Path, frame: int, pts: int, timeline: Path) -> tuple[Planes, float]:
    """The frame, and the width of its pixels over their height."""
    try:
        index = index_video(source)
        planes = _decode(index, frame, pts, timeline)
    except SegmentMismatch:
        index = index_video(source, in_order=True)
        planes = _decode(index, frame, pts, timeline)
    return planes, float(index.info.sample_aspect)


def _decode(index: VideoIndex, frame: int, pts: int, timeline: Path) -> Planes:
    if frame >= len(index) or int(index.pts[frame]) != pts:
        message = f"has no frame {frame} at the time that {timeline.name} gives: it was changed"
        raise MediaError(index.info.path, message)
    (segment,) = split(index, frame, frame + 1, length=1)
    for found in read_frames(segment):
        if found.planes is not None:
            return found.planes
    raise MediaError(index.info.path, f"frame {frame} can no longer be decoded: it was changed")
