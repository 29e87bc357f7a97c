"""Where the results of a file go, and what it is called in them."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePosixPath
from typing import Final

NAME_BYTES_MAX: Final = 255
"""Longest name of a file or folder on the usual file systems."""

COPY_SUFFIX: Final = ".mp4"
"""Ending of annotated copies of videos."""

_ENDING: Final = re.compile(r"\.(?=\w*[a-z])[a-z0-9]{2,5}$", re.IGNORECASE)
"""What says which kind a file is: not the number in ``session 1.2``."""

_EXTENSION_BYTES_MAX: Final = 16


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


def annotated_folder(output: Path) -> Path:
    """The folder of all annotated copies."""
    return output / "annotated"


def models_folder(output: Path) -> Path:
    """The folder of the cards of all models that results were made with."""
    return output / "models"


def model_card(output: Path, sha256: str) -> Path:
    """Where the card with this hash is kept."""
    return models_folder(output) / f"{sha256}.json"


def timeline_of(output: Path, source: str) -> Path:
    """The timeline of a file that has one of its own."""
    return _below(timelines_folder(output), source, ".parquet")


def timelines_of(output: Path, folder: str) -> Path:
    """The folder of the timelines of what lies in a folder, named as in results."""
    return _below(timelines_folder(output), folder)


def video_copy(output: Path, source: str) -> Path:
    """The annotated copy of a video, an MP4 whatever the source is; no two videos share one.

    >>> names = ("a.mp4", "a.mov", "a.mov.mp4", "a")
    >>> [video_copy(Path("out"), f"in/{name}").name for name in names]
    ['a.mp4', 'a.mov.mp4', 'a.mov.mp4.mp4', 'a.video.mp4']
    """
    name = source.rpartition("/")[2]
    ending = _ENDING.search(name)
    if ending is None:
        suffix = f".video{COPY_SUFFIX}"
    elif ending[0].lower() == COPY_SUFFIX and not _ENDING.search(name[: ending.start()]):
        suffix = ""
    else:
        suffix = COPY_SUFFIX
    return _below(annotated_folder(output), source, suffix)


def recording(output: Path, source: str) -> Path:
    """The annotated recording of a live source."""
    return _below(annotated_folder(output), source, COPY_SUFFIX)


def still_copy(output: Path, source: str) -> Path:
    """The annotated copy of a still, in its own format."""
    return _below(annotated_folder(output), source)


def _below(folder: Path, source: str, suffix: str = "") -> Path:
    *folders, name = source.split("/")
    return folder.joinpath(*(_fitting(part) for part in folders), _fitting(name, suffix))


def _fitting(name: str, suffix: str = "") -> str:
    """A name with a suffix; too long for a file, it is cut, and a hash of it keeps it unique."""
    if len(os.fsencode(name + suffix)) <= NAME_BYTES_MAX:
        return name + suffix
    extension = os.path.splitext(name)[1]
    if len(os.fsencode(extension)) > _EXTENSION_BYTES_MAX:
        extension = ""
    end = f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}{extension}{suffix}"
    start = os.fsencode(name)[: NAME_BYTES_MAX - len(os.fsencode(end))]
    return start.decode("utf-8", "ignore") + end
