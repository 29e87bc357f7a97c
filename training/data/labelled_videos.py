"""Read a table of videos that each show one emotion."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emotion_core.labels import EMOTIONS
from training.data.class_folder import emotion_named
from training.errors import DatasetError

FAULTS_SHOWN: Final = 5


@dataclass(frozen=True)
class LabelledVideo:
    """A video and the emotion that is shown in it.

    Parameters
    ----------
    name : str
        As the table has it.
    path : Path
    emotion : int
        Index into ``EMOTIONS``.
    person : str
        Who is seen; empty where the table does not say.
    """

    name: str
    path: Path
    emotion: int
    person: str = ""


def read_labelled_videos(table: Path) -> tuple[LabelledVideo, ...]:
    """Read a csv with the columns ``file`` and ``label``, and ``person`` if that is known.

    Parameters
    ----------
    table : Path
        Files are seen from its folder. Labels are the names that class folders may have.

    Raises
    ------
    DatasetError
        The table cannot be read or names no video, or lines have an empty cell, name a file that is
        not there or was named before, or have a label that is no emotion; they are listed.
    """
    videos: list[LabelledVideo] = []
    faults: list[str] = []
    named: set[Path] = set()
    for line, row in _rows(table):
        name, label = row["file"], row["label"]
        path, emotion = table.parent / name, emotion_named(label)
        if not name or not label:
            faults.append(f"line {line} has no {'label' if name else 'file'}")
        elif emotion is None:
            faults.append(f"line {line}: {label!r} is none of {', '.join(EMOTIONS)}")
        elif not path.is_file():
            faults.append(f"line {line}: no file {name!r} (seen from the folder of the table)")
        elif path.resolve() in named:
            faults.append(f"line {line} names {name!r} again")
        else:
            named.add(path.resolve())
            videos.append(LabelledVideo(name, path, emotion, row.get("person", "")))
    if faults:
        more = len(faults) - FAULTS_SHOWN
        told = "; ".join(faults[:FAULTS_SHOWN]) + (f"; and {more} more" if more > 0 else "")
        raise DatasetError(table, told)
    if not videos:
        raise DatasetError(table, "names no video")
    return tuple(videos)


def _rows(table: Path) -> list[tuple[int, dict[str, str]]]:
    """Number and cells of each line; the header is line 1."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            headings = [name.strip().casefold() for name in next(reader, [])]
            missing = [name for name in ("file", "label") if name not in headings]
            if missing:
                message = f"line 1 should name the columns: no column {', '.join(missing)}"
                raise DatasetError(table, f"{message} (found: {', '.join(headings) or 'nothing'})")
            rows = []
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(headings):
                    message = (
                        f"line {reader.line_num}: {len(cells)} cells for {len(headings)} columns"
                    )
                    raise DatasetError(table, message)
                found = dict(zip(headings, (cell.strip() for cell in cells), strict=True))
                rows.append((reader.line_num, found))
            return rows
    except OSError as error:
        raise DatasetError(table, f"cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(table, f"is not a csv file in UTF-8: {error}") from error
