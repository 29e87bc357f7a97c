"""Joining of encoded segments into an annotated copy, without encoding them again."""

from __future__ import annotations

import heapq
import io
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from emotion_core.errors import OutputError
from emotion_core.files import reported_for, written_aside
from emotion_core.media.sound_clock import SoundClock
from emotion_core.render.audio import AudioTrack, Window, audio_track, open_source
from emotion_core.render.segment import SegmentHeader, read_header, read_packets, read_pts

logger = logging.getLogger(__name__)

_MOVIE_TIMESCALE: Final = 90_000
"""Ticks a second of edit lists. The muxer's 1000 would move sound that starts late."""

_LONGEST_GAP: Final = 2**31 - 1
"""Ticks; the muxer takes a longer sample duration for a mistake."""


@dataclass(frozen=True)
class _Video:
    """The encoded pictures of all segments, in order.

    Attributes
    ----------
    paths : sequence of Path
    header : SegmentHeader
        The same in all of them.
    times : ndarray [shape=(n,), int64]
        PTS in the settings' time base, from 0, strictly increasing.
    last_duration : int
        Of the last picture, in the same unit.
    """

    paths: Sequence[Path]
    header: SegmentHeader
    times: NDArray[np.int64]
    last_duration: int

    @property
    def timescale(self) -> int | None:
        """Ticks a second of the track, where the muxer's own choice would not do."""
        time_base = self.header.settings.time_base
        longest = max(int(np.diff(self.times).max(initial=0)), self.last_duration) * time_base
        finest = int(_LONGEST_GAP / longest)
        if time_base.denominator <= finest:
            # The muxer takes a multiple of the denominator: every time is exact.
            return None
        common = int(np.gcd.reduce(self.times)) * time_base.numerator
        coarsest = time_base.denominator // math.gcd(common, time_base.denominator)
        return coarsest if coarsest <= finest else max(1, min(_MOVIE_TIMESCALE, finest))

    def packets(self, target: VideoStream) -> Iterator[av.Packet[Any]]:
        """The packets, ready to be written into `target`."""
        ends = np.append(self.times[1:], self.times[-1] + self.last_duration)
        records = (record for path in self.paths for record in read_packets(path))
        for record, time, end in zip(records, self.times, ends, strict=True):
            packet: av.Packet[Any] = av.Packet(record.data)
            packet.time_base = self.header.settings.time_base
            # Without B-frames, pictures are decoded in the order in which they are shown.
            packet.pts = packet.dts = int(time)
            packet.duration = int(end - time)
            packet.is_keyframe = record.key
            packet.stream = target
            yield packet


@dataclass(frozen=True)
class _WantedSound:
    """Which sound is to be written; `source` is None for none, `copy` whether as it is."""

    source: Path | None
    window: Window
    clock: SoundClock | None
    copy: bool


def join_segments(
    segment_paths: Sequence[Path],
    output: Path,
    *,
    source: Path | None,
    pts0: int,
    stop_pts: int | None = None,
    clock: SoundClock | None = None,
) -> None:
    """Write encoded segments and the source's sound into an MP4 file.

    Every picture is at exactly (its PTS - `pts0`) in the source's time base, and the sound keeps
    its place beside the pictures. The file appears whole or not at all.

    Parameters
    ----------
    segment_paths : sequence of Path
        Files of `encode_segment`, in the order of time.
    output : Path
        The MP4 file.
    source : Path or None
        Where the sound comes from: its first audio stream. Sound that MP4 and browsers take is
        copied, other sound is encoded as AAC. Damaged sound costs a warning, never the pictures.
    pts0 : int
        PTS of the first picture, in the segments' time base; becomes time 0.
    stop_pts : int or None
        PTS at which the wanted range ends; sound after it is cut off. None: to the end.
    clock : SoundClock, optional
        How the sound goes on where the source's clock jumps.

    Raises
    ------
    OutputError
        The segments do not belong together, hold no picture or are damaged, or the file cannot be
        written.
    ValueError
        A picture is earlier than `pts0`.
    """
    video = _video_of(segment_paths, output, pts0, stop_pts)
    time_base = video.header.settings.time_base
    window = Window(pts0 * time_base, None if stop_pts is None else stop_pts * time_base)
    # What cannot be muxed as it is can mostly be decoded; and no sound is better than no copy.
    attempts = ("copy", "encode", "omit")
    for attempt in attempts:
        try:
            sound = _WantedSound(
                None if attempt == "omit" else source, window, clock, copy=attempt == "copy"
            )
            _write(video, output, sound)
            return
        except av.FFmpegError as error:
            if source is None or attempt == attempts[-1]:
                raise OutputError(output, f"cannot be written as MP4: {error.strerror}") from error
            # Sound that is encoded anew is as good for a listener.
            level = logging.INFO if attempt == "copy" else logging.WARNING
            trouble = "%s: trouble with the audio (%s): %s"
            logger.log(level, trouble, source, attempt, error.strerror)


def _video_of(paths: Sequence[Path], output: Path, pts0: int, stop_pts: int | None) -> _Video:
    if not paths:
        raise OutputError(output, "there is no segment to join")
    header = read_header(paths[0])
    for path in paths[1:]:
        if read_header(path) != header:
            raise OutputError(path, f"was encoded differently from {paths[0].name}")
    times = np.concatenate([read_pts(path) for path in paths]) - pts0
    if not len(times):
        raise OutputError(output, "there is no picture to write")
    if times[0] < 0:
        raise ValueError(f"the first picture is {-times[0]} ticks earlier than pts0")
    # A time that the source repeats at the edge of two segments; see SegmentEncoder.write.
    ticks = np.arange(len(times))
    times = np.maximum.accumulate(times - ticks) + ticks
    stop = None if stop_pts is None else stop_pts - pts0
    return _Video(paths, header, times, _last_duration(times, header, stop))


def _last_duration(times: NDArray[np.int64], header: SegmentHeader, stop: int | None) -> int:
    """The average duration, but not beyond the end of the range."""
    settings = header.settings
    if len(times) > 1:
        average = Fraction(int(times[-1] - times[0]), len(times) - 1)
    else:
        average = 1 / (settings.frame_rate * settings.time_base)
    if stop is not None:
        average = min(average, Fraction(stop - int(times[-1])))
    return max(1, round(average))


def _write(video: _Video, output: Path, sound: _WantedSound) -> None:
    options = {"movflags": "+faststart", "movie_timescale": str(_MOVIE_TIMESCALE)}
    if video.timescale is not None:
        options["video_track_timescale"] = str(video.timescale)
    with written_aside(output) as aside, ExitStack() as opened:
        container = open_source(sound.source)
        audio = None
        if container is not None:
            opened.enter_context(container)
            audio = audio_track(container, sound.window, copy=sound.copy, clock=sound.clock)
        # PyAV's errors of the operating system are OSErrors, too; the sound's own are caught there.
        with (
            reported_for(output),
            av.open(str(aside), "w", format="mp4", container_options=options) as target,
        ):
            _mux(video, audio, target)


def _mux(video: _Video, audio: AudioTrack | None, target: OutputContainer) -> None:
    tracks = [video.packets(_add_video(video, target))]
    if audio is not None:
        audio.add_to(target)
        tracks.append(audio.packets())
    # In the order of time, so that the muxer need not hold one track back for the other.
    for packet in heapq.merge(*tracks, key=_decoding_time):
        target.mux(packet)


def _decoding_time(packet: av.Packet[Any]) -> Fraction:
    return Fraction(packet.dts or 0) * packet.time_base


def _add_video(video: _Video, target: OutputContainer) -> VideoStream:
    # The template is parsed from the pictures themselves: opening an encoder for its parameters
    # would cost as much memory as encoding.
    first = next(record for path in video.paths for record in read_packets(path))
    elementary = io.BytesIO(video.header.extradata + first.data)
    with av.open(elementary, format="h264") as parsed:
        stream = target.add_stream_from_template(parsed.streams.video[0], opaque=True)
    stream.time_base = video.header.settings.time_base
    return stream
