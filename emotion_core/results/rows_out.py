"""Rows as text that other programs read: CSV, and JSON with a record a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
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


_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of a formula, as OWASP lists it."""


@dataclass(frozen=True)
class CsvLook:
    """How CSV is written.

    Attributes
    ----------
    decimal : {'.', ','}
        Decimal mark. With a comma, semicolons separate the columns, and a byte order mark says
        that the text is UTF-8: what spreadsheets of such countries open.
    safe : bool
        Put a ``'`` before text that a spreadsheet may take for a formula.
    """

    decimal: str = "."
    safe: bool = False


PLAIN: Final = CsvLook()


def row_writer(form: str, file: BinaryIO, look: CsvLook = PLAIN) -> Callable[[pa.Table], None]:
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
    look : CsvLook
    """
    if form != "csv":
        return _json_writer(file)
    return _csv_writer(file, look.safe) if look.decimal == "." else _comma_writer(file, look.safe)


def _csv_writer(file: BinaryIO, safe: bool) -> Callable[[pa.Table], None]:
    first = True

    def append(rows: pa.Table) -> None:
        nonlocal first
        options = pyarrow.csv.WriteOptions(include_header=first)
        flat = _flat(rows)
        pyarrow.csv.write_csv(_disarmed(flat) if safe else flat, file, options)
        first = False

    return append


def _comma_writer(file: BinaryIO, safe: bool) -> Callable[[pa.Table], None]:
    first = True

    def append(rows: pa.Table) -> None:
        nonlocal first
        flat = _flat(rows)
        flat = _disarmed(flat) if safe else flat
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\n")
        if first:
            writer.writerow(flat.column_names)
        for row in zip(*(column.to_pylist() for column in flat.columns), strict=True):
            writer.writerow([_with_comma(value) for value in row])
        file.write(text.getvalue().encode("utf-8-sig" if first else "utf-8"))
        first = False

    return append


def _with_comma(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else value


def _disarmed(rows: pa.Table) -> pa.Table:
    """The same rows, in which no text and no heading can be a formula."""
    for place, name in enumerate(rows.column_names):
        column = rows.column(place)
        if pa.types.is_string(column.type):
            texts = [None if text is None else disarmed(text) for text in column.to_pylist()]
            rows = rows.set_column(place, name, pa.array(texts, pa.string()))
    return rows.rename_columns([disarmed(name) for name in rows.column_names])


def disarmed(text: str) -> str:
    """The text, after a ``'`` where a spreadsheet may take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


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
