"""Tabular events of BORIS, as it exports them since version 8: a START and a STOP per interval."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from emotion_core.results.coded.video import CodedVideo

BORIS_COLUMNS: Final = (
    "Observation id", "Observation date", "Description", "Observation duration",
    "Observation type", "Source", "Time offset (s)", "Media duration (s)", "FPS", "Subject",
    "Behavior", "Behavioral category", "Behavior type", "Time", "Media file name", "Image index",
    "Image file path", "Comment",
)  # fmt: skip

_UNKNOWN: Final = "NA"
_CATEGORY: Final = "apparent emotion"


def boris_text(video: CodedVideo, _path: Path) -> str:
    """Tab-separated values with a heading; times in seconds with all six decimals.

    What BORIS knows of a video and a timeline does not, such as one frame rate, is ``NA``. The
    subject is the track, the image index the number of the interval's first or last frame. Of
    events at the same time, stops come first, so that states of a subject exclude each other.
    """
    media = Path(video.media)
    shared = {
        "Observation id": video.source,
        "Observation date": f"{video.written:%Y-%m-%d %H:%M:%S}",
        "Observation duration": _UNKNOWN,
        "Observation type": "Media file(s)",
        "Source": f"player #1:{media}",
        "Time offset (s)": _seconds(0),
        "Media duration (s)": _UNKNOWN,
        "FPS": _UNKNOWN,
        "Behavioral category": _CATEGORY,
        "Media file name": media.name,
        "Image file path": _UNKNOWN,
    }
    events = []
    for one in video.intervals:
        named = shared | {"Subject": one.subject, "Behavior": one.emotion}
        named["Comment"] = f"mean confidence {one.mean_confidence:.3f}"
        for kind, time_us, frame in (
            ("START", one.onset_us, one.onset_frame),
            ("STOP", one.offset_us, one.offset_frame),
        ):
            row = named | {"Behavior type": kind, "Time": _seconds(time_us), "Image index": frame}
            events.append(((time_us, kind == "START"), row))
    text = io.StringIO()
    writer = csv.DictWriter(text, BORIS_COLUMNS, restval="", dialect="excel-tab")
    writer.writeheader()
    writer.writerows(row for _, row in sorted(events, key=lambda event: event[0]))
    return text.getvalue()


def _seconds(time_us: int) -> str:
    # In whole numbers: no time is off by the error of a binary fraction.
    sign, (seconds, rest) = "-" * (time_us < 0), divmod(abs(time_us), 1_000_000)
    return f"{sign}{seconds}.{rest:06d}"
