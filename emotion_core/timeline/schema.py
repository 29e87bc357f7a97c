"""The timeline's columns: the one place of their order, types and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from emotion_core.labels import EMOTIONS

SCHEMA_VERSION: Final = 1
STATUSES: Final = ("ok", "no_face", "damaged", "undecodable")


@dataclass(frozen=True)
class Column:
    """One column of a timeline.

    Attributes
    ----------
    name : str
    type : pyarrow.DataType
    unit : str
        Empty where there is none.
    meaning : str
    """

    name: str
    type: pa.DataType
    unit: str
    meaning: str


_words = pa.dictionary(pa.int32(), pa.string())
_f32, _i64 = pa.float32(), pa.int64()

COLUMNS: Final[tuple[Column, ...]] = (
    Column("source", _words, "", "Input folder's name and the path of the file below it."),
    Column("frame", _i64, "", "Number of the frame in order of presentation, from 0."),
    Column("pts", _i64, "time base", "Presentation time stamp in the container; null for stills."),
    Column("time_us", _i64, "µs", "Time since the first frame, from the PTS; null for stills."),
    Column(
        "status",
        _words,
        "",
        "ok: a face; no_face: sound frame without a face; damaged: decoded from damaged data; "
        "undecodable: the file has a packet that gives no frame.",
    ),
    Column("track", pa.int32(), "", "Number of the face within the file; null for stills."),
    Column("box_x", _f32, "px", "Left edge of the face in the upright picture."),
    Column("box_y", _f32, "px", "Top edge of the face."),
    Column("box_w", _f32, "px", "Width of the face."),
    Column("box_h", _f32, "px", "Height of the face."),
    Column("detection_score", _f32, "0-1", "Score of the face detector."),
    Column(
        "landmarks",
        pa.list_(_f32, 10),
        "px",
        "x, y of right eye, left eye, nose, right and left mouth corner (the person's right).",
    ),
    Column(
        "quality",
        _f32,
        "0-1",
        "Share of the classifier's input that the picture really holds: min(1, side of the crop in "
        "px / input side) times the share of the crop inside the picture.",
    ),
    *(
        Column(f"raw_{name}", _f32, "0-1", f"Probability of {name} in this frame alone.")
        for name in EMOTIONS
    ),
    *(
        Column(f"p_{name}", _f32, "0-1", f"Probability of {name}, smoothed over the track.")
        for name in EMOTIONS
    ),
    Column("emotion", _words, "", "The emotion with the largest p_…."),
    Column("confidence", _f32, "0-1", "That largest probability."),
    Column("uncertain", pa.bool_(), "", "Whether confidence is below the model's threshold."),
    Column("identity", pa.int32(), "", "Number of the person across files; null until asked for."),
    *(
        Column(f"baseline_{name}", _f32, "0-1", "Null until a baseline is asked for.")
        for name in EMOTIONS
    ),
    Column("wall_time", pa.timestamp("us", "UTC"), "", "Live only: when the frame arrived."),
    Column("gap", pa.bool_(), "", "Live only: frames are missing before this one."),
)

SCHEMA: Final = pa.schema([(column.name, column.type) for column in COLUMNS])
