"""Rows as text that other programs read: CSV, and JSON with a record a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

SUFFIXES: Final = {"csv": ".csv", "json": ".jsonl"}

LANDMARK_COLUMNS: Final = tuple(
    f"{part}_{axis}"
    for part in ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")
    for axis in "xy"
)
"""What stands for the list of landmarks in CSV, which has no lists."""


def row_writer(form: str, file: BinaryIO) -> Callable[[pa.Table], None]:
    """A function that appends rows to a file.

    Numbers have all their digits: read as 64-bit floats, they are the values of the table. In CSV
    the first line is the heading, null is an empty cell, text stands in quotation marks and
    landmarks fill ten columns; in JSON each line is one record and null is ``null``.

    Parameters
    ----------
    form : str
        ``csv`` or ``json``.
    file : binary file
        Open for writing.
    """
    return _csv_writer(file) if form == "csv" else _json_writer(file)


def _csv_writer(file: BinaryIO) -> Callable[[pa.Table], None]:
    first = True

    def append(rows: pa.Table) -> None:
        nonlocal first
        options = pyarrow.csv.WriteOptions(include_header=first)
        pyarrow.csv.write_csv(_flat(rows), file, options)
        first = False

    return append


def _flat(rows: pa.Table) -> pa.Table:
    columns: dict[str, pa.ChunkedArray] = {}
    for name, values in zip(rows.column_names, rows.columns, strict=True):
        if pa.types.is_fixed_size_list(values.type):
            for index, part in enumerate(LANDMARK_COLUMNS):
                columns[part] = pc.list_element(values, index).cast(pa.float64())
        elif pa.types.is_float32(values.type):
            # The digits of a 64-bit float, or readers get other values than the timeline's.
            columns[name] = values.cast(pa.float64())
        elif pa.types.is_dictionary(values.type):
            columns[name] = values.cast(pa.string())
        else:
            columns[name] = values
    return pa.table(columns)


def _json_writer(file: BinaryIO) -> Callable[[pa.Table], None]:
    def append(rows: pa.Table) -> None:
        for row in rows.to_pylist():
            line = json.dumps(row, ensure_ascii=False, default=_json_value)
            file.write(f"{line}\n".encode())

    return append


def _json_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not written as JSON")
