"""Where a player's clock begins: with the first of the streams that it plays."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from av.container import InputContainer

_US_PER_S = 1_000_000


def sound_starts(container: InputContainer) -> list[Fraction]:
    """When the sounds of a file begin, in seconds on the container's clock."""
    return [
        stream.start_time * stream.time_base
        for stream in container.streams.audio
        if stream.start_time is not None and stream.time_base is not None
    ]


def start_us(first_picture: Fraction, sounds: Iterable[Fraction]) -> int:
    """When the first picture is shown in µs since the start, as FFmpeg and browsers count.

    Parameters
    ----------
    first_picture : Fraction, s
        On the container's clock.
    sounds : iterable of Fraction, s
        When sounds begin. What lies before 0 primes the decoder and is not heard.
    """
    starts = [max(start, Fraction(0)) for start in sounds]
    return round((first_picture - min([first_picture, *starts])) * _US_PER_S)
