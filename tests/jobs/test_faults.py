"""What goes wrong around files: workers that die, disks that fill, folders that go."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from emotion_core.errors import DiskFull, OutputError
from emotion_core.layout import timelines_folder
from emotion_core.options import RenderOptions
from emotion_core.stills_task import StillsTask
from emotion_core.tasks import AnalyseTask, IndexTask, JoinTask, RenderTask, Task
from jobs.batch import ATTEMPTS_MAX
from jobs.config import JobConfig, RunOptions
from jobs.limits import BASE_S, time_limit_s
from jobs.listener import Progress
from jobs.outcomes import Died, Outcome
from jobs.pool import SerialPool
from jobs.report import Report
from jobs.run import annotate
from tests import clips
from tests.snapshot import snapshot

PORTRAITS = Path(__file__).resolve().parents[2] / "sample_media" / "portraits"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        clips.make_h264(folder / f"{name}.mp4")
    return folder


def config_of(media: Path, output: Path) -> JobConfig:
    render = RenderOptions(preset="ultrafast")
    return JobConfig((str(media),), output, render=render, run=RunOptions(workers=0))


class DyingPool:
    """A real pool of two, some of whose tasks' workers die.

    `dies` tells of a task that is to be run, and of those that run beside it, how it dies.
    """

    size = 2

    def __init__(self, config: JobConfig, dies: Callable[[Task, list[Task]], Died | None]) -> None:
        self._pool = SerialPool(config)
        self._dies = dies
        self._running: list[tuple[int, Task]] = []

    @property
    def free(self) -> int:
        return self.size - len(self._running)

    def submit(self, key: int, task: Task) -> None:
        self._running.append((key, task))

    def wait(self) -> list[tuple[int, Outcome]]:
        key, task = self._running.pop(0)
        death = self._dies(task, [other for _, other in self._running])
        if death is not None:
            return [(key, death)]
        self._pool.submit(key, task)
        return self._pool.wait()


@pytest.fixture
def run_dying(
    media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Task, list[Task]], Died | None]], Report]:
    def run(dies: Callable[[Task, list[Task]], Died | None]) -> Report:
        @contextmanager
        def open_dying(config: JobConfig) -> Iterator[DyingPool]:
            yield DyingPool(config, dies)

        monkeypatch.setattr("jobs.run.open_pool", open_dying)
        return annotate(config_of(media, tmp_path / "out"))

    return run


def is_analysis(task: Task, name: str) -> bool:
    return isinstance(task, AnalyseTask) and task.segment.info.path.name == name


def test_a_file_fails_alone_after_three_started_attempts(run_dying, media: Path) -> None:
    attempts: list[int] = []

    def dies(task: Task, beside: list[Task]) -> Died | None:
        if not is_analysis(task, "b.mp4"):
            return None
        attempts.append(len(beside))
        # Some workers end before they have come as far as the task.
        return Died("killed", started=len(attempts) % 2 == 0)

    report = run_dying(dies)
    (failed,) = report.failed
    assert failed.path == media / "b.mp4"
    assert failed.attempts == ATTEMPTS_MAX
    assert "died 3 times" in failed.error
    assert "killed" in failed.error
    assert len(attempts) == 2 * ATTEMPTS_MAX
    # The last attempt runs alone.
    assert attempts[-1] == 0
    assert {outcome.path.name for outcome in report.done} == {"a.mp4", "c.mp4"}


def test_stills_are_innocent_of_one_that_kills_workers(run_dying, media: Path) -> None:
    for clip in media.iterdir():
        clip.unlink()
    for name in ("a", "b", "c"):
        shutil.copy(PORTRAITS / "grace_hopper.jpg", media / f"{name}.jpg")
    (media / "d.jpg").write_bytes(b"no picture")
    guilty, ran = media / "b.jpg", []

    def dies(task: Task, beside: list[Task]) -> Died | None:
        ran.append(task)
        paths = task.paths if isinstance(task, StillsTask) else (task.path,)
        return Died("killed", started=True) if guilty in paths else None

    report = run_dying(dies)
    assert {outcome.path.name: outcome.attempts for outcome in report.failed} == {
        "b.jpg": ATTEMPTS_MAX,
        "d.jpg": 1,
    }
    assert {outcome.path.name for outcome in report.done} == {"a.jpg", "c.jpg"}
    # Three times together, then each alone, then without the guilty one.
    assert [len(task.paths) for task in ran if isinstance(task, StillsTask)] == [4, 4, 4, 3]
    (timeline,) = timelines_folder(media.parent / "out").rglob("*.parquet")
    rows = pq.read_table(timeline, columns=["source", "status"]).to_pylist()
    assert [row["source"] for row in rows] == ["in/a.jpg", "in/c.jpg"]


def test_who_dies_of_another_s_fault_is_innocent(run_dying, media: Path) -> None:
    def dies(task: Task, beside: list[Task]) -> Died | None:
        guilty = is_analysis(task, "b.mp4")
        hit = any(is_analysis(other, "b.mp4") for other in beside)
        return Died("memory ran out", started=True) if guilty or hit else None

    report = run_dying(dies)
    assert [outcome.path.name for outcome in report.failed] == ["b.mp4"]
    assert len(report.done) == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small file system needs mount and the rights of root")
    mounted = mount("-t", "tmpfs", "-o", "size=3m", "tmpfs", place)
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted: {mounted.stderr}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def mount(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["mount", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def goes_on(config: JobConfig, whole: Path) -> None:
    """Run once more, and compare with a run that nothing disturbed."""
    report = annotate(config)
    assert not report.failed
    assert len(report.finished_before) >= 1
    annotate(config_of(Path(config.inputs[0]), whole))
    assert snapshot(config.output) == snapshot(whole)


def after_first(action: Callable[[], object]) -> Callable[[Progress], None]:
    done: list[Progress] = []

    def listen(progress: Progress) -> None:
        if progress.outcome is not None and not done:
            done.append(progress)
            action()

    return listen


def test_a_full_disk_ends_the_run_and_finished_files_stay(
    tmp_path: Path, media: Path, small_disk: Path
) -> None:
    config = config_of(media, small_disk / "out")
    filler = small_disk / "filler"

    def fill() -> None:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass

    with pytest.raises(OutputError, match="No space left") as caught:
        annotate(config, after_first(fill))
    assert isinstance(caught.value, DiskFull)
    finished = snapshot(config.output)
    assert {"timelines/in/a.mp4.parquet", "annotated/in/a.mp4"} <= finished.keys()
    filler.unlink()
    goes_on(config, tmp_path / "whole")
    assert finished["annotated/in/a.mp4"] == snapshot(config.output)["annotated/in/a.mp4"]


def test_permission_that_is_lost_ends_the_run_and_finished_files_stay(
    tmp_path: Path, media: Path
) -> None:
    config = config_of(media, tmp_path / "out")

    def closed(sign: str) -> None:
        # Binds root, too.
        folders = [folder for folder, _, _ in os.walk(config.output)]
        subprocess.run(["chattr", f"{sign}i", *folders], check=True)

    probe = subprocess.run(["chattr", "+i", media], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("folders cannot be closed to root here: chattr +i fails")
    subprocess.run(["chattr", "-i", media], check=True)
    try:
        with pytest.raises(OutputError, match="Operation not permitted") as caught:
            annotate(config, after_first(lambda: closed("+")))
    finally:
        closed("-")
    assert caught.value.path == config.output
    goes_on(config, tmp_path / "whole")


def test_an_output_folder_that_goes_ends_the_run(tmp_path: Path, media: Path) -> None:
    config = config_of(media, tmp_path / "out")
    away = tmp_path / "away"
    with pytest.raises(OutputError, match="deleted, moved or unmounted"):
        annotate(config, after_first(lambda: config.output.rename(away)))
    assert json.loads((away / "run.json").read_text())["complete"] is False
    shutil.rmtree(config.output, ignore_errors=True)
    away.rename(config.output)
    goes_on(config, tmp_path / "whole")


def test_time_limits_grow_with_what_there_is_to_do(tmp_path: Path) -> None:
    from emotion_core.media.index import index_video
    from emotion_core.media.video import segment_of

    clip = clips.make_h264(tmp_path / "a.mp4")
    index = index_video(clip)
    short, long = segment_of(index, 0, 10), segment_of(index, 0, 50)
    limits = [
        time_limit_s(RenderTask(segment, None, clip, RenderOptions(), clip, 0, {}))  # type: ignore[arg-type]
        for segment in (short, long)
    ]
    assert BASE_S < limits[0] < limits[1]
    assert time_limit_s(IndexTask(clip, in_order=False)) > BASE_S
    assert time_limit_s(JoinTask((), clip, index, 0, 50)) > BASE_S


def test_a_result_that_goes_is_not_called_done(
    tmp_path: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class LosingPool(SerialPool):
        """Its timeline of b is gone once its copy has been written."""

        def wait(self) -> list[tuple[int, Outcome]]:
            (_, task), *_ = self._waiting
            ended = super().wait()
            if isinstance(task, JoinTask) and task.annotated.name == "b.mp4":
                (timeline,) = timelines_folder(tmp_path / "out").rglob("b.mp4.parquet")
                timeline.unlink()
            return ended

    config = config_of(media, tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setattr("jobs.pool.SerialPool", LosingPool)
        report = annotate(config)
    (failed,) = report.failed
    assert failed.path == media / "b.mp4"
    assert "b.mp4.parquet: was written, but is not there" in failed.error
    goes_on(config, tmp_path / "whole")
