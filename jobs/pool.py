"""Where tasks run: in this process, or on Ray actors that keep their models loaded."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from emotion_core.errors import UsageError
from emotion_core.tasks import Task
from jobs.config import JobConfig
from jobs.installation import check_same
from jobs.ray_session import ray_session
from jobs.worker import Failed, Finished, Worker

log = logging.getLogger(__name__)

START_TIMEOUT_S: Final = 120


@dataclass(frozen=True)
class Died:
    """A task whose worker ended before it did."""

    reason: str


Outcome = Finished | Failed | Died


class Pool(Protocol):
    """Takes tasks, gives them back with their outcomes as they finish."""

    @property
    def size(self) -> int:
        """How many tasks run at a time."""

    @property
    def free(self) -> int:
        """How many more tasks can be submitted now."""

    def submit(self, key: int, task: Task) -> None:
        """Start a task; only while `free` is positive."""

    def wait(self) -> list[tuple[int, Outcome]]:
        """Outcomes of tasks that have finished, at least one; blocks until then."""


class SerialPool:
    """Runs each task in this process when it is waited for."""

    size = 1

    def __init__(self, config: JobConfig) -> None:
        self._worker = Worker(config)
        self._waiting: list[tuple[int, Task]] = []

    @property
    def free(self) -> int:
        return self.size - len(self._waiting)

    def submit(self, key: int, task: Task) -> None:
        self._waiting.append((key, task))

    def wait(self) -> list[tuple[int, Outcome]]:
        key, task = self._waiting.pop(0)
        return [(key, self._worker.run(task))]


class RayPool:
    """Ray actors, one task at a time each; one that dies is replaced.

    Parameters
    ----------
    config : JobConfig
    size : int
        Number of actors.

    Raises
    ------
    UsageError
        A worker runs other code than this process.
    """

    def __init__(self, config: JobConfig, size: int) -> None:
        import ray

        self._ray = ray
        self._config = ray.put(config)
        self._actor_class = ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self.size = size
        self._idle = [self._start() for _ in range(size)]
        self._running: dict[Any, tuple[int, Any]] = {}
        for actor in self._idle:
            try:
                description = ray.get(actor.describe.remote(), timeout=START_TIMEOUT_S)
            except ray.exceptions.GetTimeoutError as error:
                raise UsageError(
                    None, f"{size} workers find no free cores on the cluster: lower --workers"
                ) from error
            except ray.exceptions.RayError as error:
                reason = str(error).strip().splitlines()[-1]
                raise UsageError(
                    None, f"workers cannot start ({reason}): install the same version everywhere"
                ) from error
            check_same(*description[:2])
            log.debug("worker %d started", description[2])

    def _start(self) -> Any:
        return self._actor_class.remote(self._config)

    @property
    def free(self) -> int:
        return len(self._idle)

    def submit(self, key: int, task: Task) -> None:
        actor = self._idle.pop()
        self._running[actor.run.remote(task)] = key, actor

    def wait(self) -> list[tuple[int, Outcome]]:
        done, _ = self._ray.wait(list(self._running), num_returns=1)
        return [self._collect(reference) for reference in done]

    def _collect(self, reference: Any) -> tuple[int, Outcome]:
        key, actor = self._running.pop(reference)
        try:
            outcome: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            # A fault of the program: let it end the run with the worker's own traceback.
            raise error.as_instanceof_cause() from error
        except self._ray.exceptions.RayError as error:
            log.info("a worker died: %s", error)
            outcome, actor = Died(type(error).__name__), self._start()
        self._idle.append(actor)
        return key, outcome


@contextlib.contextmanager
def open_pool(config: JobConfig) -> Iterator[Pool]:
    """The pool that a configuration asks for; Ray is started and stopped around it.

    Raises
    ------
    UsageError
        Ray cannot be started or reached, or workers run other code.
    """
    workers = config.run.workers
    if workers == 0:
        yield SerialPool(config)
        return
    with ray_session(workers, config.run.ray_address) as size:
        yield RayPool(config, size)
