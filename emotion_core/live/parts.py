"""A timeline that grows: parts that are each complete within seconds, one file in the end."""

from __future__ import annotations

import fcntl
import queue
import shutil
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from emotion_core.errors import MediaError
from emotion_core.files import reported_for
from emotion_core.live.analyser import Seen
from emotion_core.live.rows import rows_of
from emotion_core.timeline.store import PARTS_SUFFIX, new_timeline, read_blocks, read_metadata

PART_US: Final = 2_000_000
"""Stream time of a part: no more than this and the writing of one is lost when the process is
killed."""

_LOCK: Final = "lock"


def parts_folder(timeline: Path) -> Path:
    """Where the parts of a timeline lie until it is whole."""
    return timeline.with_name(timeline.name.removesuffix(".parquet") + PARTS_SUFFIX)


class PartWriter:
    """Writes parts in a thread of its own, so that the analysis never waits for the disk.

    Parameters
    ----------
    timeline : Path
        Which the parts will become.
    source : str
    metadata : mapping
        Of the first part; each has `frames`, how many there are so far.

    Raises
    ------
    OutputError
        The folder of the parts cannot be made.
    """

    def __init__(self, timeline: Path, source: str, metadata: Mapping[str, Any]) -> None:
        self._folder = parts_folder(timeline)
        self._source = source
        self._metadata = metadata
        self._held: list[Seen] = []
        self._count = 0
        self._queue: queue.SimpleQueue[list[Seen]] = queue.SimpleQueue()
        self._error: BaseException | None = None
        with reported_for(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            # Freed when this process ends, however that happens.
            self._lock = (self._folder / _LOCK).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._thread = threading.Thread(target=self._run, name="parts", daemon=True)
        self._thread.start()

    def add(self, seen: Seen) -> None:
        """Keep what was seen of the next frame.

        Raises
        ------
        OutputError
            An earlier part could not be written.
        """
        if self._error is not None:
            raise self._error
        if self._held and seen.time_us - self._held[0].time_us >= PART_US:
            self._queue.put(self._held)
            self._held = []
        self._held.append(seen)

    def close(self) -> None:
        """Write what is held and wait until all is written.

        Raises
        ------
        OutputError
        """
        if self._held:
            self._queue.put(self._held)
        self._queue.put([])
        self._thread.join()
        self._lock.close()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while seen := self._queue.get():
                self._write(seen)
        except BaseException as error:
            self._error = error

    def _write(self, seen: list[Seen]) -> None:
        # What does not change is written once, since there are thousands of parts.
        shared = {} if self._count else self._metadata
        metadata = {**shared, "frames": seen[-1].number + 1}
        path = self._folder / f"{self._count:06d}.parquet"
        with new_timeline(path, metadata) as append:
            append(rows_of(self._source, seen))
        self._count += 1


def merge_parts(timeline: Path, more: Mapping[str, Any]) -> bool:
    """Make the timeline of its parts, and remove these; False where there are none.

    Parameters
    ----------
    timeline : Path
    more : mapping
        Metadata of the whole beside those of its parts.

    Raises
    ------
    OutputError
    """
    folder = parts_folder(timeline)
    found = any(folder.glob("*.parquet"))
    if found:
        with new_timeline(timeline, {**read_metadata(folder), **more}) as append:
            for rows in read_blocks(folder):
                append(rows)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def merge_left_parts(folder: Path) -> list[Path]:
    """Make whole what killed sessions have left below a folder; the timelines that came of it.

    Parts of a session that still runs are left alone.

    Raises
    ------
    OutputError
    """
    made = []
    for parts in sorted(lock.parent for lock in folder.rglob(f"*{PARTS_SUFFIX}/{_LOCK}")):
        timeline = parts.with_name(parts.name.removesuffix(PARTS_SUFFIX) + ".parquet")
        with suppress(MediaError, OSError), (parts / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if timeline.exists():
                # It was complete, and only its parts were not removed.
                shutil.rmtree(parts, ignore_errors=True)
            elif merge_parts(timeline, {}):
                made.append(timeline)
    return made
