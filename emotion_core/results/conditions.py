"""Conditions of an experiment: a CSV file that says for each file which group it is in."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from emotion_core.errors import UsageError
from emotion_core.results.names import SourceNames

NAMING_COLUMNS: Final = ("source", "file")
"""Headings of the column that names files; the first column where none of them is there."""

_FAULTS_SHOWN: Final = 5

_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True)
class Conditions:
    """Which files belong to which group.

    Attributes
    ----------
    names : tuple of str
        Headings of the conditions.
    groups : dict of tuple of str to list of str
        Sources by the values of the conditions, in the order of the file.
    left_out : tuple of str
        Sources that the file does not name.
    unit_of : dict of str to str
        Whom or what each source is of, such as a participant; empty where nobody asked.
    unit : str
        Heading of these; empty likewise.
    """

    names: tuple[str, ...]
    groups: dict[tuple[str, ...], list[str]]
    left_out: tuple[str, ...]
    unit_of: dict[str, str] = field(default_factory=dict)
    unit: str = ""


def read_conditions(
    path: Path, sources: Collection[str], chosen: Sequence[str] = (), unit: str = ""
) -> Conditions:
    """Read a CSV file with one line per file: a column that names it, and one per condition.

    Comma, semicolon or tab separate the columns. Files are named as `SourceNames` describes.

    Parameters
    ----------
    path : Path
    sources : collection of str
        All files that have results.
    chosen : sequence of str
        Headings of the conditions; empty: all but the names of files and the unit.
    unit : str
        Heading of what files are repeated measures of, such as a participant.

    Raises
    ------
    UsageError
        The file cannot be read, has no condition or lacks a heading that is asked for, or lines
        have an empty cell, or name no file of `sources`, several, or one that
        an earlier line names. All such lines are listed.
    """
    (_, headings), *lines = read_lines(path)
    naming = next((name for name in NAMING_COLUMNS if name in headings), headings[0])
    _check_headings(path, naming, headings)
    _check_chosen(path, [*chosen, *([unit] if unit else [])], headings, naming)
    conditions = tuple(chosen) or tuple(name for name in headings if name not in (naming, unit))
    known = SourceNames(sources)
    groups: dict[tuple[str, ...], list[str]] = {}
    unit_of: dict[str, str] = {}
    line_of: dict[str, int] = {}
    faults: list[str] = []
    for number, cells in lines:
        if len(cells) != len(headings):
            faults.append(f"line {number} has {len(cells)} cells, the heading {len(headings)}")
            continue
        row = dict(zip(headings, cells, strict=True))
        needed = {naming, unit, *conditions}
        empty = [name for name, cell in row.items() if name in needed and not cell]
        if empty:
            faults.append(f"line {number} says nothing of {', '.join(empty)}: fill it or remove it")
            continue
        try:
            source = known.find(row[naming])
        except UsageError as error:
            faults.append(f"line {number}: {error.message}")
            continue
        if source in line_of:
            faults.append(f"lines {line_of[source]} and {number} both name {source}: remove one")
        line_of[source] = number
        if unit:
            unit_of[source] = row[unit]
        groups.setdefault(tuple(row[name] for name in conditions), []).append(source)
    if faults:
        raise UsageError(path, _told(faults, naming, headings))
    left_out = tuple(source for source in dict.fromkeys(sources) if source not in line_of)
    return Conditions(conditions, groups, left_out, unit_of, unit)


def _told(faults: Sequence[str], naming: str, headings: Sequence[str]) -> str:
    """The faults, the first few in words, and which column was taken for names if none says so."""
    told = "; ".join(faults[:_FAULTS_SHOWN])
    more = len(faults) - _FAULTS_SHOWN
    told += f"; and {more} more" if more > 0 else ""
    if naming in NAMING_COLUMNS:
        return told
    return (
        f"{told} (no heading is {' or '.join(map(repr, NAMING_COLUMNS))} but "
        f"{', '.join(map(repr, headings))}, so the first was taken for the names of files)"
    )


def read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """Number and cells of each line that is not empty; the first is the heading."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            heading = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(_DELIMITERS, key=heading.count), strict=True)
            lines = [
                (reader.line_num, [cell.strip() for cell in cells])
                for cells in reader
                if any(cell.strip() for cell in cells)
            ]
    except UnicodeDecodeError as error:
        message = "is not in UTF-8: save it again, in Excel as 'CSV UTF-8'"
        raise UsageError(path, message) from error
    except (OSError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or f"not CSV: {error}"
        raise UsageError(path, f"cannot be read ({reason})") from error
    if len(lines) < 2:
        raise UsageError(path, "names no file: write a heading, then a line per file")
    return lines


def _check_chosen(path: Path, asked: Sequence[str], headings: Sequence[str], naming: str) -> None:
    for name in asked:
        if name not in headings or name == naming:
            others = ", ".join(repr(heading) for heading in headings if heading != naming)
            raise UsageError(path, f"line 1 has no column {name!r}: it has {others}")
    if len(set(asked)) < len(asked):
        raise UsageError(path, f"a column is asked for twice: {', '.join(asked)}")


def _check_headings(path: Path, naming: str, headings: Sequence[str]) -> None:
    if len(headings) < 2:
        raise UsageError(
            path, f"has no condition: add a column beside {naming!r} that says the group of a file"
        )
    if "" in headings or len(set(headings)) < len(headings):
        raise UsageError(path, "has a heading that is empty or there twice: rename it")
