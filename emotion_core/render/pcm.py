"""Decoded sound laid out on a timeline without holes, as encoders want it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Shape (samples, channels)."""

_FORMAT: Final = "flt"
"""Interleaved: PyAV 18 crashes on reading planar frames of eight channels."""

_TOLERANCE_S: Final = Fraction(1, 20)
"""Times of containers jitter by a millisecond and more; only a larger gap is a gap."""


class PcmTimeline:
    """Converts frames to one rate and layout, fills gaps with silence and drops overlaps.

    Parameters
    ----------
    rate : int, Hz
    layout : str
        Channel layout, such as "stereo".
    start, stop : Fraction, s
        Window on the source's clock; sound outside it is cut off to the sample. Sound may begin
        later than `start`: nothing is put before it.
    """

    def __init__(self, rate: int, layout: str, start: Fraction, stop: Fraction | None) -> None:
        self._rate = rate
        self._layout = layout
        self._channels = av.AudioLayout(layout).nb_channels
        self._start = start
        self._end = None if stop is None else round((stop - start) * rate)
        self._position: int | None = None
        self._resampler: AudioResampler | None = None
        self._source_kind: tuple[str, str, int] | None = None

    def add(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
        """Lay out one decoded frame.

        Yields
        ------
        AudioFrame
            Interleaved float, following each other without a hole; PTS count samples from `start`.
        """
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._source_kind:
            yield from self.finish()
            self._resampler = AudioResampler(format=_FORMAT, layout=self._layout, rate=self._rate)
            self._source_kind = kind
        surplus = 0
        if frame.pts is not None and frame.time_base is not None:
            first = round((frame.pts * frame.time_base - self._start) * self._rate)
            if self._position is None:
                self._position = first
            gap = first - self._position
            if gap > _TOLERANCE_S * self._rate:
                yield from self._silence(gap)
            elif gap < -_TOLERANCE_S * self._rate:
                surplus = -gap
        yield from self._lay(self._converted(frame), surplus)

    def finish(self) -> Iterator[av.AudioFrame]:
        """What the conversion of the rate still holds."""
        if self._resampler is not None:
            yield from self._lay(self._converted(None))
            self._resampler = None

    def _converted(self, frame: av.AudioFrame | None) -> Samples:
        assert self._resampler is not None
        pieces = [piece.to_ndarray() for piece in self._resampler.resample(frame)]
        interleaved = np.concatenate([np.empty((1, 0), np.float32), *pieces], axis=1)
        return interleaved.astype(np.float32, copy=False).reshape(-1, self._channels)

    def _silence(self, count: int) -> Iterator[av.AudioFrame]:
        # A second at a time: a gap may be hours long.
        for done in range(0, count, self._rate):
            length = min(self._rate, count - done)
            yield from self._lay(np.zeros((length, self._channels), np.float32))

    def _lay(self, samples: Samples, surplus: int = 0) -> Iterator[av.AudioFrame]:
        """Put samples at the position, less `surplus` ones and those outside the window."""
        samples = samples[surplus:]
        position = self._position or 0
        self._position = position + len(samples)
        before = max(0, -position)
        after = self._position if self._end is None else min(self._position, self._end)
        samples = samples[before : max(before, after - position)]
        if samples.size:
            interleaved = np.ascontiguousarray(samples).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(interleaved, format=_FORMAT, layout=self._layout)
            frame.sample_rate = self._rate
            frame.time_base = Fraction(1, self._rate)
            frame.pts = position + before
            yield frame
