"""Where tasks run: in this process, or on Ray actors that keep their models loaded."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from emotion_core.errors import UsageError
from jobs.config import JobConfig
from jobs.installation import check_same
from jobs.tasks import Task
from jobs.worker import Failed, Finished, Worker

log = logging.getLogger(__name__)

RAY_ENVIRONMENT: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
LOCAL_RAY_ENVIRONMENT: Final = {
    "RAY_AUTH_MODE": "token",
    # On Linux this setting binds every service of a local Ray to the loopback address.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}
# Even with usage statistics off, a local Ray asks the cloud's metadata service where it runs. A
# proxy that nobody serves keeps the question on this machine; Ray's own traffic uses no proxy.
NO_WAY_OUT: Final = {
    "http_proxy": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "no_proxy": "",
    "NO_PROXY": "",
}
START_TIMEOUT_S: Final = 120
KNOCK_TIMEOUT_S: Final = 5


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
    os.environ.update(RAY_ENVIRONMENT)
    # Before Ray is imported, which reads its settings only once.
    if config.run.ray_address is None:
        os.environ.update(LOCAL_RAY_ENVIRONMENT)
    else:
        # `ray start` asks for tokens unless its user opted out, who says so here as well.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        _knock(config.run.ray_address)
    handler = signal.getsignal(signal.SIGTERM)
    with _neutral_folder():
        import ray

        cores = os.cpu_count() or 1
        try:
            if config.run.ray_address is None:
                with _environment(NO_WAY_OUT):
                    ray.init(
                        address="local",
                        num_cpus=max(workers or cores, 1),
                        include_dashboard=False,
                        log_to_driver=False,
                        logging_level=logging.ERROR,
                    )
            else:
                ray.init(
                    address=config.run.ray_address, log_to_driver=False, logging_level=logging.ERROR
                )
        except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:
            target = config.run.ray_address or "a local Ray"
            hint = "" if config.run.ray_address is None else "; is RAY_AUTH_MODE the cluster's?"
            raise UsageError(None, f"cannot start or reach {target}: {error}{hint}") from error
        if threading.current_thread() is threading.main_thread():
            # Ray puts one in its place that aborts the process.
            signal.signal(signal.SIGTERM, handler)
        try:
            yield RayPool(config, workers or int(ray.cluster_resources().get("CPU", cores)))
        finally:
            ray.shutdown()


def _knock(address: str) -> None:
    """See that something listens at ``HOST:PORT``; Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        try:
            socket.create_connection((host, int(port)), timeout=KNOCK_TIMEOUT_S).close()
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(
                None, f"nothing answers at --ray-address {address} ({reason}): check it"
            ) from error


@contextlib.contextmanager
def _neutral_folder() -> Iterator[None]:
    """An empty current folder: Ray puts it on its workers' import path."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="emotion-annotate-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@contextlib.contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Environment variables that hold within the block."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
