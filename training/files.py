"""Files that a command leaves: whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from emotion_core.files import reported_for, written_aside
from training.errors import RunError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is either the old or the new one, never a part.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with written_aside(path) as aside, reported_for(path):
        aside.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Write JSON, readable and whole."""
    write_whole(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any:
    """Read JSON.

    Raises
    ------
    RunError
        If the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(path, f"cannot be read: {error}") from error
