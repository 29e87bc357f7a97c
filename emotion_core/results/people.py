"""A row per person of a run: what all of the person's tracks and pictures show together."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import pyarrow as pa

from emotion_core.results.groups import FACE_MEASURES, means_over_faces

PEOPLE_SCHEMA: Final = pa.schema(
    [
        ("identity", pa.int32()),
        ("files", pa.int64()),
        ("faces", pa.int64()),
        ("face_seconds", pa.float64()),
        ("transitions_per_minute", pa.float64()),
        *((name, pa.float64()) for name in FACE_MEASURES),
    ]
)
"""``faces`` counts tracks of videos and faces of stills; shares are 0-1, of time."""

_US_PER_S: Final = 1_000_000


def summarise_people(tracks: pa.Table) -> pa.Table:
    """One row per person, by number, with the columns of `PEOPLE_SCHEMA`.

    Each frame counts for as long as it lasts, in whichever file; where a person is seen in pictures
    alone, each picture counts the same. Faces that have no number are left out.

    Parameters
    ----------
    tracks : pyarrow.Table
        One row per file and track, of `SUMMARY_SCHEMA`.
    """
    faces_of: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in tracks.to_pylist():
        if row["identity"] is not None:
            faces_of[row["identity"]].append(row)
    rows = [_row(number, faces) for number, faces in sorted(faces_of.items())]
    return pa.Table.from_pylist(rows, PEOPLE_SCHEMA)


def _row(number: int, faces: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = sum(face["duration_us"] or 0 for face in faces) / _US_PER_S
    timed = sum(face["transitions"] for face in faces if face["duration_us"] is not None)
    return {
        "identity": number,
        "files": len({face["source"] for face in faces}),
        "faces": len(faces),
        "face_seconds": seconds,
        "transitions_per_minute": 60 * timed / seconds if seconds else None,
        **means_over_faces(faces, FACE_MEASURES),
    }
