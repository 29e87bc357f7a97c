"""Timelines on disk: Parquet files that say what made them."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from emotion_core.bundle import brief
from emotion_core.errors import MediaError
from emotion_core.files import reported_for, written_aside
from emotion_core.timeline.schema import SCHEMA, SCHEMA_VERSION, schema_difference

ROWS_PER_GROUP: Final = 2_048
"""Few, so that drawing a segment reads little more than its own rows, and writing holds little."""

_WORDS: Final = [field.name for field in SCHEMA if pa.types.is_dictionary(field.type)]

_LOOKED_UP: Final = [
    field.name
    for field in SCHEMA
    if not (pa.types.is_floating(field.type) or pa.types.is_nested(field.type))
]
"""Columns whose least and greatest value stand in the footer, so that readers can skip rows. Those
of the many columns of numbers would be most of it, and nobody looks faces up by them."""

METADATA_KEY: Final = b"emotion_annotate"

PACKED: Final = "deflated"
"""Name of what is compressed in the metadata: by name, JSON deflated by zlib, in Base64."""

PACKED_FROM: Final = 2_000
"""Values of so many bytes as JSON are compressed, so that a footer stays small."""

CARDS: Final = ("model", "identifier")

PARTS_SUFFIX: Final = ".parts"
"""Of a folder that holds the rows of a timeline that still grows, in files one after the other. It
is read like the timeline."""


@contextmanager
def new_timeline(path: Path, metadata: Mapping[str, Any]) -> Iterator[Callable[[pa.Table], None]]:
    """A function that appends rows to a timeline, which appears once the block has ended well.

    Parameters
    ----------
    path : Path
    metadata : mapping
        JSON values; kept under one key of the Parquet footer.

    Raises
    ------
    OutputError
        The file cannot be written; none is left behind.
    """
    schema = SCHEMA.with_metadata({METADATA_KEY: _written(metadata)})
    with written_aside(path) as partial:
        with reported_for(path):
            # Floats seldom repeat: a dictionary of each column would only take memory.
            writer = pq.ParquetWriter(
                partial,
                schema,
                compression="zstd",
                use_dictionary=_WORDS,
                write_statistics=_LOOKED_UP,
                # Arrow's own copy of the schema, and of the metadata, which is more than the rest
                # of a part has to tell. Without it, types are nearly those of `SCHEMA`.
                store_schema=not is_part(path),
            )
            if is_part(path):
                writer.add_key_value_metadata(schema.metadata)

        def append(rows: pa.Table) -> None:
            with reported_for(path):
                writer.write_table(
                    rows.select(SCHEMA.names).cast(schema), row_group_size=ROWS_PER_GROUP
                )

        try:
            yield append
        finally:
            with reported_for(path):
                writer.close()


def _written(metadata: Mapping[str, Any]) -> bytes:
    """Metadata as JSON; what is long in it, such as the inputs of many stills, is compressed."""
    packed = {}
    for name, value in metadata.items():
        text = json.dumps(value).encode()
        if len(text) > PACKED_FROM:
            packed[name] = base64.b64encode(zlib.compress(text, 9)).decode()
    short = {name: value for name, value in metadata.items() if name not in packed}
    more = {PACKED: packed} if packed else {}
    return json.dumps({"schema_version": SCHEMA_VERSION, **short, **more}).encode()


def _read(text: bytes) -> Any:
    """What `_written` was given, with the schema version.

    Raises
    ------
    ValueError
        It is something else.
    """
    metadata = json.loads(text)
    if not isinstance(metadata, dict):
        raise ValueError
    try:
        for name, packed in metadata.pop(PACKED, {}).items():
            metadata[name] = json.loads(zlib.decompress(base64.b64decode(packed)))
        # An earlier version wrote the whole cards.
        return metadata | {name: brief(metadata[name]) for name in CARDS if name in metadata}
    except (AttributeError, KeyError, TypeError, zlib.error) as error:
        raise ValueError from error


def is_part(file: Path) -> bool:
    """Whether a file is a part of a timeline, which has a number for a name.

    A folder of videos may have the same ending.
    """
    return file.parent.suffix == PARTS_SUFFIX and file.stem.isdecimal()


def parts_of(timeline: Path) -> list[Path]:
    """The files that the rows of a timeline lie in: itself, or its parts, at least one.

    Raises
    ------
    MediaError
        It is a folder without parts.
    """
    if not timeline.is_dir():
        return [timeline]
    parts = sorted(filter(is_part, timeline.glob("*.parquet")))
    if not parts:
        raise MediaError(timeline, "has no rows, or is just being made whole: try again")
    return parts


def read_metadata(timeline: Path) -> dict[str, Any]:
    """What `new_timeline` was given, with the schema version.

    The first part says what all have in common, and each later one what is new.

    Raises
    ------
    MediaError
        The file is not a timeline of this schema version.
    """
    first, *others = parts_of(timeline)
    return _read_metadata(first) | (_read_metadata(others[-1]) if others else {})


def _read_metadata(path: Path) -> dict[str, Any]:
    try:
        found = (pq.read_schema(path).metadata or {}).get(METADATA_KEY)
    except (OSError, pa.ArrowException) as error:
        message = f"is not a readable Parquet file ({_in_a_line(error)}): annotate it again"
        raise MediaError(path, message) from error
    if found is None:
        message = (
            "is not a timeline of emotion-annotate: name one, or the output folder of annotate"
        )
        raise MediaError(path, message)
    try:
        metadata: dict[str, Any] = _read(found)
    except ValueError as error:
        message = "has metadata that are no timeline's: annotate it again"
        raise MediaError(path, message) from error
    version = metadata.get("schema_version")
    if version != SCHEMA_VERSION:
        raise MediaError(
            path,
            f"has schema version {version}, but this version reads {SCHEMA_VERSION}: annotate it "
            "again, or use the version that wrote it",
        )
    return metadata


def recorded_input(timeline: Path) -> tuple[Path, int] | None:
    """The file that a timeline is of, or the first of several stills, and its size in bytes.

    None where the timeline does not say.
    """
    try:
        metadata = read_metadata(timeline)
        first = metadata["input"] if "input" in metadata else metadata["inputs"][0]
        return Path(first["path"]), int(first["bytes"])
    except (MediaError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None


def read_blocks(timeline: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The rows of a timeline, some thousand at a time, so that length costs no memory.

    A timeline without rows gives one block without rows.

    Raises
    ------
    MediaError
        The file is not a timeline of this schema version, its columns are not just those of
        `SCHEMA`, or it is damaged.
    """
    for path in parts_of(timeline):
        yield from _read_file(path, columns)


def _read_file(path: Path, columns: Sequence[str] | None) -> Iterator[pa.Table]:
    _read_metadata(path)
    with _readable(path):
        file = pq.ParquetFile(path)
    with file:
        found = file.schema_arrow
        difference = schema_difference(_typed(found) if is_part(path) else found)
        if difference is not None:
            raise MediaError(path, difference)
        names = SCHEMA.names if columns is None else list(columns)
        if not file.num_row_groups:
            yield SCHEMA.empty_table().select(names)
        for group in range(file.num_row_groups):
            with _readable(path):
                rows = file.read_row_group(group, names).select(names)
                yield rows.cast(_typed(rows.schema)) if is_part(path) else rows


def _typed(found: pa.Schema) -> pa.Schema:
    """The types that columns of a part have in a timeline: `new_timeline` leaves them out there."""
    return pa.schema([SCHEMA.field(f.name) if f.name in SCHEMA.names else f for f in found])


def read_rows(path: Path, first: int, stop: int, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of frames first … stop - 1; all columns by default."""
    chosen = None if columns is None else list(columns)
    inside = [("frame", ">=", first), ("frame", "<", stop)]
    rows = pq.read_table(path, columns=chosen, filters=inside)
    return rows.select(chosen or SCHEMA.names)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise MediaError(path, f"is damaged ({_in_a_line(error)}): annotate it again") from error


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())
