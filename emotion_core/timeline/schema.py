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
    values : str
        Range, or the words that there are; empty where it says itself.
    meaning : str
    nulls : str
        Where it is null; empty where it never is.
    """

    name: str
    type: pa.DataType
    unit: str
    values: str
    meaning: str
    nulls: str = ""


_words = pa.dictionary(pa.int32(), pa.string())
_f32, _i64, _i32 = pa.float32(), pa.int64(), pa.int32()

_NO_FACE: Final = "without a face"
_STILL: Final = "stills"
_NOT_ASKED: Final = "always, in this version"
_NOT_LIVE: Final = "files"
NO_IDENTITY: Final = "without --identities, without a face, seen too badly"
NO_BASELINE: Final = "without --baseline, stills, without a face, seen too shortly"

COLUMNS: Final[tuple[Column, ...]] = (
    Column("source", _words, "", "", "Input folder's name and the path of the file below it."),
    Column("frame", _i64, "", "from 0", "Number of the frame in order of presentation."),
    Column(
        "pts",
        _i64,
        "time base",
        "",
        "Presentation time stamp in the container; where that has none, decoding time stamp.",
        _STILL,
    ),
    Column(
        "time_us",
        _i64,
        "µs",
        "",
        "Time since the first frame, from the PTS; it goes on where the container's clock jumps.",
        _STILL,
    ),
    Column(
        "status",
        _words,
        "",
        ", ".join(STATUSES),
        "ok: a face; no_face: sound frame without a face; damaged: decoded from damaged data, with "
        "or without a face; undecodable: the decoder lost it.",
    ),
    Column(
        "track",
        _i32,
        "",
        "from 0",
        "Number of the face in the file, of a still from the left; no track goes on over a camera "
        "cut.",
        _NO_FACE,
    ),
    Column("box_x", _f32, "px", "", "Left edge of the face in the upright picture.", _NO_FACE),
    Column("box_y", _f32, "px", "", "Top edge of the face.", _NO_FACE),
    Column("box_w", _f32, "px", "above 0", "Width of the face.", _NO_FACE),
    Column("box_h", _f32, "px", "above 0", "Height of the face.", _NO_FACE),
    Column(
        "detection_score",
        _f32,
        "",
        "0-1",
        "Score of the face detector. Like box and landmarks, it is interpolated on frames between "
        "two searches that agree.",
        _NO_FACE,
    ),
    Column(
        "quality",
        _f32,
        "",
        "0-1",
        "How fit the face is for the classifier: detail times position times pose. Detail is the "
        "smallest of size (side of the crop in px / side of the input), sharpness, and lack of "
        "noise; position falls from 1 to 0 where 85 to 50 % of the crop lie inside the picture, "
        "pose where the face is turned to a side by 30 to 60°. Lower quality lowers the "
        "confidence.",
        _NO_FACE,
    ),
    *(
        Column(f"raw_{e}", _f32, "", "0-1", f"Probability of {e} in this frame alone.", _NO_FACE)
        for e in EMOTIONS
    ),
    *(
        Column(f"p_{e}", _f32, "", "0-1", f"Probability of {e}, smoothed over the track.", _NO_FACE)
        for e in EMOTIONS
    ),
    Column(
        "emotion",
        _words,
        "",
        ", ".join(EMOTIONS),
        "That with the largest p_…, whatever the baseline.",
        _NO_FACE,
    ),
    Column("confidence", _f32, "", "0-1", "That largest probability.", _NO_FACE),
    Column(
        "uncertain",
        pa.bool_(),
        "",
        "",
        "Whether confidence is below the model's threshold, which is higher for faces of low "
        "quality.",
        _NO_FACE,
    ),
    Column(
        "identity",
        _i32,
        "",
        "from 0",
        "Number of the person in the run, as far as can be told within one sitting.",
        NO_IDENTITY,
    ),
    *(
        Column(
            f"baseline_{e}",
            _f32,
            "",
            "0-1",
            f"p_{e} less what the person's face reads at rest.",
            NO_BASELINE,
        )
        for e in EMOTIONS
    ),
    Column("wall_time", pa.timestamp("us", "UTC"), "", "", "When the frame arrived.", _NOT_LIVE),
    Column("gap", pa.bool_(), "", "", "Whether frames are missing before this one.", _NOT_LIVE),
    # The only list stands last: some readers count what it is made of as columns of their own.
    Column(
        "landmarks",
        pa.list_(_f32, 10),
        "px",
        "",
        "x, y of right eye, left eye, nose, right and left mouth corner (the person's right).",
        _NO_FACE,
    ),
)

SCHEMA: Final = pa.schema([(column.name, column.type) for column in COLUMNS])


def schema_difference(found: pa.Schema) -> str | None:
    """What is other than in `SCHEMA`, and what to do about it; None where nothing is.

    Columns may stand in another order, as they did in an earlier version.
    """
    if set(found.names) != set(SCHEMA.names):
        unknown = [name for name in found.names if name not in SCHEMA.names]
        missing = [name for name in SCHEMA.names if name not in found.names]
        if unknown and not missing:
            return (
                f"has columns that no timeline has ({', '.join(unknown)}): take them out, and keep "
                "columns of your own in another file"
            )
        return f"lacks columns ({', '.join(missing)}): annotate it again"
    for field in SCHEMA:
        kind = found.field(field.name).type
        if kind != field.type:
            return f"{field.name} has type {kind}, not {field.type}: annotate it again"
    return None
