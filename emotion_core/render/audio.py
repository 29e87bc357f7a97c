"""The source's sound, made fit for an annotated copy in MP4: copied, or encoded as AAC."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Protocol

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from emotion_core.errors import MediaError
from emotion_core.media.local import open_media
from emotion_core.media.sound_clock import SoundClock
from emotion_core.render.pcm import PcmTimeline

logger = logging.getLogger(__name__)

COPIED_CODECS: Final = frozenset({"aac", "mp3", "opus", "flac"})
"""What MP4 holds and browsers play; everything else is encoded as AAC."""

MP3_RATE_MIN: Final = 16_000
"""Of MPEG-1 and MPEG-2, in Hz. MP4 has no code for the lower ones of MPEG-2.5 (ISO/IEC 14496-1)."""

_PREROLL_S: Final = Fraction(1, 10)
"""Kept before the start and hidden by the edit list: decoders settle on it (Opus: 80 ms)."""

_AAC_LAYOUTS: Final = frozenset({"mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1"})
_AAC_RATES: Final = frozenset(
    {96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000}
)
_AAC_DEFAULT_RATE: Final = 48000
_AAC_BITS_PER_CHANNEL: Final = 96_000


@dataclass(frozen=True)
class Window:
    """A range of the source's clock, in seconds; `stop` is None where it has no end."""

    start: Fraction
    stop: Fraction | None = None


@dataclass(frozen=True)
class Sound:
    """An audio stream of a source, read once.

    Attributes
    ----------
    container : InputContainer
    stream : AudioStream
    clock : SoundClock or None
        Puts its packets where time goes on, if the source's clock jumps.
    """

    container: InputContainer
    stream: AudioStream
    clock: SoundClock | None

    @property
    def name(self) -> str:
        return self.container.name

    def packets(self) -> Iterator[av.Packet[AudioStream]]:
        """All packets in the order of the file; an error of the container ends them."""
        try:
            read = self.container.demux(self.stream)
            yield from read if self.clock is None else self.clock.mend(read)
        except av.FFmpegError as error:
            logger.warning("%s: the audio ends early: %s", self.name, error.strerror)


class AudioTrack(Protocol):
    """Audio packets that become a stream of an output container."""

    def add_to(self, output: OutputContainer) -> None:
        """Add the stream; before the first packet of any stream is written."""

    def packets(self) -> Iterator[av.Packet[Any]]:
        """The packets in order, their time counted from the start of the window."""


class CopiedAudio:
    """The source's packets as they are."""

    def __init__(self, source: Sound, window: Window) -> None:
        self._source = source
        self._window = window

    def add_to(self, output: OutputContainer) -> None:
        """See `AudioTrack`."""
        self._target = output.add_stream_from_template(self._source.stream)

    def packets(self) -> Iterator[av.Packet[Any]]:
        """See `AudioTrack`."""
        # MP4 counts audio in samples.
        time_base = Fraction(1, self._source.stream.codec_context.sample_rate)
        previous: int | None = None
        dropped = 0
        for packet, time in _packets_in(self._source, self._window):
            # Discarded packets at the start prime the decoder; later ones belong to a cut.
            if packet.size == 0 or (packet.is_discard and previous is not None):
                continue
            pts = round((time - self._window.start) / time_base)
            if previous is not None and pts <= previous:
                dropped += 1
                continue
            if not packet.is_discard:
                previous = pts
            duration = round(_duration(packet) / time_base)
            packet.time_base = time_base
            packet.pts = packet.dts = pts
            packet.duration = duration
            packet.stream = self._target
            yield packet
        if dropped:
            # Where recordings were joined, the end of one's sound may lie over the next one's.
            logger.log(
                logging.WARNING if self._source.clock is None else logging.INFO,
                "%s: %d audio packets with times that run backwards were left out",
                self._source.name,
                dropped,
            )


class EncodedAudio:
    """The source's sound decoded and encoded as AAC; what cannot be decoded becomes silence."""

    def __init__(self, source: Sound, window: Window) -> None:
        self._source = source
        self._window = window
        codec = source.stream.codec_context
        known = codec.sample_rate in _AAC_RATES
        self._rate = codec.sample_rate if known else _AAC_DEFAULT_RATE
        # AC-3 and DTS put the surround channels at the sides, AAC behind.
        layout = codec.layout.name.removesuffix("(side)")
        usual = "mono" if codec.layout.nb_channels == 1 else "stereo"
        self._layout = layout if layout in _AAC_LAYOUTS else usual

    def add_to(self, output: OutputContainer) -> None:
        """See `AudioTrack`."""
        self._target = output.add_stream("aac", rate=self._rate)
        self._target.codec_context.layout = self._layout
        channels = self._target.codec_context.layout.nb_channels
        self._target.codec_context.bit_rate = channels * _AAC_BITS_PER_CHANNEL

    def packets(self) -> Iterator[av.Packet[Any]]:
        """See `AudioTrack`."""
        timeline = PcmTimeline(self._rate, self._layout, self._window.start, self._window.stop)
        for frame in self._decoded():
            for piece in timeline.add(frame):
                yield from self._target.encode(piece)
        for piece in timeline.finish():
            yield from self._target.encode(piece)
        yield from self._target.encode(None)

    def _decoded(self) -> Iterator[av.AudioFrame]:
        failed = 0
        for packet, _ in _packets_in(self._source, self._window):
            try:
                frames = self._source.stream.decode(packet if packet.size else None)
            except av.FFmpegError:
                failed += 1
                continue
            yield from frames
        if failed:
            logger.warning("%s: %d damaged audio packets are silent", self._source.name, failed)


def audio_track(
    container: InputContainer, window: Window, *, copy: bool = True, clock: SoundClock | None = None
) -> AudioTrack | None:
    """The first audio stream of a source, or None where it has none that can be read.

    Parameters
    ----------
    container : InputContainer
        The source, opened for this purpose only and kept open until all packets were written.
    window : Window
        What of the sound is wanted; its start becomes time 0.
    copy : bool
        Copy the packets where their codec is one of `COPIED_CODECS`, at a rate that MP4 takes.
    clock : SoundClock, optional
        Where the source's clock jumps: how its time goes on. The window is on that.
    """
    if not container.streams.audio:
        return None
    stream = container.streams.audio[0]
    if stream.codec_context is None or not stream.codec_context.sample_rate:
        logger.warning("%s: the audio cannot be read and is left out", container.name)
        return None
    copied = copy and _fits_mp4(stream)
    return (CopiedAudio if copied else EncodedAudio)(Sound(container, stream, clock), window)


def _fits_mp4(stream: AudioStream) -> bool:
    codec = stream.codec_context
    name = codec.codec.canonical_name
    return name in COPIED_CODECS and (name != "mp3" or codec.sample_rate >= MP3_RATE_MIN)


def _packets_in(source: Sound, window: Window) -> Iterator[tuple[av.Packet[AudioStream], Fraction]]:
    """Packets of the window and its pre-roll, each with its time in seconds."""
    expected = window.start
    for packet in source.packets():
        time = expected if packet.pts is None else packet.pts * packet.time_base
        expected = time + _duration(packet)
        # The last packet is empty: it makes a decoder give what it still holds.
        if packet.size and expected <= window.start - _PREROLL_S:
            continue
        if window.stop is not None and time >= window.stop:
            return
        yield packet, time


def _duration(packet: av.Packet[Any]) -> Fraction:
    return Fraction(packet.duration or 0) * packet.time_base


def open_source(path: Path | None) -> InputContainer | None:
    """The source opened for its sound, or None (and a warning) where that fails."""
    if path is None:
        return None
    try:
        return open_media(path)
    except MediaError as error:
        logger.warning("%s: the audio cannot be read and is left out: %s", path, error.message)
        return None
