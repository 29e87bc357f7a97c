"""The course of a fit as event files, which TensorBoard shows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.summary.writer.record_writer import RecordWriter

from emotion_core.files import reported_for

EVENT_LOG: Final = "tensorboard"
"""Folder within that of a run."""

FITTED, HELD_BACK = "fitted", "held_back"


class EventLog:
    """The figures of all epochs, as two curves in each chart: of fitted and of held-back rows.

    The first `write` begins new files with all epochs finished until then and removes older
    ones, so a fit that was interrupted, wherever that was, has each epoch once.

    Parameters
    ----------
    run : Path
        Folder of the run.
    """

    def __init__(self, run: Path) -> None:
        self._folder = run / EVENT_LOG
        self._name = f"events.out.tfevents.{time.time_ns()}"
        self._written = 0

    @property
    def exists(self) -> bool:
        """Whether the run has a log, by this object or an earlier one."""
        return self._folder.exists()

    def write(self, history: Sequence[Mapping[str, Any]]) -> None:
        """Add the epochs that this object has not written yet.

        Parameters
        ----------
        history : sequence of mapping
            One row for each finished epoch, as `training.fitting.fit.fit` returns them.

        Raises
        ------
        OutputError
            If the run cannot be written.
        """
        for curve in (FITTED, HELD_BACK):
            folder = self._folder / curve
            with reported_for(folder):
                folder.mkdir(parents=True, exist_ok=True)
                with (folder / self._name).open("ab") as file:
                    for event in self._new_events(history, curve):
                        RecordWriter(file).write(event.SerializeToString())
                for file_of_before in set(folder.glob("events.*")) - {folder / self._name}:
                    file_of_before.unlink()
        self._written = len(history)

    def _new_events(self, history: Sequence[Mapping[str, Any]], curve: str) -> Iterator[Event]:
        now = time.time()
        if not self._written:
            yield Event(wall_time=now, file_version="brain.Event:2")
            # Takes what a running TensorBoard has read of older files off its charts.
            yield Event(wall_time=now, session_log=SessionLog(status=SessionLog.START))
        for done in range(self._written, len(history)):
            seconds_since = sum(row["seconds"] for row in history[done + 1 :])
            row = history[done]
            event = Event(wall_time=now - seconds_since, step=row["epoch"])
            for tag, value in _figures(row, curve):
                event.summary.value.add(tag=tag, simple_value=value)
            yield event


def _figures(row: Mapping[str, Any], curve: str) -> Iterator[tuple[str, float]]:
    """Figures with the same names for both curves, so that they share their charts."""
    prefix = f"{HELD_BACK}_"
    for name, value in row.items():
        if name.startswith(prefix):
            if curve == HELD_BACK:
                yield name.removeprefix(prefix), value
        elif name != "epoch" and curve == FITTED:
            yield name, value
