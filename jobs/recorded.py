"""What the results in an output folder are of."""

from __future__ import annotations

from pathlib import Path

from emotion_core.errors import MediaError
from emotion_core.layout import timelines_folder
from emotion_core.timeline.store import read_metadata


def recorded_folders(output: Path) -> dict[str, Path]:
    """Input folders by the name that their results have, as the results themselves say.

    What cannot be read says nothing.
    """
    timelines = timelines_folder(output)
    found = {}
    for results in sorted(timelines.iterdir()) if timelines.is_dir() else ():
        # All results of one folder have been made from it, so the first says enough.
        folders = (_folder_of(path, timelines) for path in sorted(results.rglob("*.parquet")))
        folder = next((folder for folder in folders if folder is not None), None)
        if folder is not None:
            found[results.name] = folder
    return found


def _folder_of(timeline: Path, timelines: Path) -> Path | None:
    below = len(timeline.relative_to(timelines).parts) - 1
    try:
        recorded = read_metadata(timeline)
        first = recorded["input"] if "input" in recorded else recorded["inputs"][0]
        return Path(first["path"]).parents[below - 1]
    except (MediaError, AttributeError, IndexError, KeyError, TypeError):
        return None
