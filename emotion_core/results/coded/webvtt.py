"""WebVTT: a cue per interval."""

from __future__ import annotations

from html import escape
from pathlib import Path

from emotion_core.results.coded.subtitles import cue_text, cues
from emotion_core.results.coded.video import CodedVideo


def webvtt_text(video: CodedVideo, _path: Path) -> str:
    """The content of a ``.vtt`` file, as browsers' ``<track>`` takes it."""
    blocks = [
        f"{times}\n{escape(cue_text(interval), quote=False)}\n"
        for times, interval in cues(video, ".")
    ]
    return "\n".join(["WEBVTT\n", *blocks])
