"""A project of BORIS (``.boris``), which it opens as its own: an observation per video.

Fields and their types are those of project format 7.0, which BORIS has written since version 7.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from emotion_core.labels import EMOTIONS
from emotion_core.results.coded.video import CodedVideo, natural

FORMAT: Final = "7.0"
CATEGORY: Final = "apparent emotion"
_DATE: Final = "%Y-%m-%dT%H:%M:%S"
_PLAYERS: Final = tuple(map(str, range(1, 9)))
_EPOCH: Final = "1970-01-01T00:00:00"


def boris_text(videos: Sequence[CodedVideo], path: Path) -> str:
    """The content of the project file `path`.

    Each emotion is a behaviour, a state event that the others exclude; each person, or else each
    track, is a subject. An interval is two events, at its start and its end, in seconds with all
    six decimals. Of events at the same time, ends come first.
    """
    names = dict.fromkeys(one.subject for video in videos for one in video.intervals)
    last = max((f"{video.written:{_DATE}}" for video in videos), default=_EPOCH)
    project = {
        "time_format": "s",
        "project_date": last,
        "project_name": path.stem,
        "project_description": "Apparent emotions of faces, found by emotion-annotate.",
        "project_format_version": FORMAT,
        "subjects_conf": {
            str(i): {"key": "", "name": name, "description": ""}
            for i, name in enumerate(sorted(names, key=natural))
        },
        "behaviors_conf": {str(i): _behaviour(name) for i, name in enumerate(EMOTIONS)},
        "observations": {video.source: _observation(video) for video in videos},
        "behavioral_categories": [CATEGORY],
        "behavioral_categories_config": {"0": {"name": CATEGORY, "color": ""}},
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
    }
    return json.dumps(project, indent=1, ensure_ascii=False) + "\n"


def _behaviour(emotion: str) -> dict[str, Any]:
    return {
        "type": "State event",
        "key": "",
        "code": emotion,
        "description": f"A face that appears {emotion}",
        "color": "",
        "category": CATEGORY,
        "modifiers": {},
        "excluded": ",".join(name for name in EMOTIONS if name != emotion),
        "coding map": "",
    }


def _observation(video: CodedVideo) -> dict[str, Any]:
    seconds = video.end_us / 1_000_000
    return {
        "file": {player: [video.media] if player == "1" else [] for player in _PLAYERS},
        "type": "MEDIA",
        "date": f"{video.written:{_DATE}}",
        "description": "",
        "time offset": 0.0,
        "events": _events(video),
        "independent_variables": {},
        "observation time interval": [0, 0],
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_creation_date_as_offset": False,
        "media_scan_sampling_duration": 0,
        "image_display_duration": 1,
        "close_behaviors_between_videos": False,
        "media_info": {
            "length": {video.media: seconds},
            "fps": {video.media: round(video.frames / seconds, 3) if seconds else 0},
            "hasVideo": {video.media: True},
            "hasAudio": {video.media: False},
            "offset": dict.fromkeys(_PLAYERS, 0.0),
        },
    }


def _events(video: CodedVideo) -> list[list[Any]]:
    """Time in s, subject, behaviour, modifier, comment and number of the frame of each event."""
    events = []
    for one in video.intervals:
        comment = f"mean confidence {one.mean_confidence:.3f}"
        for start, time_us, frame in (
            (True, one.onset_us, one.onset_frame),
            (False, one.offset_us, one.offset_frame),
        ):
            # The shortest decimal of the quotient is that of the microseconds.
            row = [time_us / 1_000_000, one.subject, one.emotion, "", comment, frame]
            events.append(((time_us, start), row))
    return [row for _, row in sorted(events, key=lambda event: event[0])]
