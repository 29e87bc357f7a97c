"""The file between encoding and joining: packets of one segment as an Arrow stream.

No container format serves here: NUT shifts times, MP4 and Matroska round them to milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.errors import OutputError
from emotion_core.files import reported_for, written_aside
from emotion_core.render.settings import EncoderSettings

_FIELDS: Final = (
    pa.field("pts", pa.int64(), nullable=False),
    pa.field("dts", pa.int64(), nullable=False),
    pa.field("key", pa.bool_(), nullable=False),
    pa.field("data", pa.binary(), nullable=False),
)
_EXTRADATA: Final = b"extradata"
_SETTINGS: Final = b"settings"
_BATCH_PACKETS: Final = 64
_BATCH_BYTES: Final = 1 << 20


class PacketRecord(NamedTuple):
    """One encoded picture.

    `pts` and `dts` count in the time base of the settings; `data` is an H.264 access unit with
    start codes (Annex B).
    """

    pts: int
    dts: int
    key: bool
    data: bytes


@dataclass(frozen=True)
class SegmentHeader:
    """What all packets of a segment share: the settings, and the parameter sets (Annex B)."""

    settings: EncoderSettings
    extradata: bytes


class SegmentWriter:
    """Appends packets to a stream, in batches: a long segment needs little memory."""

    def __init__(self, path: Path, stream: pa.RecordBatchStreamWriter, schema: pa.Schema) -> None:
        self._path = path
        self._stream = stream
        self._schema = schema
        self._records: list[PacketRecord] = []
        self._bytes = 0

    def write(self, record: PacketRecord) -> None:
        """Append one packet.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        self._records.append(record)
        self._bytes += len(record.data)
        if len(self._records) >= _BATCH_PACKETS or self._bytes >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write out what is held back."""
        if not self._records:
            return
        columns: list[tuple[Any, ...]] = list(zip(*self._records, strict=True))
        arrays = [pa.array(v, f.type) for v, f in zip(columns, self._schema, strict=True)]
        with reported_for(self._path):
            self._stream.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._records, self._bytes = [], 0


@contextmanager
def new_segment(path: Path, header: SegmentHeader) -> Iterator[SegmentWriter]:
    """A writer of a segment file, which appears as `path` once the block has ended well.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    metadata: dict[bytes | str, bytes | str] = {
        _EXTRADATA: header.extradata,
        _SETTINGS: header.settings.to_json().encode(),
    }
    schema = pa.schema(_FIELDS, metadata=metadata)
    with written_aside(path) as aside:
        with reported_for(path):
            file = pa.OSFile(str(aside), "wb")
        try:
            with reported_for(path):
                stream = pa.ipc.new_stream(file, schema)
            writer = SegmentWriter(path, stream, schema)
            # Not in `reported_for`: the block may fail to read a source, which is no fault of
            # `path`.
            yield writer
            writer.flush()
            with reported_for(path):
                stream.close()
        finally:
            file.close()


def read_header(path: Path) -> SegmentHeader:
    """Settings and parameter sets of a segment file.

    Raises
    ------
    OutputError
        The file is missing or damaged.
    """
    with _opened(path) as reader:
        metadata = reader.schema.metadata or {}
        if not {_EXTRADATA, _SETTINGS} <= metadata.keys():
            raise OutputError(path, "is not a segment of encoded video")
        return SegmentHeader(EncoderSettings.from_json(metadata[_SETTINGS]), metadata[_EXTRADATA])


def read_pts(path: Path) -> NDArray[np.int64]:
    """PTS of all packets of a segment file, shape (n,); reads no picture data.

    Raises
    ------
    OutputError
        The file is missing or damaged.
    """
    with _opened(path) as reader:
        columns = [batch.column("pts").to_numpy() for batch in reader]
        return np.concatenate([np.empty(0, np.int64), *columns])


def read_packets(path: Path) -> Iterator[PacketRecord]:
    """The packets of a segment file, in order, a batch at a time in memory.

    Raises
    ------
    OutputError
        The file is missing or damaged.
    """
    with _opened(path) as reader:
        for batch in reader:
            columns = (batch.column(field.name).to_pylist() for field in _FIELDS)
            yield from map(PacketRecord._make, zip(*columns, strict=True))


@contextmanager
def _opened(path: Path) -> Iterator[pa.RecordBatchStreamReader]:
    try:
        with (
            reported_for(path, "read"),
            pa.memory_map(str(path)) as file,
            pa.ipc.open_stream(file) as reader,
        ):
            yield reader
    except pa.ArrowInvalid as error:
        raise OutputError(path, f"is damaged: {error}") from error
