"""Which timelines lie in what a user points at."""

from __future__ import annotations

from pathlib import Path

from emotion_core.errors import UsageError
from emotion_core.layout import timelines_folder
from emotion_core.media.kinds import is_still, is_video
from emotion_core.timeline.store import PARTS_SUFFIX, is_part


def find_timelines(out: Path | str) -> list[Path]:
    """The timelines of a run, of a folder, or the one that is named.

    Parameters
    ----------
    out : Path or str
        The output folder of a run, a folder that holds timelines at any depth, or a timeline.

    Returns
    -------
    timelines : list of Path
        Sorted; at least one. They are not opened. Of a live session that runs or was killed it is
        the folder of its parts.

    Raises
    ------
    UsageError
        There is no such file or folder, or no timeline in it.
    """
    path = Path(out)
    if path.is_file():
        if is_video(path) or is_still(path):
            raise UsageError(path, "is no timeline: annotate it, and name the output folder")
        return [path]
    if not path.is_dir():
        raise UsageError(path, "does not exist: name a timeline or the output folder of annotate")
    if any(map(is_part, path.glob("*.parquet"))):
        return [path]
    files = (file for file in _timelines_folder(path).rglob("*.parquet") if file.is_file())
    found = sorted({_whole(file) for file in files})
    if not found:
        failures = path / "failures.jsonl"
        if failures.is_file():
            raise UsageError(path, f"holds no timeline: all files failed, {failures.name} says why")
        raise UsageError(path, "holds no timeline: name the output folder of annotate")
    return found


def name_below(out: Path, timeline: Path, ending: str = "") -> Path:
    """How results made from a timeline of `out` are named: as its source, with an ending."""
    name = timeline.relative_to(_timelines_folder(out) if out.is_dir() else out.parent)
    return name.with_name(name.name.removesuffix(".parquet").removesuffix(PARTS_SUFFIX) + ending)


def _whole(file: Path) -> Path:
    """The timeline that a file is, or is a part of."""
    if not is_part(file):
        return file
    # Of a session that has ended, parts may have been left beside what was made of them.
    made = file.parent.with_suffix(".parquet")
    return made if made.is_file() else file.parent


def _timelines_folder(out: Path) -> Path:
    """The folder below which timelines are named after their sources."""
    inside = timelines_folder(out)
    # The folder of timelines of a run whose input is called `timelines`, too.
    is_inside_a_run = (out.parent / "run.json").is_file()
    is_a_run = inside.is_dir() or (out / "run.json").is_file()
    return inside if is_a_run and not is_inside_a_run else out
