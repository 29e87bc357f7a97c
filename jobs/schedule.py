"""What follows what: the stages of one file as tasks, and what each result makes possible next."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import EmotionError, MediaError, SegmentMismatch, UnexpectedError
from emotion_core.hider import hold_frames
from emotion_core.media.index import VideoIndex
from emotion_core.media.sampling import frame_range, sampled_frames
from emotion_core.media.video import Segment, split, with_lead
from emotion_core.timeline.summary import FileSummary
from jobs.config import JobConfig
from jobs.plan import WORK_FOLDER, MediaFile, StillsWork, VideoWork
from jobs.report import FileOutcome
from jobs.tasks import (
    AnalyseTask,
    IndexTask,
    JoinTask,
    RenderTask,
    StillOutcome,
    StillsTask,
    Task,
    TimelineTask,
)


@dataclass(frozen=True)
class RunContext:
    """What every file of a run shares: the configuration, and what timelines say made them."""

    config: JobConfig
    metadata: Mapping[str, Any]


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
    """

    outcomes: list[FileOutcome]
    frames: int

    @property
    def share(self) -> float: ...
    def begin(self) -> list[Task]: ...
    def advance(self, task: Task, value: Any) -> list[Task]: ...
    def fail(self, task: Task, error: EmotionError, attempts: int) -> list[Task]: ...


class StillsJob:
    """A chunk of stills: one task."""

    def __init__(self, work: StillsWork, context: RunContext) -> None:
        self._work = work
        self._context = context
        self._begun = time.monotonic()
        self.frames = 0
        self.outcomes: list[FileOutcome] = []

    @property
    def share(self) -> float:
        return 1.0 if self.outcomes else 0.0

    def begin(self) -> list[Task]:
        config = self._context.config
        self._begun = time.monotonic()
        return [
            StillsTask(
                paths=tuple(file.path for file in self._work.files),
                sources=tuple(file.source for file in self._work.files),
                annotated=self._work.annotated if config.run.video else None,
                timeline=self._work.timeline,
                metadata=self._context.metadata,
            )
        ]

    def advance(self, task: Task, value: list[StillOutcome]) -> list[Task]:
        seconds = (time.monotonic() - self._begun) / len(value)
        self.outcomes = [
            FileOutcome(file.path, file.source, seconds, outcome.summary, pictures=outcome.pictures)
            if outcome.error is None
            else failed(file, "still", outcome.error, seconds=seconds)
            for file, outcome in zip(self._work.files, value, strict=True)
        ]
        return []

    def fail(self, task: Task, error: EmotionError, attempts: int) -> list[Task]:
        self.outcomes = [failed(file, "still", error, attempts) for file in self._work.files]
        return []


class VideoJob:
    """A video: index, pass 1 in segments, timeline, pass 2 in segments, join."""

    def __init__(self, work: VideoWork, context: RunContext) -> None:
        self._work = work
        self._context = context
        self._begun = time.monotonic()
        key = hashlib.sha256(work.file.source.encode(errors="surrogateescape")).hexdigest()[:20]
        self._folder = context.config.output / WORK_FOLDER / key
        self._index: VideoIndex | None = None
        self._segments: list[Segment] = []
        self._sampled: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._pending = 0
        self._frames_done = 0
        self.frames = 0
        self._summary: FileSummary | None = None
        self.outcomes: list[FileOutcome] = []

    @property
    def share(self) -> float:
        if self.outcomes:
            return 1.0
        total = sum(len(segment) for segment in self._segments)
        passes = 2 if self._context.config.run.video else 1
        return self._frames_done / (total * passes + 1)

    def begin(self) -> list[Task]:
        self._begun = time.monotonic()
        return [IndexTask(self._work.file.path, in_order=False)]

    def advance(self, task: Task, value: Any) -> list[Task]:
        if self._is_outdated(task):
            return []
        match task:
            case IndexTask():
                return self._indexed(value)
            case AnalyseTask():
                self.frames += value
                return self._segment_done(len(task.segment), self._timeline_task)
            case TimelineTask():
                self._summary = value
                return self._render_tasks() if self._context.config.run.video else self._end()
            case RenderTask():
                return self._segment_done(value, self._join_task)
            case _:
                return self._end()

    def fail(self, task: Task, error: EmotionError, attempts: int) -> list[Task]:
        if self._is_outdated(task):
            return []
        if isinstance(error, SegmentMismatch) and isinstance(task, AnalyseTask):
            # Begin anew, reading the file from its start to its end.
            self._index = None
            return [IndexTask(self._work.file.path, in_order=True)]
        stage = type(task).__name__.removesuffix("Task").lower()
        seconds = time.monotonic() - self._begun
        return self._end(failed(self._work.file, stage, error, attempts, seconds))

    def _indexed(self, index: VideoIndex) -> list[Task]:
        config = self._context.config
        first, stop = frame_range(index, config.analysis)
        if first == stop:
            length = float((index.pts[-1] - index.info.pts0) * index.info.time_base)
            error = MediaError(
                self._work.file.path,
                f"has no frame in the range of --start and --end: its last is at {length:.2f} s",
            )
            return self.fail(IndexTask(self._work.file.path, False), error, 1)
        self._index = index
        self._sampled = sampled_frames(index, config.analysis)
        if not self._sampled.any():
            error = MediaError(
                self._work.file.path,
                "has no frame of --sample-fps or --stride in its range: sample more often",
            )
            return self.fail(IndexTask(self._work.file.path, False), error, 1)
        self._segments = split(index, first, stop, config.run.segment_frames)
        self._pending = len(self._segments)
        self._frames_done = 0
        self.frames = 0
        return [
            AnalyseTask(segment, self._selected(segment), self._part(segment, "faces.npy"))
            for segment in self._segments
        ]

    def _selected(self, segment: Segment) -> NDArray[np.bool_]:
        return self._sampled[segment.first : segment.first + len(segment)]

    def _part(self, segment: Segment, suffix: str) -> Path:
        order = "ordered" if segment.info.in_order else "seek"
        return self._folder / f"{order}-{segment.first:09}-{suffix}"

    def _is_outdated(self, task: Task) -> bool:
        """Whether a task is left over from before the file was begun anew."""
        if not isinstance(task, AnalyseTask):
            return False
        return self._index is None or task.segment.info != self._index.info

    def _segment_done(self, frames: int, following: Callable[[], Task]) -> list[Task]:
        self._pending -= 1
        self._frames_done += frames
        return [following()] if self._pending == 0 else []

    def _timeline_task(self) -> Task:
        assert self._index is not None
        file = self._work.file
        return TimelineTask(
            source=file.source,
            index=self._index,
            sampled=self._sampled,
            parts=tuple(self._part(segment, "faces.npy") for segment in self._segments),
            timeline=self._work.timeline,
            metadata=self._context.metadata,
        )

    def _render_tasks(self) -> list[Task]:
        assert self._index is not None
        self._pending = len(self._segments)
        options = self._context.config.render
        held = hold_frames(self._index.info.frame_rate) if options.blur_faces else 0
        tasks: list[Task] = []
        for segment in self._segments:
            longer, lead = with_lead(self._index, segment, held, self._segments[0].first)
            part = self._part(segment, "packets.arrow")
            tasks.append(
                RenderTask(longer, self._sampled, self._work.timeline, options, part, lead)
            )
        return tasks

    def _join_task(self) -> Task:
        assert self._index is not None
        last = self._segments[-1]
        return JoinTask(
            parts=tuple(self._part(segment, "packets.arrow") for segment in self._segments),
            annotated=self._work.annotated,
            index=self._index,
            first=self._segments[0].first,
            stop=last.first + len(last),
        )

    def _end(self, failure: FileOutcome | None = None) -> list[Task]:
        shutil.rmtree(self._folder, ignore_errors=True)
        file, seconds = self._work.file, time.monotonic() - self._begun
        self.outcomes = [failure or FileOutcome(file.path, file.source, seconds, self._summary)]
        return []


def failed(
    file: MediaFile, stage: str, error: EmotionError, attempts: int = 1, seconds: float = 0.0
) -> FileOutcome:
    """The outcome of a file that failed.

    The message names the path that it concerns where that is not the input's.
    """
    return FileOutcome(
        path=file.path,
        source=file.source,
        seconds=seconds,
        stage=stage,
        error=error.message if error.path in (None, file.path) else str(error),
        attempts=attempts,
        trace=error.trace if isinstance(error, UnexpectedError) else "",
    )
