"""Ray actors that keep their models loaded, one task at a time each.

To be imported within a session of Ray: it reads its settings from the environment when it is
imported.
"""

from __future__ import annotations

import logging
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import ray

from emotion_core.errors import UsageError
from emotion_core.tasks import Task
from jobs.config import JobConfig
from jobs.installation import check_same
from jobs.limits import time_limit_s
from jobs.marked_process import kill_marked
from jobs.outcomes import Died, Failed, Outcome
from jobs.ray_head import Head
from jobs.shared import SharedOutput, input_sizes
from jobs.worker import Introduction, Worker

log = logging.getLogger(__name__)

START_TIMEOUT_S: Final = 300
FAILED_STARTS_MAX: Final = 5


@dataclass(frozen=True)
class _Actor:
    """A worker that takes tasks."""

    handle: Any
    introduction: Introduction

    def kill(self) -> None:
        """End its process, also one that is stopped or stuck in a library."""
        with suppress(ray.exceptions.RayError):
            ray.kill(self.handle)
        kill_marked(self.introduction.pid, self.introduction.mark)


@dataclass(frozen=True)
class _Running:
    """A task that a worker has.

    Attributes
    ----------
    ready : object reference
        There once the worker has come as far as the task.
    limit_s : float
    deadline : float
        On the monotonic clock.
    """

    key: int
    actor: _Actor
    ready: Any
    limit_s: float
    deadline: float


class RayPool:
    """Actors that are replaced when they die, or take too long.

    Parameters
    ----------
    config : JobConfig
    size : int
        Number of actors.

    Raises
    ------
    UsageError
        A worker cannot be started, or runs other code than this process.
    NotShared
        A node does not see the output, or a model.
    ClusterLost
        The head of a cluster does not answer any more.
    """

    def __init__(self, config: JobConfig, size: int) -> None:
        self._config = ray.put(config)
        self._apart = config.run.ray_address is not None
        self._head = Head(config.run.ray_address)
        self._shared = SharedOutput(config.output)
        self._patience = config.run.patience
        self._actor_class = ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self.size = size
        self._idle: list[_Actor] = []
        self._running: dict[Any, _Running] = {}
        self._starting: dict[Any, Any] = {}
        self._failed_starts = 0
        cores = int(ray.available_resources().get("CPU", 0)) if self._apart else size
        for _ in range(size):
            self._start()
        if cores < size:
            log.warning(
                "%d of %d workers start, as so many cores of the cluster are free; the others do "
                "when more are",
                cores,
                size,
            )
        while len(self._idle) < max(1, min(size, cores)):
            self._welcome_next()

    @property
    def free(self) -> int:
        return len(self._idle)

    def submit(self, key: int, task: Task) -> None:
        actor, limit_s = self._idle.pop(), time_limit_s(task) * self._patience
        ready = actor.handle.ready.remote()
        sizes = input_sizes(task) if self._apart else None
        result = actor.handle.run.remote(task, sizes)
        deadline = time.monotonic() + limit_s
        self._running[result] = _Running(key, actor, ready, limit_s, deadline)

    def wait(self) -> list[tuple[int, Outcome]]:
        if not self._running:
            self._welcome_next()
            return []
        nearest = min(running.deadline for running in self._running.values())
        references = [*self._running, *self._starting]
        done = self._wait_for(references, nearest)
        for reference in done:
            if reference in self._starting:
                self._welcome(reference)
        finished = [self._collect(reference) for reference in done if reference in self._running]
        return finished + self._end_overdue()

    def close(self) -> None:
        """End the workers that have a task."""
        if self._head.is_lost:
            return
        for running in self._running.values():
            running.actor.kill()
        self._shared.close()

    def _wait_for(self, references: list[Any], deadline: float) -> list[Any]:
        """What is there of some references, once something is, or the time is over."""
        while True:
            self._head.check()
            left = max(0.0, deadline - time.monotonic())
            timeout = min(left, self._head.asked_every_s)
            done, _ = ray.wait(references, num_returns=1, timeout=timeout)
            if done or left <= timeout:
                return list(done)

    def _start(self) -> None:
        handle = self._actor_class.remote(self._config)
        self._starting[handle.introduce.remote(self._shared.question)] = handle

    def _welcome_next(self) -> None:
        """Wait for a worker that is being started."""
        done = self._wait_for(list(self._starting), time.monotonic() + START_TIMEOUT_S)
        if not done:
            raise UsageError(
                None,
                f"no worker of {self.size} has started within {START_TIMEOUT_S} s: are so many "
                "cores free? Lower --workers",
            )
        self._welcome(done[0])

    def _welcome(self, reference: Any) -> None:
        handle = self._starting.pop(reference)
        try:
            introduced = ray.get(reference)
        except ray.exceptions.RayError as error:
            self._head.await_answer()
            self._failed_starts += 1
            if self._failed_starts >= FAILED_STARTS_MAX:
                reason = str(error).strip().splitlines()[-1]
                raise UsageError(
                    None, f"workers cannot start ({reason}): install the same version everywhere"
                ) from error
            self._start()
            return
        if isinstance(introduced, Failed):
            raise introduced.error
        introduction: Introduction = introduced
        check_same(introduction.code, introduction.folder)
        self._shared.check_answer(introduction.answer, introduction.host)
        log.debug("worker %d started on %s", introduction.pid, introduction.host)
        self._failed_starts = 0
        self._idle.append(_Actor(handle, introduction))

    def _collect(self, reference: Any) -> tuple[int, Outcome]:
        running = self._running.pop(reference)
        try:
            outcome: Outcome = ray.get(reference)
        except ray.exceptions.RayTaskError as error:
            # A fault of the program: let it end the run with the worker's own traceback.
            raise error.as_instanceof_cause() from error
        except ray.exceptions.RayError as error:
            log.info("a worker died: %s", error)
            self._head.await_answer()
            self._start()
            return running.key, Died(type(error).__name__, started=_is_there(running.ready))
        self._idle.append(running.actor)
        return running.key, outcome

    def _end_overdue(self) -> list[tuple[int, Outcome]]:
        now = time.monotonic()
        ended: list[tuple[int, Outcome]] = []
        for reference, running in list(self._running.items()):
            if running.deadline <= now:
                del self._running[reference]
                running.actor.kill()
                self._start()
                reason = f"no result after {math.ceil(running.limit_s)} s"
                ended.append((running.key, Died(reason, started=True)))
        return ended


def _is_there(reference: Any) -> bool:
    """Whether a call has given its result."""
    done, _ = ray.wait([reference], timeout=0)
    try:
        return bool(done) and ray.get(reference) is None
    except ray.exceptions.RayError:
        return False
