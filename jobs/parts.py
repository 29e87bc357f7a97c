"""Where intermediate results lie, and which of them this run can use."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

WORK_FOLDER: Final = ".work"


def parts_folder(output: Path, source: str, made_from: Mapping[str, Any]) -> Path:
    """The folder of a video's intermediate results.

    Its name is a hash of all that they depend on, so that what lies there can be used.

    Parameters
    ----------
    output : Path
    source : str
    made_from : mapping
        JSON values: the input's identity, options, models.
    """
    return output / WORK_FOLDER / digest({"source": source, **made_from})[:20]


def digest(values: Mapping[str, Any]) -> str:
    """A hash of JSON values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def remove_unused(output: Path, used: Iterable[Path]) -> None:
    """Delete what earlier runs left in the work folder and this one has no use for."""
    kept = {folder.name for folder in used}
    work = output / WORK_FOLDER
    for entry in work.iterdir() if work.is_dir() else ():
        if entry.name not in kept:
            shutil.rmtree(entry, ignore_errors=True)


def remove_all(output: Path) -> None:
    """Delete the work folder."""
    shutil.rmtree(output / WORK_FOLDER, ignore_errors=True)
