"""The run of ``annotate --webcam``: actors for the sources, the page, results at the end."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.errors import UsageError
from emotion_core.faces.detector import find_weights
from emotion_core.layout import timelines_folder
from emotion_core.live.address import Address, SourceKind
from emotion_core.live.parts import merge_left_parts
from emotion_core.live.record import TIME_BASE
from emotion_core.live.session import LiveRequest
from emotion_core.model_cards import keep_card
from emotion_core.provenance import made_by, timeline_metadata
from emotion_core.timeline.run_tables import write_run_tables
from jobs.live.actor import ActorDied, Handle, LocalHandle, RayHandle
from jobs.live.config import LiveConfig
from jobs.live.feed import Feed
from jobs.live.guard import Access, listen
from jobs.live.results import LiveReport, merge_session, session_names, write_record
from jobs.live.window import check_windows, show_windows
from jobs.lock import locked
from jobs.outcomes import Failed, Finished
from jobs.ray_session import ray_session

WAIT_S: Final = 0.2
LAST_LOOK_S: Final = 1.5
"""So long the page can still be asked how the session ended."""

STATE_KEPT: Final = "Analysis is running; the timeline is kept in {output}."
STATE_NOT_KEPT: Final = "Analysis is running; nothing is kept."


class LiveRun:
    """Sources that are being analysed, for the page and for who started them.

    Parameters
    ----------
    config : LiveConfig
    say : callable
        Tells the user something.
    check : callable
        Asked again and again; raises `KeyboardInterrupt` once a signal has arrived.
    """

    def __init__(
        self,
        config: LiveConfig,
        say: Callable[[str], None],
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = config
        self._say = say
        self._check = check
        self._bundle: Bundle = load_bundle(config.model)
        find_weights()
        self._message = (
            STATE_NOT_KEPT if config.output is None else STATE_KEPT.format(output=config.output)
        )
        self._stopping = threading.Event()
        self._ended = False
        self.feeds: Sequence[Feed] = ()

    def stop(self) -> None:
        """End all sources; `execute` then finishes what they have left."""
        self._stopping.set()

    def state(self) -> dict[str, Any]:
        """JSON values for the page."""
        kept = self._config.output is not None
        return {
            "message": self._message,
            "stopping": self._stopping.is_set(),
            "ended": self._ended,
            "sources": [feed.state | {"name": feed.name, "kept": kept} for feed in self.feeds],
        }

    def execute(self) -> LiveReport:
        """Analyse until stopped, or until all sources have ended.

        A `KeyboardInterrupt` stops it like `stop`; a second one is raised.

        Raises
        ------
        SourceError, MediaError
            A source cannot be opened.
        UsageError
            The page cannot be served, or Ray cannot be started.
        OutputError
            The output cannot be written, or another run writes there.
        """
        output = self._config.output
        with nullcontext() if output is None else locked(output):
            return self._execute(output)

    def _execute(self, output: Path | None) -> LiveReport:
        report = LiveReport()
        if output is not None:
            for timeline in merge_left_parts(timelines_folder(output)):
                self._say(f"Made whole after a session that was killed: {timeline}")
            keep_card(output, self._bundle)
            write_record(self._config, self._bundle, report, complete=False, ended=False)
        with self._socket() as bound, self._handles() as handles:
            sources = self._open(handles)
            with self._page(bound):
                try:
                    self._wait()
                except KeyboardInterrupt:
                    if output is not None:
                        self._say("Finishing the timeline ...")
                self._finish(sources, report)
                self._tell_end(report)
        if output is not None:
            write_record(self._config, self._bundle, report, complete=not report.errors)
            timelines = sorted(timelines_folder(output).rglob("*.parquet"))
            if timelines:
                write_run_tables(output, timelines)
        return report

    @contextmanager
    def _socket(self) -> Iterator[socket.socket | None]:
        """The socket of the page; None where there is none. A port that is taken shows at once."""
        live = self._config.live
        if live.window:
            check_windows()
        if live.headless or live.window:
            yield None
            return
        if find_spec("starlette") is None or find_spec("uvicorn") is None:
            raise UsageError(
                None,
                "the page needs Starlette and uvicorn: in a clone of the project, make setup, or "
                "pip install '.[live]'; or pass --headless",
            )
        with listen(live.host, live.port) as bound:
            yield bound

    @contextmanager
    def _page(self, bound: socket.socket | None) -> Iterator[None]:
        if bound is None:
            yield
            return
        from jobs.live.server import PageServer

        access = Access(self._config.live.host, bound.getsockname()[1])
        server = PageServer(bound, access, self)
        try:
            self._announce(access)
            yield
        finally:
            server.close()

    def _announce(self, access: Access) -> None:
        self._say(f"Watch: {access.url}")
        if access.is_open:
            self._say(
                "Warning: the page is open to the network. Whoever has this address sees the "
                "camera, and nothing is encrypted."
            )

    @contextmanager
    def _handles(self) -> Iterator[list[Handle]]:
        addresses = self._config.addresses
        if self._config.workers == 0:
            yield [LocalHandle() for _ in addresses]
            return
        # Ray would let its workers wait for everything else on this machine.
        os.environ.setdefault("RAY_worker_niceness", "0")
        with ray_session(max(len(addresses), os.cpu_count() or 1), None):
            yield [RayHandle() for _ in addresses]

    def _open(self, handles: list[Handle]) -> list[str]:
        """Open all sources and begin; their names in results."""
        begun = datetime.now(UTC)
        names = session_names(self._config, begun)
        for handle, address, source in zip(handles, self._config.addresses, names, strict=True):
            request = self._request(address, source, begun)
            outcome = handle.call("open", request, self._config.model)
            if isinstance(outcome, Failed):
                raise outcome.error
            size = f"{outcome.value.width}x{outcome.value.height}"
            self._say(f"Analysing {address}, {size} px.")
        if self._config.output is None:
            self._say("Nothing is kept; pass --output FOLDER for a timeline.")
        if any(map(self._waits, self._config.addresses)):
            self._say("A file begins to play when the page is opened.")
        self._say("Ctrl+C stops.")
        self.feeds = [
            Feed(handle, address.title, waits=self._waits(address))
            for handle, address in zip(handles, self._config.addresses, strict=True)
        ]
        return names

    def _waits(self, address: Address) -> bool:
        """Whether a source begins with its first viewer: a file would be over before."""
        unwatched = self._config.live.headless or self._config.live.window
        return address.kind is SourceKind.FILE and not unwatched

    def _request(self, address: Address, source: str, begun: datetime) -> LiveRequest:
        config = self._config
        tools = made_by(self._bundle, config.analysis)
        metadata = {
            **timeline_metadata(tools, config.analysis, config.render),
            "time_base": str(TIME_BASE),
            "pts0": 0,
            "cuts": [],
            "live": {"address": str(address), "begun": begun.isoformat(timespec="seconds")},
        }
        return LiveRequest(
            address=address,
            source=source,
            output=config.output,
            analysis=config.analysis,
            render=config.render,
            record=config.live.record,
            metadata=metadata,
        )

    def _wait(self) -> None:
        if self._config.live.window:
            show_windows(self.feeds, self._stopping)
        while not self._stopping.is_set() and any(feed.outcome is None for feed in self.feeds):
            self._check()
            self._stopping.wait(WAIT_S)

    def _finish(self, sources: list[str], report: LiveReport) -> None:
        self._stopping.set()
        for feed in self.feeds:
            feed.stop()
        for feed, source in zip(self.feeds, sources, strict=True):
            while feed.outcome is None:
                time.sleep(WAIT_S / 4)
            match feed.outcome:
                case Finished(totals):
                    report.totals.append(totals)
                case Failed(error):
                    report.errors.append(str(error))
                case ActorDied() as died:
                    report.errors.append(f"{feed.name}: its process ended early ({died})")
                case error:
                    raise error
            if self._config.output is not None:
                merge_session(self._config.output, source, report)

    def _tell_end(self, report: LiveReport) -> None:
        kept = ", ".join(map(str, report.timelines))
        self._message = f"The session has ended. {'Timeline: ' + kept if kept else ''}".strip()
        self._ended = True
        if not (self._config.live.headless or self._config.live.window):
            time.sleep(LAST_LOOK_S)
