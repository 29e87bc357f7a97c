"""A file per video with its intervals, in one of the formats."""

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
    "boris": (".tsv", boris_text),
    "webvtt": (".vtt", webvtt_text),
    "srt": (".srt", srt_text),
}
"""Ending and content of each format."""


def export_intervals(
    out: Path, folder: Path, form: str, rule: IntervalRule | None = None
) -> Iterator[Path]:
    """Write a file per video into a folder, named after it, and yield each once it is there.

    Parameters
    ----------
    out : Path
        The output folder of a run, a folder that holds timelines, or a timeline.
    folder : Path
        Made where it is missing.
    form : str
        One of `WRITERS`.
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
    ending, text_of = WRITERS[form]
    count = 0
    for timeline in find_timelines(out):
        video = read_video(timeline, rule or IntervalRule())
        if video is None:
            continue
        path = folder / name_below(out, timeline, ending)
        with written_aside(path) as partial, reported_for(path):
            # Names that are not UTF-8 stay readable. Line ends are the format's own.
            partial.write_bytes(text_of(video, path).encode("utf-8", "backslashreplace"))
        count += 1
        yield path
    if not count:
        raise UsageError(out, "holds no timeline of a video: stills have no intervals")
