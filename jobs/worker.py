"""One worker: models loaded once, tasks run one after the other."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import Any

import cv2
import pyarrow as pa

from emotion_core.bundle import load_bundle
from emotion_core.errors import EmotionError, UnexpectedError
from emotion_core.tasks import Models, Task
from jobs.config import JobConfig
from jobs.installation import fingerprint, location


@dataclass(frozen=True)
class Finished:
    """A task's result."""

    value: Any


@dataclass(frozen=True)
class Failed:
    """A task that met a fault of its file."""

    error: EmotionError


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
        self._models = Models.load(load_bundle(config.model), config.analysis, config.render)

    def describe(self) -> tuple[str, str, int]:
        """Fingerprint and folder of the code that runs here, and the process id."""
        return fingerprint(), str(location()), os.getpid()

    def run(self, task: Task) -> Finished | Failed:
        """Do a task; whatever goes wrong with it concerns its file alone."""
        try:
            return Finished(task.run(self._models))
        except EmotionError as error:
            return Failed(error)
        except Exception as error:
            return Failed(UnexpectedError.of(None, error))
        finally:
            give_back_memory()


def give_back_memory() -> None:
    """Return what was freed to the system, where the C library can (glibc).

    Otherwise pictures and packets of finished tasks leave holes between what is kept, and a worker
    grows for hours.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
