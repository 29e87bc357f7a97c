"""What WebVTT and SRT share: cues with a time and a line of text."""

from __future__ import annotations

from collections.abc import Iterator

from emotion_core.results.coded.video import CodedVideo, Interval, times_ms


def cues(video: CodedVideo, decimal_mark: str) -> Iterator[tuple[str, Interval]]:
    """The line of times of each interval, by start, and the interval."""
    timed = zip(times_ms(video.intervals), video.intervals, strict=True)
    for (start, end), interval in sorted(timed, key=lambda cue: (cue[0], cue[1].track)):
        yield f"{_clock(start, decimal_mark)} --> {_clock(end, decimal_mark)}", interval


def cue_text(interval: Interval) -> str:
    """Track or person, emotion and mean confidence, as ``#0 happy 87 %``."""
    who = f"#{interval.track}" if interval.identity is None else interval.subject
    return f"{who} {interval.emotion} {100 * interval.mean_confidence:.0f} %"


def _clock(time_ms: int, decimal_mark: str) -> str:
    # Neither format has times before the first frame.
    seconds, thousandths = divmod(max(time_ms, 0), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{decimal_mark}{thousandths:03d}"
