"""A table as an Excel workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from emotion_core.errors import OutputError

ROWS_MAX: Final = 1_048_575
"""A sheet's rows, less the heading."""


def write_workbook(table: pa.Table, path: Path) -> None:
    """Write a table as ``.xlsx``: a sheet with a heading; null is an empty cell.

    Text is text, also where it begins as a formula does. Control characters, which a workbook
    cannot hold, become ``?``.

    Raises
    ------
    OutputError
        There are more rows than a sheet holds.
    """
    if len(table) > ROWS_MAX:
        raise OutputError(path, f"a sheet holds {ROWS_MAX} rows, not {len(table)}: write CSV")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("table")
    sheet.freeze_panes = "A2"

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("?", value))
        made.data_type = "s"
        return made

    sheet.append([cell(name) for name in table.column_names])
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        sheet.append([cell(value) for value in row])
    with path.open("wb") as file:
        book.save(file)
