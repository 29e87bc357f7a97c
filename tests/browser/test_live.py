"""The live page in Chromium: the picture changes, the chart moves, keys stop the session."""

from __future__ import annotations

import io
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from emotion_core.results.read import read_timeline
from emotion_core.results.validate import find_faults
from tests.clips import loop_clip
from tests.jobs.live.commands import address_of_page, begin, wait_for

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
)
PATIENCE_S = 60
DESKTOP, PHONE = (1280, 800), (390, 844)


@dataclass(frozen=True)
class Watched:
    """A session with an actor of Ray, and a browser that has its page open."""

    process: subprocess.Popen[str]
    log: Path
    output: Path
    browser: Chrome

    def run(self, script: str) -> object:
        return self.browser.execute_script(f"return {script}")

    def wait(self, what: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not what():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def frame(self) -> int:
        return int(str(self.run("Number(document.querySelector('.picture').dataset.frame || -1)")))

    def resize(self, width: int, height: int, scheme: str) -> None:
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )


@pytest.fixture(scope="module")
def watched(sample_media: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("Chromium is missing: apt-get install chromium chromium-driver")
    folder = tmp_path_factory.mktemp("live")
    clip = loop_clip(sample_media / "clips" / "coming_and_going.mp4", folder / "long.mp4", 20)
    log, output = folder / "log", folder / "out"
    process = begin(log, "--webcam", clip, "--port", 0, "-o", output)
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    try:
        wait_for(lambda: bool(address_of_page(log)), process, log)
        with Chrome(options=options, service=ChromeService(DRIVER)) as chrome:
            chrome.get(address_of_page(log))
            session = Watched(process, log, output, chrome)
            session.wait(lambda: session.frame() >= 0)
            yield session
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def test_the_picture_changes(watched: Watched) -> None:
    first = watched.frame()
    before = watched.browser.find_element(By.CSS_SELECTOR, ".picture").screenshot_as_png
    # Faces come in after a second.
    watched.wait(lambda: watched.frame() > first + 30)
    after = watched.browser.find_element(By.CSS_SELECTOR, ".picture").screenshot_as_png
    pictures = [
        np.asarray(Image.open(io.BytesIO(png)).convert("L"), float) for png in (before, after)
    ]
    assert min(picture.std() for picture in pictures) > 5
    assert np.abs(pictures[0] - pictures[1]).mean() > 0.5


def test_the_chart_moves(watched: Watched) -> None:
    def drawn_until() -> int:
        return int(str(watched.run("Number(document.querySelector('.chart').dataset.time || 0)")))

    before = drawn_until()
    watched.wait(lambda: drawn_until() > before + 1_000_000)
    watched.wait(lambda: watched.run("sources[0].tracks().length > 0"))


def test_figures_are_shown(watched: Watched) -> None:
    texts = watched.browser.find_element(By.CSS_SELECTOR, "dl").text
    watched.wait(lambda: " ms" in watched.browser.find_element(By.CSS_SELECTOR, "dl").text)
    for word in ("Latency", "Frames/s", "Analysed", "Dropped", "Lost"):
        assert word in texts
    assert "Analysis is running" in watched.browser.find_element(By.ID, "notice").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_fits_and_can_be_read(watched: Watched, size: tuple[int, int], scheme: str) -> None:
    watched.resize(*size, scheme)
    time.sleep(0.3)
    assert watched.run("document.documentElement.scrollWidth <= innerWidth")
    picture = np.asarray(
        Image.open(io.BytesIO(watched.browser.get_screenshot_as_png())).convert("L"), float
    )
    edge = picture[:, :8].mean()
    assert edge > 200 if scheme == "light" else edge < 60
    shown = watched.run("document.querySelector('.picture').getBoundingClientRect().width")
    assert isinstance(shown, (int, float))
    assert shown > size[0] * 0.5


def test_nothing_goes_wrong_in_the_page_or_comes_from_elsewhere(watched: Watched) -> None:
    assert watched.browser.get_log("browser") == []
    elsewhere = watched.run(
        "performance.getEntriesByType('resource').map((entry) => entry.name)"
        ".filter((name) => !name.startsWith(location.origin) && !name.startsWith('blob:'))"
    )
    assert elsewhere == []


def test_keys_record_and_stop_and_the_timeline_is_complete(watched: Watched) -> None:
    """Last: it ends the session."""
    record = watched.browser.find_element(By.CSS_SELECTOR, ".record")
    watched.run("document.activeElement.blur()")
    ActionChains(watched.browser).send_keys(Keys.TAB, Keys.TAB, Keys.ENTER).perform()
    watched.wait(lambda: record.get_attribute("aria-pressed") == "true")
    time.sleep(1)
    ActionChains(watched.browser).send_keys(Keys.SPACE).perform()
    watched.wait(lambda: record.get_attribute("aria-pressed") == "false")
    back = ActionChains(watched.browser).key_down(Keys.SHIFT).send_keys(Keys.TAB)
    back.key_up(Keys.SHIFT).send_keys(Keys.ENTER).perform()
    watched.wait(lambda: "has ended" in watched.browser.find_element(By.ID, "notice").text)
    assert watched.process.wait(60) == 0, watched.log.read_text()
    (timeline,) = (watched.output / "timelines").rglob("*.parquet")
    assert [str(fault) for fault in find_faults(timeline)] == []
    rows = read_timeline(watched.output)
    assert rows["emotion"].is_valid().to_pylist().count(True) > 0
    (recording,) = (watched.output / "annotated").rglob("*.mp4")
    assert recording.stat().st_size > 1000
