"""A video of a plan on its way: which tasks come next, and how it ended."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from emotion_core.errors import EmotionError, MediaError, OutputError, UnexpectedError
from emotion_core.identities.looks import Looks
from emotion_core.stages import VideoStages
from emotion_core.tasks import Task, identify
from emotion_core.video_request import VideoRequest
from jobs.config import JobConfig
from jobs.failures import what_is_tried
from jobs.parts import digest, parts_folder
from jobs.plan import MediaFile, VideoWork
from jobs.report import FileOutcome
from jobs.shared import NotShared


@dataclass(frozen=True)
class RunContext:
    """What every file of a run shares: the configuration, and what timelines say made them."""

    config: JobConfig
    metadata: Mapping[str, Any]

    def parts_of(self, file: MediaFile) -> tuple[Mapping[str, Any], Path]:
        """A video's identity, and the folder of its intermediate results.

        One that cannot be looked at has an empty identity: reading it will say why.
        """
        config = self.config
        try:
            identity = identify(file.path)
        except MediaError:
            identity = {}
        made_from = {"input": identity, "segment_frames": config.run.segment_frames}
        return identity, parts_folder(config.output, file.source, {**self.metadata, **made_from})

    def tried(self, file: MediaFile) -> Mapping[str, Any] | None:
        """What decides whether a file fails again."""
        return what_is_tried(file.path, digest(self.metadata))


class Job(Protocol):
    """One unit of the plan on its way through the stages.

    Attributes
    ----------
    outcomes : list of FileOutcome
        Filled when the unit has ended, one for each of its files.
    frames : int
        Frames analysed so far.
    share : float
        How much of the work is done, 0-1.
    waits : bool
        Its timeline is written, and `go_on` is called once its people have their numbers.
    looks : mapping of str to Looks
        By source, what the faces of its files look like, where that is known.
    """

    outcomes: list[FileOutcome]

    @property
    def frames(self) -> int: ...
    @property
    def share(self) -> float: ...
    @property
    def waits(self) -> bool: ...
    @property
    def looks(self) -> Mapping[str, Looks]: ...
    def go_on(self) -> list[Task]: ...
    def begin(self) -> list[Task]: ...
    def advance(self, task: Task, value: Any) -> list[Task]: ...
    def fail(self, task: Task, error: EmotionError, attempts: int) -> list[Task]: ...


class VideoJob:
    """A video on its way through its stages."""

    def __init__(self, work: VideoWork, context: RunContext) -> None:
        config, file = context.config, work.file
        self._file = file
        self._tried = context.tried(file)
        self._begun = time.monotonic()
        identity, self._folder = context.parts_of(file)
        self._stages = VideoStages(
            VideoRequest(
                path=file.path,
                source=file.source,
                input=identity,
                timeline=work.timeline,
                annotated=work.annotated if config.run.video else None,
                parts=self._folder,
                analysis=config.analysis,
                render=config.render,
                metadata=context.metadata,
                segment_frames=config.run.segment_frames,
            )
        )
        self.outcomes: list[FileOutcome] = []

    @property
    def frames(self) -> int:
        return self._stages.frames

    @property
    def share(self) -> float:
        return 1.0 if self.outcomes else self._stages.share

    @property
    def waits(self) -> bool:
        return self._stages.waits and not self.outcomes

    @property
    def looks(self) -> Mapping[str, Looks]:
        looks = self._stages.looks
        return {} if looks is None else {self._file.source: looks}

    def begin(self) -> list[Task]:
        self._begun = time.monotonic()
        return self._stages.begin()

    def advance(self, task: Task, value: Any) -> list[Task]:
        try:
            following = self._stages.advance(task, value)
        except MediaError as error:
            return self.fail(task, error, 1)
        if self._stages.waits:
            # What people look like lies there, and what was drawn with other numbers.
            shutil.rmtree(self._folder, ignore_errors=True)
        self._end_if_done()
        return following

    def go_on(self) -> list[Task]:
        following = self._stages.go_on()
        self._end_if_done()
        return following

    def _end_if_done(self) -> None:
        if self._stages.ended:
            file, seconds = self._file, time.monotonic() - self._begun
            stages = self._stages
            self._end(
                FileOutcome(
                    file.path,
                    file.source,
                    seconds,
                    stages.summary,
                    looks=stages.looks,
                    clock_jumps=stages.clock_jumps,
                    videos=stages.videos,
                )
            )

    def fail(self, task: Task, error: EmotionError, attempts: int) -> list[Task]:
        following = self._stages.recover(task, error)
        if following is None:
            stage = type(task).__name__.removesuffix("Task").lower()
            seconds = time.monotonic() - self._begun
            self._end(failed(self._file, stage, error, self._tried, attempts, seconds))
        return following or []

    def _end(self, outcome: FileOutcome) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self.outcomes = [outcome]


def failed(
    file: MediaFile,
    stage: str,
    error: EmotionError,
    tried: Mapping[str, Any] | None,
    attempts: int = 1,
    seconds: float = 0.0,
) -> FileOutcome:
    """The outcome of a file that failed.

    The message names the path that it concerns where that is not the input's. That a result could
    not be written, or that a node does not see the file, says nothing about it.
    """
    return FileOutcome(
        path=file.path,
        source=file.source,
        seconds=seconds,
        stage=stage,
        error=error.message if error.path in (None, file.path) else str(error),
        attempts=attempts,
        trace=error.trace if isinstance(error, UnexpectedError) else "",
        tried=None if isinstance(error, OutputError | NotShared) else tried,
    )
