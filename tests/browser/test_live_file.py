"""A file of a few seconds is seen whole in Chromium, however late its page is opened."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By

from emotion_core.results.read import read_timeline
from tests.browser.test_live import CHROMIUM, DRIVER, FLAGS, PATIENCE_S
from tests.jobs.live.commands import address_of_page, begin, wait_for

LATE_S = 10
"""Longer than the clip."""


def test_a_short_file_waits_for_the_page(sample_media: Path, tmp_path: Path) -> None:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("Chromium is missing: apt-get install chromium chromium-driver")
    clip, log = sample_media / "clips" / "smile.mp4", tmp_path / "log"
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    run = begin(log, "--webcam", clip, "--port", 0, "--workers", 0, "-o", tmp_path / "out")
    try:
        wait_for(lambda: bool(address_of_page(log)), run, log)
        time.sleep(LATE_S)
        with Chrome(options=options, service=ChromeService(DRIVER)) as chrome:
            chrome.get(address_of_page(log))
            shown: set[int] = set()
            deadline = time.monotonic() + PATIENCE_S
            while "has ended" not in chrome.find_element(By.ID, "notice").text:
                assert time.monotonic() < deadline, log.read_text()
                picture = chrome.find_elements(By.CSS_SELECTOR, ".picture")
                number = picture[0].get_attribute("data-frame") if picture else None
                shown |= {int(number)} if number else set()
                time.sleep(0.05)
        assert run.wait(60) == 0, log.read_text()
    finally:
        if run.poll() is None:
            run.terminate()
            run.wait(60)
    assert min(shown) < 30
    assert max(shown) > 85
    emotions = read_timeline(tmp_path / "out")["emotion"].to_pylist()
    assert {"neutral", "happy"} <= set(emotions)
