"""A password in the address of a stream is shown nowhere, however wrongly that is written."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from emotion_core.errors import UsageError
from emotion_core.live.address import parse_address, shown_source
from emotion_core.printable import printable
from jobs.cli import command
from jobs.live.config import LiveConfig

BROKEN = [
    "rtsp://user:geh#eim@host/x",
    "rtsp://user:12#34@host/x",
    "rtsp://user:geh/eim@host/x",
    "rtsp://user:geh?eim@host/x",
    "rtsp://user:geh eim@host/x",
    "rtsp://user:[geheim@host/x",
    "RTSP://user:geh#eim@host/x",
    "rtsp://user:geh@12#eim@host/x",
    "rtsp:/user:geheim@host/x",
    "rtsp//user:geheim@host/x",
    "user:geheim@host/x",
    "rtsp://user:geheim@/x",
    "rtsp://user:geheim@host:0/x",
    "gopher://user:geheim@host/x",
]
READ = [
    "rtsp://user:geheim@host/x",
    "RTSP://user:geheim@host/x",
    "rtsp://user:geh@eim@host/x",
    "rtsp://user:geh%23eim@host/x?token=geheim",
    "rtsp://user:12/34@host/x",
    "rtsp://user:12?34@host/x",
]
SECRETS = ("user", "geh", "eim", "12", "34")


@pytest.mark.parametrize("url", BROKEN)
def test_what_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_address(url)
    message = str(refused.value).replace("user name", "")
    assert not any(secret in message for secret in SECRETS), message
    if not url.startswith("gopher"):
        assert "# is written %23" in message


@pytest.mark.parametrize("url", READ)
def test_what_is_read(url: str) -> None:
    address = parse_address(url)
    settings = json.dumps(LiveConfig((address,)).settings()["webcam"])
    for shown in (str(address), address.name, address.title, settings, shown_source(url)):
        assert not any(secret in shown for secret in SECRETS), shown
    assert address.target[4:] == url[4:]
    assert address.scheme == "rtsp"


@pytest.mark.parametrize("url", [*BROKEN, *READ])
@pytest.mark.parametrize("option", [[], ["--input"], ["--webcam"]])
def test_the_command_line(url: str, option: list[str], tmp_path: Path) -> None:
    arguments = [*option, url, "--dry-run", "--output", str(tmp_path / "o")]
    shown = CliRunner().invoke(command, arguments).output.replace("user name", "")
    assert shown
    assert not any(secret in shown for secret in ("user", "geh", "eim")), shown


def test_an_address_without_a_secret_is_shown_whole() -> None:
    assert str(parse_address("rtsp://host:554/door")) == "rtsp://host:554/door"
    assert printable("http://host/a: no answer") == "http://host/a: no answer"
