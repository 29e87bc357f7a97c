"""The output folder as a place to write into: tried out, and cleared of what killed runs left."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from emotion_core.errors import OutputError
from emotion_core.files import left_aside, reported_for, written_aside
from emotion_core.layout import annotated_folder, timelines_folder
from jobs.parts import WORK_FOLDER

PROBE_BYTES: Final = 1 << 20


def probe(output: Path) -> None:
    """See that files can be written now.

    Raises
    ------
    OutputError
    """
    path = output / WORK_FOLDER / "probe"
    try:
        with written_aside(path) as partial, reported_for(path):
            partial.write_bytes(bytes(PROBE_BYTES))
        with reported_for(path):
            path.unlink()
    except OutputError as error:
        # What the user knows is the folder.
        raise type(error)(output, error.message) from error


def clear_left_over(output: Path) -> int:
    """Remove the temporary files of killed runs, and tell how many there were.

    Only where runs write: what else lies in the folder is not looked at.
    """
    places = (timelines_folder(output), annotated_folder(output), output / WORK_FOLDER)
    found = [path for place in places for path in left_aside(place)]
    found += [path for path in left_aside(output) if path.parent == output]
    for path in found:
        with suppress(OSError):
            path.unlink()
    return len(found)
