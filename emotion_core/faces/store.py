"""Faces on disk, between the passes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np

from emotion_core.faces.faces import Faces
from emotion_core.files import reported_for, written_aside


def write_faces(path: Path, faces: Faces) -> None:
    """Write all columns to one ``.npz`` file.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    columns = {field.name: getattr(faces, field.name) for field in fields(faces)}
    with written_aside(path) as partial, reported_for(path), partial.open("wb") as file:
        np.savez(file, **columns)


def read_faces(path: Path) -> Faces:
    """What `write_faces` wrote."""
    with np.load(path, allow_pickle=False) as columns:
        return Faces(**columns)
