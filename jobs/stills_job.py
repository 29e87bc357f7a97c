"""A chunk of stills on its way: one task, unless people are numbered or workers die of a still."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from emotion_core.errors import EmotionError
from emotion_core.identities.looks import Looks
from emotion_core.stills_task import DrawStillsTask, StillOutcome, StillsTask, TryStillTask
from emotion_core.tasks import Task
from jobs.outcomes import WorkersDied
from jobs.plan import MediaFile, StillsWork
from jobs.report import FileOutcome
from jobs.schedule import RunContext, failed


class StillsJob:
    """A chunk of stills.

    Where people are told apart, it waits for their numbers before it is drawn, in another task.

    Where workers die of the chunk, nobody knows of which still. Each is then tried alone, and the
    chunk is done without those of which workers die.
    """

    def __init__(self, work: StillsWork, context: RunContext) -> None:
        self._work = work
        self._context = context
        self._begun = time.monotonic()
        self._tried = {file: context.tried(file) for file in work.files}
        self._ended: dict[MediaFile, FileOutcome] = {}
        self._on_trial: set[MediaFile] = set()
        self._had_trials = False
        self._is_numbered = context.config.analysis.identities is None
        self.waits = False
        self.frames = 0
        self.outcomes: list[FileOutcome] = []

    @property
    def share(self) -> float:
        return 1.0 if self.outcomes else 0.5 if self.waits or self._ended else 0.0

    @property
    def looks(self) -> Mapping[str, Looks]:
        return {
            file.source: outcome.looks
            for file, outcome in self._ended.items()
            if outcome.looks is not None
        }

    def begin(self) -> list[Task]:
        self._begun = time.monotonic()
        return [self._task()]

    def advance(self, task: Task, value: Any) -> list[Task]:
        if isinstance(task, TryStillTask):
            return self._after_trial(task)
        if isinstance(task, DrawStillsTask):
            for file, error in zip(self._analysed(), value, strict=True):
                if error is not None:
                    self._fail([file], error, 1)
            return self._following()
        outcomes: list[StillOutcome] = value
        seconds = (time.monotonic() - self._begun) / len(outcomes)
        for file, outcome in zip(self._left(), outcomes, strict=True):
            if outcome.error is None:
                self._ended[file] = FileOutcome(
                    file.path,
                    file.source,
                    seconds,
                    outcome.summary,
                    pictures=outcome.pictures,
                    looks=outcome.looks,
                )
            else:
                self._fail([file], outcome.error, 1, seconds)
        return self._following()

    def go_on(self) -> list[Task]:
        self.waits, self._is_numbered = False, True
        if not self._context.config.run.video:
            return self._following()
        files, copies = self._analysed(), self._copies()
        return [
            DrawStillsTask(
                paths=tuple(file.path for file in files),
                sources=tuple(file.source for file in files),
                annotated=tuple(copies[file] for file in files),
                timeline=self._work.timeline,
            )
        ]

    def fail(self, task: Task, error: EmotionError, attempts: int) -> list[Task]:
        died = isinstance(error, WorkersDied)
        if isinstance(task, TryStillTask):
            if died:
                self._fail(
                    [file for file in self._on_trial if file.path == task.path], error, attempts
                )
            return self._after_trial(task)
        if isinstance(task, DrawStillsTask):
            self._fail(self._analysed(), error, attempts)
            return self._following()
        left = self._left()
        if died and len(left) > 1 and not self._had_trials:
            self._had_trials, self._on_trial = True, set(left)
            return [TryStillTask(file.path) for file in left]
        self._fail(left, error, attempts)
        return self._following()

    def _left(self) -> list[MediaFile]:
        return [file for file in self._work.files if file not in self._ended]

    def _analysed(self) -> list[MediaFile]:
        return [file for file in self._work.files if self._ended[file].ok]

    def _copies(self) -> dict[MediaFile, Path]:
        return dict(zip(self._work.files, self._work.copies, strict=True))

    def _task(self) -> StillsTask:
        work, left, copies = self._work, self._left(), self._copies()
        return StillsTask(
            paths=tuple(file.path for file in left),
            sources=tuple(file.source for file in left),
            annotated=tuple(copies[file] for file in left)
            if self._context.config.run.video
            else None,
            timeline=work.timeline,
            metadata=self._context.metadata,
            drawn_later=not self._is_numbered,
        )

    def _after_trial(self, task: TryStillTask) -> list[Task]:
        self._on_trial = {file for file in self._on_trial if file.path != task.path}
        if self._on_trial:
            return []
        return [self._task()] if self._left() else self._following()

    def _fail(
        self,
        files: Iterable[MediaFile],
        error: EmotionError,
        attempts: int,
        seconds: float = 0.0,
    ) -> None:
        for file in files:
            self._ended[file] = failed(file, "still", error, self._tried[file], attempts, seconds)

    def _following(self) -> list[Task]:
        if not self._is_numbered and self._analysed():
            self.waits = True
            return []
        self.outcomes = [self._ended[file] for file in self._work.files]
        return []
