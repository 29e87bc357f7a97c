"""The page shows a session to whoever has its address, and to nobody else."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from emotion_core.options import AnalysisOptions
from jobs.live.config import LiveConfig, LiveOptions
from jobs.live.guard import Access
from jobs.live.run import LiveReport, LiveRun
from tests.clips import loop_clip


class Session:
    """A session in this process, with its page."""

    def __init__(self, config: LiveConfig) -> None:
        self.said: list[str] = []
        self._watchable = threading.Event()
        self.run = LiveRun(config, self._hear)
        self.report: LiveReport | None = None
        self._thread = threading.Thread(target=self._execute, daemon=True)
        self._thread.start()
        assert self._watchable.wait(60), self.said
        self.url = next(line for line in self.said if line.startswith("Watch")).split()[1]

    def _hear(self, text: str) -> None:
        self.said.append(text)
        if text.startswith("Watch"):
            self._watchable.set()

    def _execute(self) -> None:
        self.report = self.run.execute()

    def ask(
        self, path: str, method: str = "GET", *, url: str = "", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        parts = urlsplit(url or self.url)
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(self.url).port, timeout=10)
        connection.request(method, parts.path + path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    def finish(self) -> LiveReport:
        self.run.stop()
        self._thread.join(30)
        assert self.report is not None
        return self.report


@pytest.fixture(scope="module")
def session(sample_media: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("page")
    clip = loop_clip(sample_media / "clips" / "coming_and_going.mp4", folder / "long.mp4", 20)
    config = LiveConfig.of(
        (str(clip),), live=LiveOptions(port=0), analysis=AnalysisOptions(), workers=0
    )
    running = Session(config)
    yield running
    assert not running.finish().errors


def state_of(session: Session) -> Any:
    return json.loads(session.ask("state")[2])


def test_the_page_is_one_file_that_needs_nothing_else(session: Session) -> None:
    status, headers, body = session.ask("")
    assert status == 200
    assert b"://" not in body
    assert b"src=" not in body
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.split("'nonce-")[1].split("'")[0].encode() in body
    assert headers["Cache-Control"] == "no-store"


def test_pictures_and_samples_are_given_out(session: Session) -> None:
    status, headers, picture = session.ask("0/picture?after=-1")
    while status == 204:
        status, headers, picture = session.ask("0/picture?after=-1")
    assert (status, headers["Content-Type"], picture[:2]) == (200, "image/jpeg", b"\xff\xd8")
    later = session.ask(f"0/picture?after={headers['X-Frame']}")
    assert later[0] in {200, 204}
    if later[0] == 200:
        assert int(later[1]["X-Frame"]) > int(headers["X-Frame"])
    assert session.ask("0/samples")[0] == 200
    state = state_of(session)
    assert "nothing is kept" in state["message"]
    assert state["sources"][0]["frames_analysed"] > 0


def test_a_recording_needs_an_output(session: Session) -> None:
    status, _, body = session.ask("0/record/on", "POST")
    assert status == 409
    assert b"--output" in body


def test_a_wrong_token_is_refused(session: Session) -> None:
    token = session.url.rstrip("/")
    wrong = token[:-1] + ("y/" if token.endswith("x") else "x/")
    assert session.ask("state", url=wrong)[0] == 403
    assert session.ask("", url=session.url.rsplit("/", 2)[0] + "/")[0] == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", ""])
def test_a_foreign_host_is_refused(session: Session, host: str) -> None:
    port = urlsplit(session.url).port
    assert session.ask("state", Host=host.format(port=port))[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}"])
def test_a_foreign_origin_is_refused(session: Session, origin: str) -> None:
    port = urlsplit(session.url).port
    assert session.ask("stop", "POST", Origin=origin.format(port=port))[0] == 403
    assert not state_of(session)["stopping"]


def test_its_own_names_are_taken(session: Session) -> None:
    port = urlsplit(session.url).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        assert session.ask("state", Host=host, Origin=f"http://{host}")[0] == 200


def test_what_is_not_there(session: Session) -> None:
    assert session.ask("7/picture")[0] == 404
    assert session.ask("0/picture?after=x")[0] == 400
    assert session.ask("stop")[0] == 405


def test_an_open_page_takes_addresses_but_no_foreign_names() -> None:
    access = Access("0.0.0.0", 80)
    path = f"/{access.token}/state"
    assert access.is_open
    assert access.refuses("192.168.1.7:80", None, path) is None
    assert access.refuses("evil.example:80", None, path) is not None
    assert Access("127.0.0.1", 80).refuses("192.168.1.7:80", None, path) is not None


def test_tokens_cannot_be_guessed() -> None:
    tokens = {Access("127.0.0.1", 80).token for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32
