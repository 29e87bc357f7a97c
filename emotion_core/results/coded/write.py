"""Intervals in one of the formats: a file per video, or a project of all videos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from emotion_core.errors import UsageError
from emotion_core.files import reported_for, written_aside
from emotion_core.results.coded.boris import boris_text
from emotion_core.results.coded.elan import elan_text
from emotion_core.results.coded.srt import srt_text
from emotion_core.results.coded.video import CodedVideo, read_video
from emotion_core.results.coded.webvtt import webvtt_text
from emotion_core.results.find import find_timelines, name_below
from emotion_core.timeline.intervals import IntervalRule

WRITERS: Final[dict[str, tuple[str, Callable[[CodedVideo, Path], str]]]] = {
    "elan": (".eaf", elan_text),
    "webvtt": (".vtt", webvtt_text),
    "srt": (".srt", srt_text),
}
"""Ending and content of each format that has a file per video."""

BORIS_PROJECT: Final = "emotions.boris"
"""Name of the project that holds all videos."""


def export_intervals(
    out: Path, folder: Path, form: str, rule: IntervalRule | None = None
) -> Iterator[Path]:
    """Write the intervals of all videos into a folder, and yield each file once it is there.

    There is a file per video, named after it; for BORIS, one project of all.

    Parameters
    ----------
    out : Path
        The output folder of a run, a folder that holds timelines, or a timeline.
    folder : Path
        Made where it is missing.
    form : str
        ``boris`` or one of `WRITERS`.
    rule : IntervalRule, optional

    Raises
    ------
    UsageError
        There is no timeline, or none of a video.
    MediaError
        A file is not a timeline, or damaged. What was written before stays.
    OutputError
        A file cannot be written.
    """
    read = ((path, read_video(path, rule or IntervalRule())) for path in find_timelines(out))
    videos = ((timeline, video) for timeline, video in read if video is not None)
    if form == "boris":
        project = [video for _, video in videos]
        if project:
            path = folder / BORIS_PROJECT
            yield _written(path, boris_text(project, path))
            return
    else:
        ending, text_of = WRITERS[form]
        count = 0
        for timeline, video in videos:
            path = folder / name_below(out, timeline, ending)
            yield _written(path, text_of(video, path))
            count += 1
        if count:
            return
    raise UsageError(out, "holds no timeline of a video: stills have no intervals")


def _written(path: Path, text: str) -> Path:
    with written_aside(path) as partial, reported_for(path):
        # Names that are not UTF-8 stay readable. Line ends are the format's own.
        partial.write_bytes(text.encode("utf-8", "backslashreplace"))
    return path
