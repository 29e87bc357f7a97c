"""What holds for the rows of a timeline together: their order, and that no frame is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from emotion_core.results.block import Block
from emotion_core.results.made import Made

ALONE_MIN: Final = 10
ALONE_SHARE: Final = 1 / 3
"""From so many rows that are alone in their track, and such a share of all that have a face, faces
were not followed from frame to frame: times or pictures are not what they should be."""


class OrderCheck:
    """Looks at blocks of rows one after the other.

    Parameters
    ----------
    made : Made
    """

    def __init__(self, made: Made) -> None:
        self._made = made
        self._seen = np.zeros(made.frames, np.bool_)
        self._sources: set[str] = set()
        self._tracks: Counter[int] = Counter()
        self._last: pa.Table | None = None

    def update(self, rows: pa.Table) -> Iterator[tuple[int, str]]:
        """Rows of the next block at which something is wrong, and what."""
        if not len(rows):
            return
        carried = [] if self._last is None else [self._last]
        block = Block(pa.concat_tables([*carried, rows]))
        source = block.words("source")
        changed = np.flatnonzero(source[1:] != source[:-1]) + 1
        starts = changed if carried else np.append(0, changed)
        for row in starts:
            if source[row] in self._sources:
                yield int(row) - len(carried), "rows of a file do not follow each other"
            elif self._sources and self._made.stills is None:
                yield int(row) - len(carried), "source changes within a video"
            self._sources.add(source[row])
        for broken, message in self._pairs(block, source[1:] == source[:-1]):
            if broken.any():
                yield int(broken.argmax()) + 1 - len(carried), message
        frame = block.whole("frame")
        if self._made.stills is None:
            self._tracks.update(Block(rows).whole("track")[~Block(rows).null("track")].tolist())
        self._seen[frame[(frame >= 0) & (frame < self._made.frames)]] = True
        self._last = rows.slice(len(rows) - 1)

    def _pairs(
        self, block: Block, same_file: NDArray[np.bool_]
    ) -> Iterator[tuple[NDArray[np.bool_], str]]:
        """Which rows but the first do not fit the row before, and why."""
        frame = block.whole("frame")
        yield same_file & (frame[1:] < frame[:-1]), "rows are not in the order of their frames"
        same_frame = same_file & (frame[1:] == frame[:-1])
        faceless = block.null("box_x")
        yield (
            same_frame & (faceless[1:] | faceless[:-1]),
            "a frame has a row without a face beside another",
        )
        both = same_frame & ~faceless[1:] & ~faceless[:-1]
        if self._made.stills is None:
            track, status = block.whole("track"), block.words("status")
            yield both & (track[1:] <= track[:-1]), "tracks of a frame do not rise"
            yield both & (status[1:] != status[:-1]), "rows of a frame differ in status"
            pts = block.whole("pts")
            yield same_frame & (pts[1:] != pts[:-1]), "rows of a frame differ in pts"
            time_us = block.whole("time_us")
            yield (
                same_file & (frame[1:] > frame[:-1]) & (time_us[1:] < time_us[:-1]),
                "the clock steps back",
            )
        else:
            left = block.floats("box_x")
            yield both & (left[1:] < left[:-1]), "faces of a still are not ordered from the left"

    def finish(self) -> Iterator[str]:
        """What is wrong with the whole, once all blocks have been looked at."""
        stills = self._made.stills
        if stills is None:
            yield from self._missing_frames()
            alone = sum(rows == 1 for rows in self._tracks.values())
            rows = self._tracks.total()
            if alone >= ALONE_MIN and alone > ALONE_SHARE * rows:
                yield f"{alone} of {rows} rows with a face are alone in their track"
        elif len(self._sources) != stills:
            yield f"rows of {len(self._sources)} stills, but {stills} were analysed"

    def _missing_frames(self) -> Iterator[str]:
        made, frames = self._made, np.arange(self._made.frames)
        if made.stride is None:
            return
        seen = frames[self._seen]
        inside = np.ones(len(frames), np.bool_)
        # Where a range ends is a matter of times that rows which are missing would have told.
        if made.has_start:
            inside &= frames >= seen.min(initial=len(frames))
        if made.has_end:
            inside &= frames <= seen.max(initial=-1)
        expected = inside & (frames % made.stride == 0)
        for broken, message in (
            (expected & ~self._seen, "no row, though it was to be analysed"),
            (self._seen & ~expected, "rows, though it was not to be analysed"),
        ):
            if broken.any():
                yield f"frame {broken.argmax()} has {message} ({broken.sum()} such frames)"
