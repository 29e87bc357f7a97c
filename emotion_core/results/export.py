"""Timelines and tables as CSV, JSON and Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from emotion_core.files import reported_for, written_aside
from emotion_core.results.find import find_timelines, name_below
from emotion_core.results.rows_out import PLAIN, SUFFIXES, CsvLook, row_writer
from emotion_core.results.workbook import write_workbook
from emotion_core.timeline.store import read_blocks


def export_each(out: Path, folder: Path, form: str, look: CsvLook = PLAIN) -> Iterator[Path]:
    """Write a file per timeline into a folder, named after it, and yield each once it is there.

    Parameters
    ----------
    out : Path
        The output folder of a run, a folder that holds timelines, or a timeline.
    folder : Path
        Made where it is missing.
    form : str
        ``csv`` or ``json``, as `row_writer` describes them.

    Raises
    ------
    UsageError
        There is no timeline.
    MediaError
        A file is not a timeline, or damaged. What was written before stays.
    OutputError
        A file cannot be written.
    """
    for timeline in find_timelines(out):
        path = folder / name_below(out, timeline, SUFFIXES[form])
        _export([timeline], path, form, look)
        yield path


def export_all(out: Path, path: Path, form: str, look: CsvLook = PLAIN) -> None:
    """Write all timelines into one file; parameters and errors as of `export_each`."""
    _export(find_timelines(out), path, form, look)


def write_table(table: pa.Table, path: Path, form: str, look: CsvLook = PLAIN) -> None:
    """Write a table as ``csv``, ``json``, ``parquet`` or ``xlsx``.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    with written_aside(path) as partial, reported_for(path):
        if form == "parquet":
            pq.write_table(table, partial)
        elif form == "xlsx":
            write_workbook(table, partial)
        else:
            with partial.open("wb") as file:
                row_writer(form, file, look)(table)


def _export(timelines: Iterable[Path], path: Path, form: str, look: CsvLook) -> None:
    with written_aside(path) as partial, reported_for(path), partial.open("wb") as file:
        append = row_writer(form, file, look)
        for timeline in timelines:
            for rows in read_blocks(timeline):
                append(rows)
