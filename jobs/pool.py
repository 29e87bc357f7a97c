"""Where tasks run: in this process, or on Ray actors that keep their models loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

from emotion_core.tasks import Task
from jobs.config import JobConfig
from jobs.outcomes import Outcome
from jobs.ray_session import ray_session
from jobs.worker import Worker


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
        """Outcomes of tasks that have finished; blocks until there are some, or `free` grows."""


class SerialPool:
    """Runs each task in this process when it is waited for."""

    size = 1

    def __init__(self, config: JobConfig) -> None:
        self._worker = Worker(config)
        self._worker.load()
        self._waiting: list[tuple[int, Task]] = []

    @property
    def free(self) -> int:
        return self.size - len(self._waiting)

    def submit(self, key: int, task: Task) -> None:
        self._waiting.append((key, task))

    def wait(self) -> list[tuple[int, Outcome]]:
        key, task = self._waiting.pop(0)
        return [(key, self._worker.run(task))]


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
        # Imports Ray, which reads its settings then.
        from jobs.ray_pool import RayPool

        pool = RayPool(config, size)
        with contextlib.closing(pool):
            yield pool
