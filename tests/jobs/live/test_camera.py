"""`annotate --webcam` with a camera of Video4Linux: one that a library plays, on `/dev/zero`."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import cv2
import pytest

from jobs.exit_codes import ExitCode
from tests.jobs.live.commands import annotate, begin, wait_for

SOURCE = Path(__file__).with_name("camera.c")
DEVICE = "/dev/zero"
SESSION = ("--webcam", DEVICE, "--headless", "--workers", "0")

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None, reason="no C compiler to make the camera with"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("camera") / "camera.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", path, SOURCE, "-ldl"], check=True)
    return path


@pytest.fixture
def camera(
    library: Path, sample_media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The picture that the camera shows; it has 640x480 px and no other size."""
    picture = tmp_path / "picture.jpg"
    show(picture, sample_media / "portraits" / "grace_hopper.jpg", 640, 480)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("CAMERA_PICTURE", str(picture))
    monkeypatch.setenv("CAMERA_SIZE", "640x480")
    return picture


def show(picture: Path, portrait: Path, width: int, height: int) -> None:
    face = cv2.imread(str(portrait))
    face = cv2.resize(face, (round(face.shape[1] * height / face.shape[0]), height))
    side = (width - face.shape[1]) // 2
    face = cv2.copyMakeBorder(face, 0, 0, side, width - face.shape[1] - side, cv2.BORDER_REPLICATE)
    cv2.imwrite(str(picture), face)


def totals_of(output: Path) -> dict[str, Any]:
    (totals,) = json.loads((output / "run.json").read_text())["live"]
    return totals


def test_a_camera_is_analysed(
    camera: Path, sample_media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(camera, sample_media / "portraits" / "grace_hopper.jpg", 1280, 720)
    monkeypatch.setenv("CAMERA_SIZE", "1280x720")
    result = annotate(*SESSION, "--end", "2", "-o", tmp_path / "out")
    assert result.returncode == ExitCode.DONE, result.stderr
    assert f"Analysing {DEVICE}, 1280x720 px." in result.stderr
    assert totals_of(tmp_path / "out")["tracks"] == 1


def test_a_camera_without_the_size_that_is_asked_for_gives_its_own(
    camera: Path, tmp_path: Path
) -> None:
    result = annotate(*SESSION, "--end", "2", "-o", tmp_path / "out")
    assert result.returncode == ExitCode.DONE, result.stderr
    assert f"Analysing {DEVICE}, 640x480 px." in result.stderr
    # FFmpeg would make one frame of two, if it expected larger ones.
    assert totals_of(tmp_path / "out")["frames_arrived"] > 40


def test_a_camera_of_a_size_that_is_never_asked_for(
    camera: Path, sample_media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(camera, sample_media / "portraits" / "grace_hopper.jpg", 800, 448)
    monkeypatch.setenv("CAMERA_SIZE", "800x448")
    result = annotate(*SESSION, "--end", "1")
    assert result.returncode == ExitCode.DONE, result.stderr
    assert f"Analysing {DEVICE}, 800x448 px." in result.stderr


def test_a_camera_that_another_program_uses(camera: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_BUSY", "1")
    result = annotate(*SESSION)
    assert result.returncode == ExitCode.NOT_STARTED
    assert f"Error: {DEVICE}: another program uses it: close that" in result.stderr


def test_a_camera_that_is_unplugged_for_a_while(camera: Path, tmp_path: Path) -> None:
    log, out = tmp_path / "log", tmp_path / "out"
    run = begin(log, *SESSION, "--end", "8", "-o", out)
    wait_for(lambda: len(list(out.rglob("0*.parquet"))) >= 1, run, log)
    away = camera.rename(camera.with_suffix(".away"))
    time.sleep(1)
    away.rename(camera)
    assert run.wait(60) == ExitCode.DONE, log.read_text()
    assert totals_of(out)["outages"] != []


def test_a_device_that_is_no_camera() -> None:
    result = annotate(*SESSION)
    assert result.returncode == ExitCode.NOT_STARTED
    assert f"{DEVICE}: is no camera" in result.stderr
