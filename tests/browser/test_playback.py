"""Annotated copies play, seek and sound in Chromium: the right frames, upright, to the end."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Pages read the files beside them, and their pixels.
    "--allow-file-access-from-files",
    "--autoplay-policy=no-user-gesture-required",
)
SCRIPT_TIMEOUT_S = 60
PLAYED_S = 0.7
# Mean absolute difference of 8-bit values: the browser's conversion to RGB is not swscale's.
PIXEL_TOLERANCE = 4.0
NEIGHBOURS = 5

PAGE = """<!doctype html><title>copy</title><video preload="auto" muted></video>
<script>
const video = document.querySelector('video');
const once = (name) => new Promise((resolve, reject) => {
  video.addEventListener(name, resolve, {once: true});
  video.addEventListener('error', () => reject(video.error.message), {once: true});
});
async function load(url) {
  const ready = once('loadeddata');
  video.src = url;
  await ready;
  return {duration: video.duration, width: video.videoWidth, height: video.videoHeight};
}
async function frameAt(seconds) {
  const sought = once('seeked');
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(
    (now, frame) => resolve(frame.mediaTime)));
  video.currentTime = seconds;
  await sought;
  const mediaTime = await shown;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d').drawImage(video, 0, 0);
  return {mediaTime, picture: canvas.toDataURL('image/png').split(',')[1]};
}
async function playFrom(seconds, length) {
  const sought = once('seeked');
  video.currentTime = seconds;
  await sought;
  await video.play();
  await new Promise((resolve) => setTimeout(resolve, length * 1000));
  video.pause();
  return {time: video.currentTime, audioBytes: video.webkitAudioDecodedByteCount};
}
async function playToTheEnd(seconds) {
  const ended = once('ended');
  video.currentTime = seconds;
  await video.play();
  await ended;
  return video.currentTime;
}
</script>
"""


@dataclass(frozen=True)
class Copy:
    """An annotated copy, and what it should look like."""

    path: str
    width: int
    height: int


COPIES = (
    Copy("clips/coming_and_going.mp4", 640, 360),
    # Stored on its side and shown upright.
    Copy("clips/phone/turned.mov.mp4", 360, 640),
    Copy("clips/phone/variable_rate.mp4", 640, 360),
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("Chromium is missing: apt-get install chromium chromium-driver")
    folder = tmp_path_factory.mktemp("browser")
    page = folder / "page.html"
    page.write_text(PAGE)
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    with Chrome(options=options, service=ChromeService(DRIVER)) as chrome:
        chrome.set_script_timeout(SCRIPT_TIMEOUT_S)
        chrome.get(page.as_uri())
        yield chrome


@pytest.fixture(scope="module", params=COPIES, ids=lambda copy: Path(copy.path).name)
def copy(request: pytest.FixtureRequest) -> Copy:
    chosen: Copy = request.param
    return chosen


@pytest.fixture(scope="module")
def frames(copy: Copy, sample_run: Path) -> list[tuple[float, av.VideoFrame]]:
    """Every frame of the copy with its time in seconds, as PyAV decodes it."""
    with av.open(sample_run / "annotated" / "sample_media" / copy.path) as container:
        decoded = list(container.decode(video=0))
    times = [frame.time for frame in decoded]
    return [(time, frame) for time, frame in zip(times, decoded, strict=True) if time is not None]


@pytest.fixture(scope="module")
def loaded(browser: Chrome, copy: Copy, sample_run: Path) -> dict[str, Any]:
    path = sample_run / "annotated" / "sample_media" / copy.path
    properties: dict[str, Any] = call(browser, "load", path.as_uri())
    return properties


def call(browser: Chrome, function: str, *arguments: object) -> Any:
    """The result of one of the page's functions."""
    return browser.execute_async_script(
        f"const done = arguments[arguments.length - 1];"
        f"{function}(...[...arguments].slice(0, -1))"
        f".then(done, (error) => done({{error: String(error)}}));",
        *arguments,
    )


def difference(picture: NDArray[np.uint8], frame: av.VideoFrame) -> float:
    expected = frame.to_ndarray(format="rgb24")
    return float(np.abs(picture.astype(np.int16) - expected).mean())


def test_pictures_are_upright(loaded: dict[str, Any], copy: Copy) -> None:
    assert (loaded["width"], loaded["height"]) == (copy.width, copy.height)


def test_the_duration_is_right_to_a_frame(
    loaded: dict[str, Any], frames: list[tuple[float, av.VideoFrame]]
) -> None:
    times = [time for time, _ in frames]
    last_frame_s = times[-1] - times[-2]
    assert times[0] == 0
    assert abs(loaded["duration"] - (times[-1] + last_frame_s)) <= last_frame_s


def test_seeking_shows_the_frame_of_that_time(
    browser: Chrome, loaded: dict[str, Any], frames: list[tuple[float, av.VideoFrame]]
) -> None:
    middle = len(frames) // 2
    time, following = frames[middle][0], frames[middle + 1][0]
    shown = call(browser, "frameAt", (time + following) / 2)
    assert shown["mediaTime"] == pytest.approx(time, abs=0.001)
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(shown["picture"]))).convert("RGB"))
    nearby = range(middle - NEIGHBOURS, middle + NEIGHBOURS + 1)
    differences = {n: difference(picture, frames[n][1]) for n in nearby}
    assert differences[middle] < PIXEL_TOLERANCE
    assert differences[middle] == min(differences.values())


def test_sound_is_decoded_while_it_plays(browser: Chrome, loaded: dict[str, Any]) -> None:
    start = loaded["duration"] / 3
    played = call(browser, "playFrom", start, PLAYED_S)
    assert played["audioBytes"] > 0
    assert start < played["time"] < loaded["duration"]


def test_it_plays_to_the_end(browser: Chrome, loaded: dict[str, Any]) -> None:
    end = call(browser, "playToTheEnd", loaded["duration"] - PLAYED_S)
    assert end == pytest.approx(loaded["duration"], abs=0.05)
