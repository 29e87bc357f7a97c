"""Where the results of a file go, and what it is called in them."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath


def source_name(path: Path, root: Path, root_name: str) -> str:
    r"""What a file or folder is called in results: its input folder's name and its path below that.

    Bytes that are not UTF-8 are written as ``\xff``.

    >>> source_name(Path("/data/clips/a/b.mp4"), Path("/data/clips"), "clips")
    'clips/a/b.mp4'
    """
    name = str(PurePosixPath(root_name, path.relative_to(root)))
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def folder_name(folder: Path) -> str:
    """What an input folder is called, before others of the same name are told apart."""
    return folder.name or "root"


def timelines_folder(output: Path) -> Path:
    """The folder of all timelines."""
    return output / "timelines"


def timeline_of(output: Path, source: str) -> Path:
    """The timeline of a file that has one of its own."""
    return timelines_folder(output) / f"{source}.parquet"


def video_copy(output: Path, source: str) -> Path:
    """The annotated copy of a video."""
    return output / "annotated" / f"{source}.mp4"


def still_copy(output: Path, source: str) -> Path:
    """The annotated copy of a still, in its own format."""
    return output / "annotated" / source
