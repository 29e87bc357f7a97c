"""The run: plan, fan-out, results as they finish, tables over the whole."""

from __future__ import annotations

import heapq
import json
import logging
import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emotion_core.bundle import load_bundle
from emotion_core.errors import EmotionError, MediaError, OutputError
from emotion_core.faces.detector import find_weights
from emotion_core.files import reported_for, written_aside
from emotion_core.layout import timelines_folder
from emotion_core.provenance import made_by, timeline_metadata
from emotion_core.tasks import Task
from emotion_core.timeline.run_tables import remove_run_tables, write_run_tables
from jobs.config import JobConfig
from jobs.plan import WORK_FOLDER, MediaFile, Plan, VideoWork, make_plan
from jobs.pool import Died, Pool, open_pool
from jobs.replaced import drop_replaced_rows
from jobs.report import FileOutcome, Report
from jobs.schedule import Job, RunContext, StillsJob, VideoJob
from jobs.worker import Failed, Finished

log = logging.getLogger(__name__)

ATTEMPTS_MAX: Final = 3
SHARE_TO_TELL: Final = 0.01


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    outcome : FileOutcome or None
        The file that has just ended.
    files_done, files_failed, files_total : int
    frames : int
        Frames analysed.
    share : float
        How much of the work is done by bytes of input, 0-1.
    seconds : float
        Since the run began.
    """

    outcome: FileOutcome | None
    files_done: int
    files_failed: int
    files_total: int
    frames: int
    share: float
    seconds: float

    @property
    def seconds_left(self) -> float | None:
        """Estimate; None before enough is done to tell."""
        if self.share < SHARE_TO_TELL:
            return None
        return self.seconds * (1 - self.share) / self.share


Listener = Callable[[Progress], None]


def annotate(config: JobConfig, listener: Listener = lambda _: None) -> Report:
    """Analyse all inputs, write timelines, annotated copies and the tables over the run.

    Parameters
    ----------
    config : JobConfig
    listener : callable
        Told of progress after every task.

    Returns
    -------
    report : Report
        Empty where the inputs hold no media.

    Raises
    ------
    UsageError
        An input is missing or Ray cannot be started.
    BundleError
        The model cannot be loaded.
    OutputError
        The output folder cannot be written.
    """
    config = config.absolute()
    bundle = load_bundle(config.model)
    find_weights()
    plan = make_plan(config.inputs, config.output)
    report = Report(outcomes=_unlisted(plan))
    for number, outcome in enumerate(report.outcomes, 1):
        total = len(plan.files) + len(report.outcomes)
        listener(Progress(outcome, 0, number, total, frames=0, share=0.0, seconds=0.0))
    if not plan.works:
        return report
    prepare_output(config.output)
    begun = time.monotonic()
    context = RunContext(config, timeline_metadata(bundle, config.analysis))
    try:
        with open_pool(config) as pool:
            _Run(plan, context, pool, report, listener).execute()
        report.complete = True
    finally:
        # After an interruption, too: no still has rows twice, and no table speaks of other rows
        # than there are.
        report.stills_gone = drop_replaced_rows(plan, report, config.output)
        report.seconds = time.monotonic() - begun
        shutil.rmtree(config.output / WORK_FOLDER, ignore_errors=True)
        _write_record(config, plan, report, made_by(bundle))
        if not report.complete:
            remove_run_tables(config.output)
    write_run_tables(config.output, sorted(timelines_folder(config.output).rglob("*.parquet")))
    return report


def prepare_output(folder: Path) -> None:
    """Make the output folder and see that it can be written.

    Raises
    ------
    OutputError
    """
    probe = folder / WORK_FOLDER
    try:
        probe.mkdir(parents=True, exist_ok=True)
        (probe / "writable").touch()
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            folder, f"cannot be written ({reason}): choose another --output"
        ) from error


def _unlisted(plan: Plan) -> list[FileOutcome]:
    return [
        FileOutcome(
            path, str(path), 0.0, None, "plan", "the folder cannot be listed: check permission"
        )
        for path in plan.unreadable
    ]


class _Run:
    """Keeps the pool busy: earlier files first, so that files end one after the other."""

    def __init__(
        self, plan: Plan, context: RunContext, pool: Pool, report: Report, listener: Listener
    ) -> None:
        self._waiting = list(enumerate(plan.works))[::-1]
        self._weights = [sum(_size(file) for file in work.files) for work in plan.works]
        self._weight = max(1, sum(self._weights))
        self._files_total = len(plan.files) + len(report.outcomes)
        self._context = context
        self._pool = pool
        self._report = report
        self._listener = listener
        self._open: dict[int, Job] = {}
        self._ready: list[tuple[int, int, Task]] = []
        self._running: dict[int, tuple[int, Task]] = {}
        self._attempts: dict[int, int] = {}
        self._count = 0
        self._weight_done = 0
        # Counted along: there may be many thousands of outcomes, and each is told of.
        self._done, self._failed, self._frames = 0, len(report.failed), 0
        self._begun = time.monotonic()

    def execute(self) -> None:
        """Run all files to their end."""
        while self._waiting or self._ready or self._running:
            self._fill()
            for key, outcome in self._pool.wait():
                number, task = self._running.pop(key)
                self._take(number, task, key, outcome)

    def _fill(self) -> None:
        while self._pool.free > 0:
            if not self._ready:
                if not self._waiting:
                    return
                number, work = self._waiting.pop()
                kind = VideoJob if isinstance(work, VideoWork) else StillsJob
                job: Job = kind(work, self._context)  # type: ignore[arg-type]
                self._open[number] = job
                self._add(number, job.begin())
            number, key, task = heapq.heappop(self._ready)
            self._running[key] = number, task
            self._attempts[key] = self._attempts.get(key, 0) + 1
            self._pool.submit(key, task)

    def _add(self, number: int, tasks: list[Task]) -> None:
        for task in tasks:
            heapq.heappush(self._ready, (number, self._count, task))
            self._count += 1

    def _take(self, number: int, task: Task, key: int, outcome: Finished | Failed | Died) -> None:
        job, attempts = self._open.get(number), self._attempts[key]
        if job is None:
            return
        match outcome:
            case Finished(value):
                self._add(number, job.advance(task, value))
            case Failed(error):
                self._fail(number, job, task, error, attempts)
            case Died(reason) if attempts < ATTEMPTS_MAX:
                heapq.heappush(self._ready, (number, key, task))
            case Died(reason):
                message = (
                    f"a worker died {attempts} times on it ({reason}): memory ran out or a codec "
                    "crashed; try it alone with --workers 1"
                )
                self._fail(number, job, task, MediaError(None, message), attempts)
        if job.outcomes:
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

    def _close(self, number: int, job: Job) -> None:
        del self._open[number]
        self._weight_done += self._weights[number]
        for outcome in job.outcomes:
            if outcome.trace:
                log.error("%s: %s", outcome.path, outcome.trace)
            self._report.outcomes.append(outcome)
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


def _size(file: MediaFile) -> int:
    try:
        return file.path.stat().st_size + 1
    except OSError:
        return 1


def _write_record(config: JobConfig, plan: Plan, report: Report, tools: dict[str, Any]) -> None:
    """What ran, and what failed."""
    lines = [json.dumps(outcome.failure(), ensure_ascii=False) for outcome in report.failed]
    _write_text(config.output / "failures.jsonl", "".join(f"{line}\n" for line in lines))
    run = {
        **tools,
        "complete": report.complete,
        "config": config.settings(),
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
        },
        "counts": report.counts() | {"files_ignored": len(plan.ignored)},
        "seconds": round(report.seconds, 3),
    }
    _write_text(config.output / "run.json", json.dumps(run, indent=2, ensure_ascii=False) + "\n")


def _write_text(path: Path, text: str) -> None:
    with written_aside(path) as partial, reported_for(path):
        # Names that are not UTF-8 stay readable as JSON escapes.
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")
