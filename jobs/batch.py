"""The works of a run on their way through a pool of workers."""

from __future__ import annotations

import heapq
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from emotion_core.errors import DiskFull, EmotionError, OutputError, UnexpectedError
from emotion_core.identities.looks import Looks
from emotion_core.tasks import Task
from jobs.failures import FailureLog
from jobs.listener import Listener, Progress
from jobs.outcomes import Died, Failed, Finished, WorkersDied
from jobs.plan import MediaFile, VideoWork, Work
from jobs.pool import Pool
from jobs.report import FileOutcome, Report
from jobs.schedule import Job, RunContext, VideoJob, failed
from jobs.shared import check_results
from jobs.stills_job import StillsJob

log = logging.getLogger(__name__)

Number = Callable[[Sequence[Path], Mapping[str, Looks]], None]

ATTEMPTS_MAX: Final = 3


class Batch:
    """Keeps the pool busy: earlier files first, so that files end one after the other.

    Parameters
    ----------
    works : sequence of Work
    context : RunContext
    pool : Pool
    report : Report
        Holds what is known before; how each file ends is added.
    failures : FailureLog
    number : callable
        Gives people their numbers in the timelines of some works, from what they look like, by
        source. Works that wait for that go on once no other is left.
    storage : callable
        Raises an `OutputError` where nothing can be written any more.
    listener : callable
    """

    def __init__(
        self,
        works: Sequence[Work],
        context: RunContext,
        pool: Pool,
        report: Report,
        failures: FailureLog,
        number: Number,
        storage: Callable[[bool], None],
        listener: Listener,
    ) -> None:
        self._works = works
        self._waiting = list(enumerate(works))[::-1]
        self._weights = [sum(_size(file) for file in work.files) for work in works]
        self._weight = max(1, sum(self._weights))
        self._files_total = sum(len(work.files) for work in works) + report.known
        self._context = context
        self._pool = pool
        self._report = report
        self._failures = failures
        self._number = number
        self._storage = storage
        self._listener = listener
        self._open: dict[int, Job] = {}
        self._ready: list[tuple[int, int, Task]] = []
        self._running: dict[int, tuple[int, Task]] = {}
        self._deaths: dict[int, int] = {}
        self._written: dict[int, dict[Path, int]] = {}
        self._alone = False
        self._count = 0
        self._weight_done = 0
        # Counted along: there may be many thousands of outcomes, and each is told of.
        self._done, self._failed = len(report.finished_before), len(report.failed)
        self._frames = 0
        self._stopped = False
        self._begun = time.monotonic()

    def execute(self) -> bool:
        """Run all files to their end; False where `--fail-fast` ended the run before."""
        while not self._stopped:
            if not (self._waiting or self._ready or self._running):
                if not self._go_on():
                    break
                continue
            self._fill()
            for key, outcome in self._pool.wait():
                number, task = self._running.pop(key)
                self._alone = False
                self._take(number, task, key, outcome)
        return not self._stopped

    def _go_on(self) -> bool:
        """Number the people of works that wait for it, and let these go on; False: none waits."""
        waits = {number: job for number, job in self._open.items() if job.waits}
        if not waits:
            return False
        waiting = {number: job for number, job in waits.items() if self._has_timeline(number, job)}
        looks = {o.source: o.looks for o in self._report.done if o.looks is not None}
        for job in waiting.values():
            looks |= job.looks
        timelines = {number: self._works[number].timeline for number in waiting}
        known = [work.timeline for work in self._works if looks.keys() & _sources(work)]
        self._number(known, looks)
        for number, job in waiting.items():
            self._written[number][timelines[number]] = timelines[number].stat().st_size
            self._add(number, job.go_on())
            self._end(number, job)
        return True

    def _fill(self) -> None:
        while self._pool.free > 0 and not self._alone:
            if not self._ready:
                if not self._waiting:
                    return
                self._open_next()
            number, key, task = self._ready[0]
            if self._deaths.get(key, 0) == ATTEMPTS_MAX - 1:
                # The last attempt runs alone: who died of another's hunger for memory does not now.
                if self._running:
                    return
                self._alone = True
            heapq.heappop(self._ready)
            self._running[key] = number, task
            self._pool.submit(key, task)

    def _open_next(self) -> None:
        number, work = self._waiting.pop()
        kind = VideoJob if isinstance(work, VideoWork) else StillsJob
        job: Job = kind(work, self._context)  # type: ignore[arg-type]
        self._open[number] = job
        self._add(number, job.begin())

    def _add(self, number: int, tasks: list[Task]) -> None:
        for task in tasks:
            heapq.heappush(self._ready, (number, self._count, task))
            self._count += 1

    def _take(self, number: int, task: Task, key: int, outcome: Finished | Failed | Died) -> None:
        job, deaths = self._open.get(number), self._deaths.get(key, 0)
        doubtful = OutputError | UnexpectedError
        self._storage(isinstance(outcome, Failed) and isinstance(outcome.error, doubtful))
        if job is None:
            return
        match outcome:
            case Finished(value, written):
                self._written.setdefault(number, {}).update(written)
                self._add(number, job.advance(task, value))
            case Failed(error):
                if isinstance(error, DiskFull):
                    raise DiskFull(self._context.config.output, error.message)
                self._fail(number, job, task, error, deaths + 1)
            case Died(reason, started):
                self._deaths[key] = deaths = deaths + started
                if deaths < ATTEMPTS_MAX:
                    heapq.heappush(self._ready, (number, key, task))
                else:
                    error = WorkersDied(None, _of_deaths(deaths, reason))
                    self._fail(number, job, task, error, deaths)
        self._end(number, job)

    def _end(self, number: int, job: Job) -> None:
        if job.outcomes:
            self._confirm(number, job)
            self._close(number, job)
        else:
            self._tell(None)

    def _fail(self, number: int, job: Job, task: Task, error: EmotionError, attempts: int) -> None:
        following = job.fail(task, error, attempts)
        if job.outcomes or following:
            # The file has ended or begins anew: what was still to be done of it is not.
            self._ready = [entry for entry in self._ready if entry[0] != number]
            heapq.heapify(self._ready)
        self._add(number, following)

    def _confirm(self, number: int, job: Job) -> None:
        """Let no file count as done whose results do not lie where a user looks for them."""
        work, run = self._works[number], self._context.config.run
        copies = dict(zip(work.files, work.copies, strict=True)) if run.video else {}
        for position, (file, outcome) in enumerate(zip(work.files, job.outcomes, strict=True)):
            if not outcome.ok:
                continue
            results = [work.timeline, *([copies[file]] if run.video else [])]
            try:
                self._check(number, results)
            except OutputError as error:
                job.outcomes[position] = failed(file, "result", error, None)

    def _has_timeline(self, number: int, job: Job) -> bool:
        """Whether a work's timeline lies where it was written; if not, its files have failed."""
        work = self._works[number]
        try:
            self._check(number, [work.timeline])
        except OutputError as error:
            job.outcomes = [failed(file, "result", error, None) for file in work.files]
            self._close(number, job)
            return False
        return True

    def _check(self, number: int, results: Sequence[Path]) -> None:
        patient = self._context.config.run.ray_address is not None
        check_results(results, self._written.get(number, {}), patient=patient)

    def _close(self, number: int, job: Job) -> None:
        del self._open[number]
        self._written.pop(number, None)
        self._weight_done += self._weights[number]
        for outcome in job.outcomes:
            if outcome.trace:
                log.error("%s: %s", outcome.path, outcome.trace)
            self._report.outcomes.append(outcome)
            if not outcome.ok:
                self._failures.add(outcome)
                self._stopped |= self._context.config.run.fail_fast
            self._done += outcome.ok
            self._failed += not outcome.ok
            self._frames += outcome.summary.frames if outcome.summary else 0
            self._tell(outcome)

    def _tell(self, outcome: FileOutcome | None) -> None:
        partial = sum(job.share * self._weights[number] for number, job in self._open.items())
        self._listener(
            Progress(
                outcome=outcome,
                files_done=self._done,
                files_failed=self._failed,
                files_total=self._files_total,
                frames=self._frames + sum(job.frames for job in self._open.values()),
                share=(self._weight_done + partial) / self._weight,
                seconds=time.monotonic() - self._begun,
            )
        )


def _of_deaths(deaths: int, reason: str) -> str:
    return (
        f"a worker died {deaths} times on it ({reason}): memory ran out or a codec crashed or "
        "hung; try it alone with --retry-failed --workers 1"
    )


def _sources(work: Work) -> set[str]:
    return {file.source for file in work.files}


def _size(file: MediaFile) -> int:
    try:
        return file.path.stat().st_size + 1
    except OSError:
        return 1
