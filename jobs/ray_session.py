"""A session of Ray: started or joined, kept to this machine, and left again."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Final

from emotion_core.errors import UsageError
from jobs.ray_head import ClusterLost
from jobs.ray_start import quick_start

RAY_ENVIRONMENT: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
LOCAL_RAY_ENVIRONMENT: Final = {
    "RAY_AUTH_MODE": "token",
    # On Linux this setting binds every service of a local Ray to the loopback address.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    # A daemon that asks another one too early would ask again a second later, ten times at most.
    "RAY_raylet_client_connect_timeout_milliseconds": "50",
    "RAY_raylet_client_num_connect_attempts": "200",
}
# Even with usage statistics off, a local Ray asks the cloud's metadata service where it runs. A
# proxy that nobody serves keeps the question on this machine; Ray's own traffic uses no proxy.
NO_WAY_OUT: Final = {
    "http_proxy": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "no_proxy": "",
    "NO_PROXY": "",
}
KNOCK_TIMEOUT_S: Final = 5


@contextlib.contextmanager
def ray_session(workers: int | None, address: str | None) -> Iterator[int]:
    """Ray while the block runs; gives the number of workers to start.

    Parameters
    ----------
    workers : int or None
        None: one a core.
    address : str or None
        Of a cluster to join; None starts Ray on this machine alone.

    Raises
    ------
    UsageError
        Ray cannot be started or reached.
    """
    os.environ.update(RAY_ENVIRONMENT)
    # Before Ray is imported, which reads its settings only once.
    if address is None:
        os.environ.update(LOCAL_RAY_ENVIRONMENT)
    else:
        # `ray start` asks for tokens unless its user opted out, who says so here as well.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        _knock(address)
    with _neutral_folder():
        import ray

        cores = os.cpu_count() or 1
        try:
            # Ray crashes at its end if it was interrupted while it connected, and ends this process
            # if it was while it let go. It also puts a handler for SIGTERM in place that aborts.
            with held_signals():
                _begin(address, max(workers or cores, 1))
            yield workers or int(ray.cluster_resources().get("CPU", cores))
        except ClusterLost:
            # Ray would wait for it, and then end this process.
            raise
        except BaseException:
            _leave()
            raise
        else:
            _leave()


def _leave() -> None:
    import ray

    with held_signals():
        ray.shutdown()


def _begin(address: str | None, cpus: int) -> None:
    import ray

    try:
        if address is None:
            with _environment(NO_WAY_OUT), _apart(), quick_start():
                ray.init(
                    address="local",
                    num_cpus=cpus,
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                )
        else:
            with _without_guesses():
                ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:
        target = address or "a local Ray"
        hint = "" if address is None else "; is RAY_AUTH_MODE the cluster's?"
        raise UsageError(None, f"cannot start or reach {target}: {error}{hint}") from error


@contextlib.contextmanager
def held_signals() -> Iterator[None]:
    """Ctrl+C and SIGTERM arrive at the end of the block, with their handlers of before it.

    A second one arrives at once: the block may take long.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def hold(number: int, _frame: FrameType | None) -> None:
        held.append(number)
        if len(held) > 1:
            restore()
            signal.raise_signal(number)

    before = {number: signal.signal(number, hold) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        restore()
        if len(held) == 1:
            signal.raise_signal(held[0])


@contextlib.contextmanager
def _without_guesses() -> Iterator[None]:
    """Lines that Ray writes on how it finds this machine's address are not shown.

    It asks the network for a way to 8.8.8.8, and complains where there is none, as on most
    clusters; it then goes on with another address, and fails with an error where that is wrong.
    """
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        before = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(before, 2)
            os.close(before)
            held.seek(0)
            for line in held:
                if b"determine local IP" not in line and b"detect local IP" not in line:
                    os.write(2, line)


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


class _Apart(threading.local):
    """Whether processes that this thread starts get a group of their own."""

    wanted = False


_APART: Final = _Apart()


def _leave_group() -> None:
    if _APART.wanted:
        os.setpgrp()


# Holds for subprocesses, too, where they are started with a `preexec_fn`, as Ray does.
os.register_at_fork(after_in_child=_leave_group)


@contextlib.contextmanager
def _apart() -> Iterator[None]:
    """Processes that are started in the block get no signals that are meant for this one's group.

    Ray ends the driver with exit code 1 if its daemons end before it does, as they would when
    `timeout` or a shell sends SIGTERM to all. They end with the driver in any case.
    """
    _APART.wanted = True
    try:
        yield
    finally:
        _APART.wanted = False


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
