"""Sessions in this process, for tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.live.address import parse_address
from emotion_core.live.session import LiveRequest, LiveSession
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions, RenderOptions
from emotion_core.provenance import made_by, timeline_metadata

SOURCE = "live/test"


def request_for(source: Path | str, output: Path | None, **options: Any) -> LiveRequest:
    analysis = options.pop("analysis", AnalysisOptions())
    bundle: Bundle = load_bundle(DEFAULT_BUNDLE)
    metadata = {
        **timeline_metadata(made_by(bundle, analysis), analysis, RenderOptions()),
        "time_base": "1/1000000",
        "pts0": 0,
        "cuts": [],
        "live": {"address": str(source)},
    }
    request = LiveRequest(
        address=parse_address(str(source)),
        source=SOURCE,
        output=output,
        analysis=analysis,
        render=RenderOptions(preset="ultrafast"),
        record=False,
        metadata=metadata,
    )
    return replace(request, **options)


class Running:
    """A session that works in a thread, and what it told."""

    def __init__(self, request: LiveRequest) -> None:
        self.session = LiveSession(request, load_bundle(DEFAULT_BUNDLE))
        self.pictures: dict[int, bytes] = {}
        self.totals: dict[str, Any] = {}
        self._threads = [threading.Thread(target=t, daemon=True) for t in (self._run, self._watch)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        self.totals = self.session.run()

    def _watch(self) -> None:
        number, ended = -1, False
        while not ended:
            news = self.session.news(number, picture=True, timeout_s=0.5)
            number, ended = news.number, news.ended
            if news.picture:
                self.pictures[number] = news.picture

    def wait(self, until: Callable[[], bool], timeout_s: float = 30) -> None:
        deadline = time.monotonic() + timeout_s
        while not until():
            assert time.monotonic() < deadline, "nothing came of it in time"
            time.sleep(0.02)

    def finish(self, *, stop: bool = True, timeout_s: float = 60) -> dict[str, Any]:
        if stop:
            self.session.stop()
        for thread in self._threads:
            thread.join(timeout_s)
            assert not thread.is_alive()
        assert self.totals, "the session ended with an error"
        return self.totals
