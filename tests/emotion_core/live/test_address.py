"""What `--webcam` takes, and what it says to the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_core.errors import UsageError
from emotion_core.live import address
from emotion_core.live.address import Address, SourceKind, absolute_source, parse_address


@pytest.mark.parametrize("scheme", address.PROTOCOLS)
def test_urls_are_streams(scheme: str) -> None:
    parsed = parse_address(f"{scheme}://10.0.0.7:5004/video")
    assert (parsed.kind, parsed.name) == (SourceKind.STREAM, "10.0.0.7")


def test_passwords_are_not_shown() -> None:
    parsed = parse_address("rtsp://me:secret@cam.example:554/h264?token=secret")
    assert "secret" in parsed.target
    assert str(parsed) == "rtsp://cam.example:554/h264"


def test_files_are_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a clip.mp4").touch()
    monkeypatch.chdir(tmp_path)
    parsed = parse_address("a clip.mp4")
    assert parsed == Address(SourceKind.FILE, str(tmp_path / "a clip.mp4"))
    assert parsed.name == "a_clip"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("missing.mp4", "is no file"),
        ("ftp://host/clip", "ftp:// is not read"),
        ("rtsp://", "is no complete URL"),
        ("http://host:port/", "is no complete URL"),
        ("file:///etc/passwd", "is no complete URL"),
        ("97", "no such camera"),
        ("/dev/video98", "no such camera"),
    ],
)
def test_what_cannot_be_a_source_is_said(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_address(text)


def test_a_device_that_is_no_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "video0").touch()
    monkeypatch.setattr(address, "DEVICES", tmp_path)
    with pytest.raises(UsageError, match="is no camera"):
        parse_address("0")
    with pytest.raises(UsageError, match=r"there are .*video0"):
        parse_address("1")


def test_only_files_depend_on_the_folder(tmp_path: Path) -> None:
    assert absolute_source("0", tmp_path) == "0"
    assert absolute_source("rtsp://host/x", tmp_path) == "rtsp://host/x"
    assert absolute_source("clip.mp4", tmp_path) == str(tmp_path / "clip.mp4")
