"""Which timelines lie in what a user points at."""

from __future__ import annotations

from pathlib import Path

from emotion_core.errors import UsageError
from emotion_core.layout import timelines_folder


def find_timelines(out: Path | str) -> list[Path]:
    """The timelines of a run, of a folder, or the one that is named.

    Parameters
    ----------
    out : Path or str
        The output folder of a run, a folder that holds timelines at any depth, or a timeline.

    Returns
    -------
    timelines : list of Path
        Sorted; at least one. They are not opened.

    Raises
    ------
    UsageError
        There is no such file or folder, or no timeline in it.
    """
    path = Path(out)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(path, "does not exist: name a timeline or the output folder of annotate")
    found = sorted(file for file in _timelines_folder(path).rglob("*.parquet") if file.is_file())
    if not found:
        raise UsageError(path, "holds no timeline: name the output folder of annotate")
    return found


def name_below(out: Path, timeline: Path) -> Path:
    """How results made from a timeline of `out` are named: as its source, without ``.parquet``."""
    name = timeline.relative_to(_timelines_folder(out) if out.is_dir() else out.parent)
    return name.with_name(name.name.removesuffix(".parquet"))


def _timelines_folder(out: Path) -> Path:
    """The folder below which timelines are named after their sources."""
    inside = timelines_folder(out)
    # The folder of timelines of a run whose input is called `timelines`, too.
    is_inside_a_run = (out.parent / "run.json").is_file()
    return inside if inside.is_dir() and not is_inside_a_run else out
