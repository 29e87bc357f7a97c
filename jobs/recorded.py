"""What the results in an output folder are of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emotion_core.layout import timelines_folder
from emotion_core.timeline.store import recorded_input


@dataclass(frozen=True)
class RecordedFolder:
    """An input folder as results know it.

    Attributes
    ----------
    folder : Path
        Where it was.
    file : Path
        A file of it, relative to it.
    file_bytes : int
        Size of that file.
    """

    folder: Path
    file: Path
    file_bytes: int

    def is_now(self, folder: Path) -> bool:
        """Whether it seems to have been moved: it is gone, and its file lies below `folder`."""
        moved = folder / self.file
        return (
            not self.folder.is_dir() and moved.is_file() and moved.stat().st_size == self.file_bytes
        )


def recorded_folders(output: Path) -> dict[str, RecordedFolder]:
    """Input folders by the name that their results have, as the results themselves say.

    What cannot be read says nothing.
    """
    timelines = timelines_folder(output)
    found = {}
    for results in sorted(timelines.iterdir()) if timelines.is_dir() else ():
        # All results of one folder have been made from it, so the first says enough.
        for timeline in sorted(results.rglob("*.parquet")):
            recorded = recorded_input(timeline)
            below = len(timeline.relative_to(results).parts)
            if recorded is not None and below <= len(recorded[0].parents):
                file, file_bytes = recorded
                folder = file.parents[below - 1]
                found[results.name] = RecordedFolder(folder, file.relative_to(folder), file_bytes)
                break
    return found
