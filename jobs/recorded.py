"""What the results in an output folder are of."""

from __future__ import annotations

from pathlib import Path

from emotion_core.layout import timelines_folder
from emotion_core.timeline.store import recorded_input


def recorded_folders(output: Path) -> dict[str, Path]:
    """Input folders by the name that their results have, as the results themselves say.

    What cannot be read says nothing.
    """
    timelines = timelines_folder(output)
    found = {}
    for results in sorted(timelines.iterdir()) if timelines.is_dir() else ():
        # All results of one folder have been made from it, so the first says enough.
        for timeline in sorted(results.rglob("*.parquet")):
            file = recorded_input(timeline)
            if file is not None:
                below = len(timeline.relative_to(results).parts)
                found[results.name] = file.parents[min(below, len(file.parents)) - 1]
                break
    return found
