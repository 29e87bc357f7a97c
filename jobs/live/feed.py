"""What this process knows of a session that runs elsewhere, for everybody who watches."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any, Final

from emotion_core.live.publish import News, Sample
from jobs.live.actor import ActorDied, Handle
from jobs.outcomes import Failed, Finished

SAMPLES_HELD: Final = 600
WATCHED_S: Final = 2.0
UNWATCHED_PAUSE_S: Final = 0.25
NEWS_TIMEOUT_S: Final = 0.5


class Feed:
    """Follows one session: its news, and how it ends.

    Parameters
    ----------
    handle : Handle
        Of an opened session, which begins to run.
    name : str
        For the page.
    waits : bool
        It begins only when it is first asked for anything, or to be stopped.
    """

    def __init__(self, handle: Handle, name: str, *, waits: bool = False) -> None:
        self.name = name
        self._handle = handle
        self._changed = threading.Condition()
        self._newest = News()
        self._samples: deque[Sample] = deque(maxlen=SAMPLES_HELD)
        self._asked_s = float("-inf")
        self._outcome: Finished | Failed | ActorDied | BaseException | None = None
        self._wanted = threading.Event()
        if not waits:
            self._wanted.set()
        self._threads = [
            threading.Thread(target=target, name=f"{name} {target.__name__}", daemon=True)
            for target in (self._run, self._follow)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def outcome(self) -> Finished | Failed | ActorDied | BaseException | None:
        """How the session has ended; None while it goes on."""
        return self._outcome

    @property
    def state(self) -> dict[str, Any]:
        """JSON values, as the session tells them."""
        self._wanted.set()
        with self._changed:
            return dict(self._newest.state)

    def samples(self, after: int) -> list[Sample]:
        """Those of later frames than `after`."""
        with self._changed:
            return [sample for sample in self._samples if sample.number > after]

    def picture(self, after: int, timeout_s: float) -> News | None:
        """News with the picture of a later frame than `after`; None where none has come in time."""
        self._asked_s = time.monotonic()
        self._wanted.set()
        with self._changed:
            self._changed.wait_for(
                lambda: self._has_picture(after) or self._outcome is not None, timeout_s
            )
            return self._newest if self._has_picture(after) else None

    def record(self, wanted: bool) -> None:
        """Begin or end a recording.

        Raises
        ------
        UsageError
            Nothing is kept of this session.
        """
        self._handle.call("record", wanted)

    def stop(self) -> None:
        """End the session; returns before it has ended."""
        if self._outcome is None:
            try:
                self._handle.call("stop")
            except ActorDied as error:
                self._end(error)
        self._wanted.set()

    def _has_picture(self, after: int) -> bool:
        return self._newest.number > after and self._newest.picture is not None

    def _run(self) -> None:
        self._wanted.wait()
        try:
            self._end(self._handle.call("run"))
        except BaseException as error:
            self._end(error)

    def _end(self, outcome: Finished | Failed | BaseException) -> None:
        with self._changed:
            self._outcome = self._outcome or outcome
            self._changed.notify_all()

    def _follow(self) -> None:
        number = -1
        while self._outcome is None:
            watched = time.monotonic() - self._asked_s <= WATCHED_S
            try:
                news: News = self._handle.call("news", number, watched, NEWS_TIMEOUT_S)
            except BaseException as error:
                self._end(error)
                return
            number = news.number
            with self._changed:
                self._newest = news
                self._samples.extend(news.samples)
                self._changed.notify_all()
            if news.ended:
                return
            if not watched:
                time.sleep(UNWATCHED_PAUSE_S)
