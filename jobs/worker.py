"""One worker: models loaded once, tasks run one after the other."""

from __future__ import annotations

import ctypes
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import pyarrow as pa

from emotion_core.bundle import load_bundle
from emotion_core.errors import BundleError, EmotionError, UnexpectedError
from emotion_core.tasks import Models, Task
from jobs.config import JobConfig
from jobs.installation import fingerprint, location
from jobs.lock import mark_worker
from jobs.marked_process import mark_process
from jobs.outcomes import Failed, Finished
from jobs.own_process import do_without_unused
from jobs.shared import NotShared, answer, run_where_seen, written_sizes

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
    mark : str
        By which its process is told from others, see `kill_marked`.
    answer : str
        The file that it wrote into the output.
    """

    code: str
    folder: str
    host: str
    pid: int
    mark: str
    answer: str


class Worker:
    """Runs tasks with resident models.

    Parameters
    ----------
    config : JobConfig
    """

    def __init__(self, config: JobConfig) -> None:
        # Workers are the parallelism: each keeps to one core.
        cv2.setNumThreads(1)
        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
        self._config = config
        self._loaded: Models | None = None
        self._gave_back_s = time.monotonic()

    def load(self) -> None:
        """Load the models.

        Raises
        ------
        BundleError
        """
        config = self._config
        self._loaded = Models.load(load_bundle(config.model), config.analysis, config.render)

    def _models(self) -> Models:
        if self._loaded is None:
            self.load()
        assert self._loaded is not None
        return self._loaded

    def introduce(self, question: Path) -> Introduction | Failed:
        """Who this is, which has its process to itself, once its models are loaded.

        From now on, later runs into the same output wait for the process's end.

        Parameters
        ----------
        question : Path
            Of a `jobs.shared.SharedOutput`.
        """
        host, output = socket.gethostname(), self._config.output
        try:
            answered = answer(output, question)
            mark_worker(output)
            do_without_unused()
            self.load()
        except BundleError as error:
            return Failed(NotShared(error.path, f"on node {host}: {error.message}"))
        except EmotionError as error:
            return Failed(error)
        code, folder = fingerprint(), str(location())
        return Introduction(code, folder, host, os.getpid(), mark_process(), answered)

    def ready(self) -> None:
        """Tells by its result that this worker has come as far as to take a task."""

    def run(self, task: Task, sizes: Mapping[Path, int] | None = None) -> Finished | Failed:
        """Do a task; whatever goes wrong with it concerns its file alone.

        Parameters
        ----------
        task : Task
        sizes : mapping of Path to int, optional
            Inputs as the process sees them that gives the task, where that may be elsewhere.
        """
        try:
            value = run_where_seen(task, sizes or {}, self._models())
            return Finished(value, written_sizes(task))
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
