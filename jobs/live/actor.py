"""A live session in a process of its own, or in this one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

import cv2
import pyarrow as pa

from emotion_core.bundle import load_bundle
from emotion_core.errors import EmotionError, UsageError
from emotion_core.live.publish import News
from emotion_core.live.session import LiveRequest, LiveSession
from jobs.installation import check_same, fingerprint, location
from jobs.outcomes import Failed, Finished

CALLS_AT_ONCE = 4
"""Working, telling news, and being told to record or stop."""


class LiveActor:
    """Holds one session. What is wrong with a source comes back as `Failed`."""

    def __init__(self) -> None:
        # One source keeps to about a core, whatever the machine has.
        cv2.setNumThreads(1)
        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
        self._session: LiveSession | None = None

    def describe(self) -> tuple[str, str, int]:
        """Fingerprint and folder of the code that runs here, and the process id."""
        return fingerprint(), str(location()), os.getpid()

    def open(self, request: LiveRequest, model: Path) -> Finished | Failed:
        """Open the source and load the models: the `Format` of its frames."""
        try:
            self._session = LiveSession(request, load_bundle(model))
        except EmotionError as error:
            return Failed(error)
        return Finished(self._session.format)

    def run(self) -> Finished | Failed:
        """Work until the end: the totals of the session."""
        try:
            return Finished(self._opened().run())
        except EmotionError as error:
            return Failed(error)

    def news(self, after: int, picture: bool, timeout_s: float) -> News:
        """As `LiveSession.news`."""
        return self._opened().news(after, picture=picture, timeout_s=timeout_s)

    def record(self, wanted: bool) -> None:
        """Begin or end a recording."""
        self._opened().record(wanted=wanted)

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._opened().stop()

    def _opened(self) -> LiveSession:
        assert self._session is not None
        return self._session


class Handle(Protocol):
    """Calls a `LiveActor` wherever it is; from any thread."""

    def call(self, method: str, *arguments: Any) -> Any:
        """The result of a method.

        Raises
        ------
        ActorDied
            Its process has ended.
        """


class ActorDied(Exception):
    """The process of a session has ended before the session did."""


class LocalHandle:
    """An actor in this process."""

    def __init__(self) -> None:
        self._actor = LiveActor()

    def call(self, method: str, *arguments: Any) -> Any:
        return getattr(self._actor, method)(*arguments)


class RayHandle:
    """An actor of Ray; within a Ray session.

    Raises
    ------
    UsageError
        It runs other code than this process.
    """

    def __init__(self) -> None:
        import ray

        self._ray = ray
        actor_class = ray.remote(num_cpus=1, max_restarts=0, max_concurrency=CALLS_AT_ONCE)(
            LiveActor
        )
        self._actor = actor_class.remote()
        try:
            description = ray.get(self._actor.describe.remote())
        except ray.exceptions.RayError as error:
            reason = str(error).strip().splitlines()[-1]
            raise UsageError(
                None, f"a worker cannot start ({reason}): install the same version everywhere"
            ) from error
        check_same(*description[:2])

    def call(self, method: str, *arguments: Any) -> Any:
        try:
            return self._ray.get(getattr(self._actor, method).remote(*arguments))
        except self._ray.exceptions.RayTaskError as error:
            raise error.as_instanceof_cause() from error
        except self._ray.exceptions.RayError as error:
            raise ActorDied(type(error).__name__) from error
