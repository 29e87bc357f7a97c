"""What follows what: the stages of a video as tasks, and what each result makes possible next.

Whoever runs the tasks — a scheduler over many workers, or one process that takes them in order —
asks this for the next ones, so that the order is written once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import EmotionError, MediaError, SegmentMismatch
from emotion_core.hider import hold_frames
from emotion_core.identities.looks import Looks
from emotion_core.media.index import OK, VideoIndex
from emotion_core.media.sampling import (
    chosen_frames,
    compared_around,
    frame_range,
    sampled_frames,
    searched_around,
    searched_frames,
)
from emotion_core.media.video import Segment, segment_of, split, with_lead
from emotion_core.options import AnalysisOptions, parse_baseline
from emotion_core.render.arrange import Arrangement
from emotion_core.tasks import (
    AnalyseTask,
    IndexTask,
    JoinTask,
    Models,
    RenderTask,
    Task,
    TimelineTask,
    Written,
)
from emotion_core.timeline.baseline import Rest
from emotion_core.timeline.summary import FileSummary
from emotion_core.video_request import VideoRequest


class VideoStages:
    """A video on its way: index, pass 1 in segments, timeline, pass 2 in segments, join.

    Tasks that are given out may run at the same time and end in any order.

    Attributes
    ----------
    frames : int
        Frames analysed so far.
    summary : FileSummary or None
        Counts, once the timeline is written.
    looks : Looks or None
        What its tracks look like, from then on.
    clock_jumps : int
        How often the clock of the file jumps, from then on.
    waits : bool
        Its timeline is written, and `go_on` is called once its people have their numbers.
    ended : bool
        All that was requested is there.
    """

    def __init__(self, request: VideoRequest) -> None:
        self._request = request
        self._index: VideoIndex | None = None
        self._segments: list[Segment] = []
        self._analysed: list[Segment] = []
        self._sampled: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._pending = 0
        self._frames_done = 0
        self._cuts: list[int] = []
        self.frames = 0
        self.summary: FileSummary | None = None
        self.looks: Looks | None = None
        self.clock_jumps = 0
        self._arrangements: Mapping[Hashable, Arrangement] = {}
        self.waits = False
        self.ended = False

    @property
    def videos(self) -> int:
        """How many video streams the file holds, of which one is read."""
        return 1 if self._index is None else self._index.info.videos

    @property
    def share(self) -> float:
        """How much of the work is done, 0-1."""
        if self.ended:
            return 1.0
        total = sum(len(segment) for segment in self._segments)
        passes = 1 if self._request.annotated is None else 2
        return self._frames_done / (total * passes + 1)

    def begin(self) -> list[Task]:
        """The first tasks."""
        return [IndexTask(self._request.path, in_order=False)]

    def advance(self, task: Task, value: Any) -> list[Task]:
        """The tasks that a task's result makes possible; none where others must end first.

        Raises
        ------
        MediaError
            The options leave no frame of this video.
        """
        if self._is_outdated(task):
            return []
        match task:
            case IndexTask():
                return self._indexed(value)
            case AnalyseTask():
                self.frames += value.frames
                self._cuts += value.cuts
                return self._segment_done(len(task.segment), self._timeline_task)
            case TimelineTask():
                self.summary, self.looks = value.summary, value.looks
                self.clock_jumps = value.clock_jumps
                self._arrangements = value.arrangements
                self.waits = self._request.analysis.identities is not None
                return [] if self.waits else self._draw()
            case RenderTask():
                return self._segment_done(value, self._join_task)
            case _:
                return self._end()

    def go_on(self) -> list[Task]:
        """The tasks that follow once people have their numbers in the timeline."""
        self.waits = False
        return self._draw()

    def recover(self, task: Task, error: EmotionError) -> list[Task] | None:
        """What to do after a task has failed; None where the video has failed with it.

        Where reading disagrees with the index, in the frames that a seek gives or in their size,
        the video is begun anew, read from its start to its end: all tasks given out before are
        void.
        """
        if self._is_outdated(task):
            return []
        if isinstance(error, SegmentMismatch) and isinstance(task, AnalyseTask | RenderTask):
            self._index = None
            return [IndexTask(self._request.path, in_order=True)]
        return None

    def _indexed(self, index: VideoIndex) -> list[Task]:
        path, options = self._request.path, self._request.analysis
        first, stop = frame_range(index, options)
        if first == stop:
            length = float((index.pts[-1] - index.info.pts0) * index.info.time_base)
            raise MediaError(
                path,
                f"has no frame in the range of --start and --end: its last is at {length:.2f} s",
            )
        self._index = index
        self._sampled = sampled_frames(index, options)
        if not self._sampled.any():
            raise MediaError(
                path,
                "has no frame of --sample-fps or --stride in its range: sample more often",
            )
        self._segments = split(index, first, stop, self._request.segment_frames)
        self._pending = len(self._segments)
        self._frames_done = 0
        self._cuts = []
        self.frames = 0
        return self._analyse_tasks(index)

    def _analyse_tasks(self, index: VideoIndex) -> list[Task]:
        # Beyond the range, too: what is found does not depend on where the range begins.
        chosen = chosen_frames(index, self._request.analysis)
        searched = searched_frames(index, self._request.analysis)
        numbers, compared = np.flatnonzero(searched), np.flatnonzero(chosen & (index.status == OK))
        last = self._segments[-1]
        stop = last.first + len(last)

        def needed(first: int, stop: int) -> tuple[int, int, int, int]:
            """What is searched for the frames first … stop - 1, and what is read for them."""
            low, high = searched_around(first, stop, self._sampled, numbers)
            start, end = compared_around(first, stop, self._sampled, compared, index)
            return low, high, min(low, start), max(high, end)

        begins = [self._segments[0].first]
        begins += [_begin_at_key(index, segment, needed) for segment in self._segments[1:]]
        ranges = list(zip(begins, [*begins[1:], stop], strict=True))
        self._analysed = [segment_of(index, *frames) for frames in ranges]
        tasks: list[Task] = []
        for segment, frames in zip(self._analysed, ranges, strict=True):
            low, high, start, end = needed(*frames)
            inner = np.zeros(end - start, np.bool_)
            inner[low - start : high - start] = searched[low:high]
            tasks.append(
                AnalyseTask(
                    segment=segment,
                    around=segment_of(index, start, end),
                    sampled=chosen[start:end],
                    searched=inner,
                    part=self._part(segment, "faces.npy"),
                )
            )
        return tasks

    def _part(self, segment: Segment, suffix: str) -> Path:
        order = "ordered" if segment.info.in_order else "seek"
        order = "fitted" if segment.info.fitted else order
        return self._request.parts / f"{order}-{segment.first:09}+{len(segment)}-{suffix}"

    def _is_outdated(self, task: Task) -> bool:
        """Whether a task is left over from before the file was begun anew."""
        if not isinstance(task, AnalyseTask | RenderTask):
            return False
        return self._index is None or task.segment.info != self._index.info

    def _segment_done(self, frames: int, following: Callable[[], Task]) -> list[Task]:
        self._pending -= 1
        self._frames_done += frames
        return [following()] if self._pending == 0 else []

    def _timeline_task(self) -> Task:
        assert self._index is not None
        return TimelineTask(
            source=self._request.source,
            input=self._request.input,
            annotated=self._request.annotated,
            index=self._index,
            sampled=self._sampled,
            parts=tuple(self._part(segment, "faces.npy") for segment in self._analysed),
            cuts=tuple(sorted(self._cuts)),
            timeline=self._request.timeline,
            metadata=self._request.metadata,
            rest=rest_of(self._request.analysis),
            with_people=self._request.analysis.identities is not None,
        )

    def _draw(self) -> list[Task]:
        return self._end() if self._request.annotated is None else self._render_tasks()

    def _render_tasks(self) -> list[Task]:
        assert self._index is not None
        self._pending = len(self._segments)
        options, timeline = self._request.render, self._request.timeline
        held = hold_frames(self._index.info.frame_rate) if options.blur_faces else 0
        tasks: list[Task] = []
        for segment in self._segments:
            longer, lead = with_lead(self._index, segment, held, self._segments[0].first)
            part = self._part(segment, "packets.arrow")
            tasks.append(
                RenderTask(longer, self._sampled, timeline, options, part, lead, self._arrangements)
            )
        return tasks

    def _join_task(self) -> Task:
        assert self._index is not None
        assert self._request.annotated is not None
        last = self._segments[-1]
        return JoinTask(
            parts=tuple(self._part(segment, "packets.arrow") for segment in self._segments),
            annotated=self._request.annotated,
            index=self._index,
            first=self._segments[0].first,
            stop=last.first + len(last),
        )

    def _end(self) -> list[Task]:
        self.ended = True
        return []


def _begin_at_key(
    index: VideoIndex, segment: Segment, needed: Callable[[int, int], tuple[int, int, int, int]]
) -> int:
    """Where the analysis of a segment begins so that it need not decode the group before its own.

    It is left to the segment before to analyse a few frames more, as long as that is less.
    """
    first, stop = segment.first, segment.first + len(segment)
    keys = np.flatnonzero(index.key[: needed(first, stop)[2] + 1])
    spared = first - (int(keys[-1]) if len(keys) else 0)
    if not index.key[first]:
        return first
    candidates = range(first, min(stop, first + spared))
    return next((begin for begin in candidates if needed(begin, stop)[2] >= first), first)


def rest_of(options: AnalysisOptions) -> Rest | None:
    """Which rows the baseline is made from; None: it is not asked for."""
    if options.baseline is None:
        return None
    seconds = parse_baseline(options.baseline)
    return Rest() if seconds is None else Rest(*(round(time * 1_000_000) for time in seconds))


def run_in_order(
    stages: VideoStages, models: Models, number: Callable[[Looks], None] = lambda _: None
) -> Written:
    """Run a video's tasks one after the other in this process.

    Parameters
    ----------
    stages : VideoStages
    models : Models
    number : callable
        Gives people their numbers in the timeline, from what they look like; called where these
        are asked for.

    Raises
    ------
    EmotionError
        The video has failed.
    """
    waiting = deque(stages.begin())
    while waiting:
        task = waiting.popleft()
        try:
            value = task.run(models)
        except EmotionError as error:
            following = stages.recover(task, error)
            if following is None:
                raise
            waiting = deque(following)
        else:
            waiting.extend(stages.advance(task, value))
        if stages.waits:
            assert stages.looks is not None
            number(stages.looks)
            waiting.extend(stages.go_on())
    assert stages.summary is not None
    assert stages.looks is not None
    return Written(stages.summary, stages.looks, clock_jumps=stages.clock_jumps)
