"""Runs of a batch that are killed at random moments and begun again, held against a whole one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from tests.reliability.batch import RUN_TIMEOUT_S, command, outputs, results

PROCESSES_MAY_LAST_S: Final = 90
POLL_S: Final = 0.05
WORKERS: Final = (0, 1, 2)
KILLS: Final = ("driver", "worker", "everything", "interrupt", "terminate")
SHARE_AT_WORK: Final = 0.7
"""Of the kills, those that wait until the run has begun to work."""

ATTEMPTS_MAX: Final = 30
"""Runs that may end before they are killed."""

MADE: Final = (".npy", ".arrow", ".parquet", ".mp4", ".jpg")
EXIT_CODES: Final = {"interrupt": 130, "terminate": 143}


@dataclass
class Tally:
    """What was done and found.

    Attributes
    ----------
    kills : Counter of str
    batches : int
        Runs that came to their end and were compared.
    faults : list of str
        Everything that must not be: outputs lost, duplicated or different, processes left.
    slowest_end_s : dict of str to float
        The longest time from a signal that asks for the end to the end, by signal.
    """

    kills: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    faults: list[str] = field(default_factory=list)
    slowest_end_s: dict[str, float] = field(default_factory=dict)


class Soak:
    """Kills runs of a batch.

    Parameters
    ----------
    media : Path
    whole : dict
        Results of an uninterrupted run.
    output : Path
        Where the runs that are killed write.
    seconds : float
        About how long a run takes: kills fall anywhere in it.
    seed : int
    say : callable
        Told of every kill and every fault.
    """

    def __init__(
        self,
        media: Path,
        whole: dict[str, str],
        output: Path,
        seconds: float,
        seed: int,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._media = media
        self._whole = whole
        self._output = output
        self._seconds = seconds
        self._random = random.Random(seed)
        self._say = say
        self._there: dict[str, str] = {}
        self._ending: list[tuple[psutil.Process, float]] = []
        self.tally = Tally()

    def run(self, kills: tuple[str, ...], *, await_processes: bool = True) -> Tally:
        """Kill in these ways one after the other, then let the batch end."""
        for number, kill in enumerate(kills, 1):
            if not any(self._kill_one(kill) for _ in range(ATTEMPTS_MAX)):
                self._fault(f"no run of {ATTEMPTS_MAX} could be killed: {kill}")
            self._say(
                f"{number}/{len(kills)} {kill}: {len(self._there)} outputs there, "
                f"{self.tally.batches} batches, {len(self.tally.faults)} faults"
            )
        self._finish(self._start(self._random.choice(WORKERS)))
        self._check_processes(wait=await_processes)
        return self.tally

    def _fault(self, text: str) -> None:
        self.tally.faults.append(text)
        self._say(text)

    def _start(self, workers: int) -> psutil.Popen:
        folder = tempfile.gettempdir()
        line = command(self._media, self._output, workers)
        return psutil.Popen(
            line, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def _kill_one(self, kill: str) -> bool:
        """Begin a run and kill it; False where it had ended before."""
        workers = self._random.choice(WORKERS[1:] if kill == "worker" else WORKERS)
        run = self._start(workers)
        if kill == "worker" or self._random.random() < SHARE_AT_WORK:
            self._await_work(run)
        if not _wait(run, self._random.uniform(0, self._seconds)):
            self._finish(run)
            return False
        processes = _family(run)
        sent = time.monotonic()
        if not _send(kill, run, processes):
            self._finish(run)
            return False
        self.tally.kills[kill] += 1
        if kill == "worker":
            # The run itself goes on.
            self._finish(run)
            return True
        _, errors = run.communicate(timeout=RUN_TIMEOUT_S)
        now = time.monotonic()
        if kill in EXIT_CODES:
            slowest = self.tally.slowest_end_s
            slowest[kill] = max(slowest.get(kill, 0.0), now - sent)
            # Before the command listens, the interpreter answers; and a run may end by itself.
            listens = "Stopping" in errors
            if listens and (run.returncode != EXIT_CODES[kill] or "Traceback" in errors):
                self._fault(f"{kill}: exit code {run.returncode}: {errors[-2000:]}")
        self._ending += [(process, now) for process in processes]
        self._check_processes()
        self._check_outputs(kill)
        return True

    def _await_work(self, run: psutil.Popen) -> None:
        """Wait until a run has made something: starting takes longer than all of its work."""
        begun = time.time()
        while run.poll() is None:
            # Folders and files go while they are looked at.
            with suppress(FileNotFoundError):
                made = (path for path in self._output.rglob("*.*") if path.suffix in MADE)
                if any(path.stat().st_mtime > begun for path in made):
                    return
            time.sleep(POLL_S)

    def _finish(self, run: psutil.Popen) -> None:
        """Let a run end, and compare all that it leaves."""
        processes = _family(run)
        _, errors = run.communicate(timeout=RUN_TIMEOUT_S)
        self._ending += [(process, time.monotonic()) for process in processes]
        if run.returncode != 1 or "Traceback" in errors:
            self._fault(f"exit code {run.returncode}: {errors[-2000:]}")
        found, whole = results(self._output), self._whole
        for name in sorted(found.keys() | whole.keys()):
            if found.get(name) != whole.get(name):
                kind = "lost" if name not in found else "left" if name not in whole else "different"
                self._fault(f"after a whole batch: {kind}: {name}")
        self.tally.batches += 1
        shutil.rmtree(self._output)
        self._there = {}
        self._check_processes()

    def _check_outputs(self, kill: str) -> None:
        """What lies there after a kill is whole, and what lay there before is still there."""
        there = outputs(self._output)
        for name, digest in there.items():
            if self._whole.get(name) != digest:
                self._fault(f"after {kill}: different: {name}")
        for name in self._there.keys() - there.keys():
            self._fault(f"after {kill}: lost: {name}")
        self._there = there

    def _check_processes(self, *, wait: bool = False) -> None:
        alive = [(process, since) for process, since in self._ending if process.is_running()]
        while wait and alive and time.monotonic() - alive[-1][1] < PROCESSES_MAY_LAST_S:
            time.sleep(1)
            alive = [(process, since) for process, since in alive if process.is_running()]
        for process, since in alive:
            if time.monotonic() - since > PROCESSES_MAY_LAST_S:
                with suppress(psutil.NoSuchProcess):
                    self._fault(f"still running: {process.cmdline()}")
        self._ending = alive


def _wait(run: psutil.Popen, seconds: float) -> bool:
    """Some seconds; False if the run ends before."""
    with suppress(psutil.TimeoutExpired):
        run.wait(seconds)
    return run.poll() is None


def _family(run: psutil.Popen) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [psutil.Process(run.pid), *run.children(recursive=True)]
    return []


def _workers(processes: list[psutil.Process]) -> list[psutil.Process]:
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if "ray::Worker" in " ".join(process.cmdline()):
                found.append(process)
    return found


def _send(kill: str, run: psutil.Popen, processes: list[psutil.Process]) -> bool:
    """Send what ends something; False where there is nothing of the kind."""
    if kill == "worker":
        processes = _workers(processes)[:1]
    elif kill == "driver":
        processes = processes[:1]
    elif kill in EXIT_CODES:
        os.killpg(run.pid, signal.SIGINT if kill == "interrupt" else signal.SIGTERM)
        return True
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return bool(processes)
