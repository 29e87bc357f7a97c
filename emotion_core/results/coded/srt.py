"""SubRip (SRT): a numbered subtitle per interval."""

from __future__ import annotations

from pathlib import Path

from emotion_core.results.coded.subtitles import cue_text, cues
from emotion_core.results.coded.video import CodedVideo


def srt_text(video: CodedVideo, _path: Path) -> str:
    """The content of an ``.srt`` file."""
    blocks = [
        f"{number}\n{times}\n{cue_text(interval)}\n"
        for number, (times, interval) in enumerate(cues(video, ","), 1)
    ]
    return "\n".join(blocks)
