"""Some rows of a timeline as arrays of numbers, each made once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.labels import EMOTIONS


class Block:
    """Columns of some rows.

    Parameters
    ----------
    rows : pyarrow.Table
        With the schema of a timeline.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows
        self._null: dict[str, NDArray[np.bool_]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def null(self, name: str) -> NDArray[np.bool_]:
        """Where a column has no value."""
        if name not in self._null:
            self._null[name] = self._rows[name].is_null().to_numpy()
        return self._null[name]

    def floats(self, name: str) -> NDArray[np.float32]:
        """Numbers of a column; NaN where there is none."""
        values = self._rows[name].to_numpy()
        return np.asarray(values, np.float32)

    def whole(self, name: str) -> NDArray[np.int64]:
        """Integers of a column; 0 where there is none."""
        return np.asarray(self._rows[name].fill_null(0).to_numpy(), np.int64)

    def flags(self, name: str) -> NDArray[np.bool_]:
        """Truth values of a column; false where there is none."""
        return np.asarray(self._rows[name].fill_null(False).to_numpy(), np.bool_)

    def words(self, name: str) -> NDArray[Any]:
        """Words of a column; None where there is none."""
        return np.asarray(self._rows[name].cast(pa.string()).to_numpy(), object)

    def landmarks(self) -> NDArray[np.float32]:
        """Shape (n, 10), px; NaN where there are none."""
        column = self._rows["landmarks"].combine_chunks()
        values = np.full((len(self), 10), np.nan, np.float32)
        values[~self.null("landmarks")] = (
            column.flatten().to_numpy(zero_copy_only=False).reshape(-1, 10)
        )
        return values

    def probabilities(self, prefix: str) -> NDArray[np.float32]:
        """``raw_`` or ``p_`` of each emotion; shape (n, 7)."""
        return np.stack([self.floats(f"{prefix}{name}") for name in EMOTIONS], axis=1)
