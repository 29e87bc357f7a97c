"""One worker: models loaded once, tasks run one after the other."""

from __future__ import annotations

import ctypes
import os
import socket
import time
from dataclasses import dataclass
from typing import Final

import cv2
import pyarrow as pa

from emotion_core.bundle import load_bundle
from emotion_core.errors import EmotionError, UnexpectedError
from emotion_core.tasks import Models, Task
from jobs.config import JobConfig
from jobs.installation import fingerprint, location
from jobs.lock import mark_worker
from jobs.outcomes import Failed, Finished
from jobs.own_process import do_without_unused

GIVE_BACK_S: Final = 10
"""How often freed memory goes back to the system: to ask for it again costs as long as drawing."""


@dataclass(frozen=True)
class Introduction:
    """What a worker says of itself.

    Attributes
    ----------
    code, folder : str
        Fingerprint of the code that runs there, and where it lies.
    host : str
    pid : int
    """

    code: str
    folder: str
    host: str
    pid: int


class Worker:
    """Runs tasks with resident models.

    Parameters
    ----------
    config : JobConfig

    Raises
    ------
    BundleError
        The models cannot be loaded.
    """

    def __init__(self, config: JobConfig) -> None:
        # Workers are the parallelism: each keeps to one core.
        cv2.setNumThreads(1)
        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
        self._output = config.output
        self._models = Models.load(load_bundle(config.model), config.analysis, config.render)
        self._gave_back_s = time.monotonic()

    def introduce(self) -> Introduction:
        """Who this is, which has its process to itself.

        From now on, later runs into the same output wait for the process's end.

        Raises
        ------
        OutputError
            The output folder cannot be written from here.
        """
        mark_worker(self._output)
        do_without_unused()
        return Introduction(fingerprint(), str(location()), socket.gethostname(), os.getpid())

    def ready(self) -> None:
        """Tells by its result that this worker has come as far as to take a task."""

    def run(self, task: Task) -> Finished | Failed:
        """Do a task; whatever goes wrong with it concerns its file alone."""
        try:
            return Finished(task.run(self._models))
        except EmotionError as error:
            return Failed(error)
        except Exception as error:
            return Failed(UnexpectedError.of(None, error))
        finally:
            if time.monotonic() - self._gave_back_s >= GIVE_BACK_S:
                give_back_memory()
                self._gave_back_s = time.monotonic()


def give_back_memory() -> None:
    """Return what was freed to the system, where the C library can (glibc).

    Otherwise pictures and packets of finished tasks leave holes between what is kept, and a worker
    grows for hours.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
