"""Files that name other files or addresses: nothing else is opened, and nobody is called."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.odd_media.container_cases import HOSTILE
from tests import clips

RUN_TIMEOUT_S = 120
OPENED = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]+)"')


@pytest.fixture(scope="module")
def trace(annotate_script: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """System calls of a run over a folder of playlists and lists, beside what they name."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is missing: apt-get install strace")
    folder = tmp_path_factory.mktemp("hostile")
    media, calls = folder / "media", folder / "calls"
    media.mkdir()
    for case in HOSTILE:
        case.make(media / case.name)
    (media / "named").mkdir()
    secret = clips.make_mpeg_ts(folder / "secret.ts", frames=5)
    for name, text in {
        "relative.mp4": "#EXTM3U\n#EXTINF:1,\n../secret.ts\n#EXT-X-ENDLIST\n",
        "absolute.ts": f"#EXTM3U\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        "unsafe.mkv": f"ffconcat version 1.0\nfile '{secret}'\n",
        "plain.mov": "ffconcat version 1.0\nfile secret.ts\n",
    }.items():
        (media / name).write_text(text)
    # This one lies in the folder itself, and is read for what it is, whatever it is called.
    shutil.copy(secret, media / "secret.ts.kept")
    tracer = [strace, "-f", "--seccomp-bpf", "-s", "300", "-e", "trace=open,openat,connect,sendto"]
    subprocess.run(
        [*tracer, "-o", calls, annotate_script, "--input", media, "--output", folder / "out",
         "--workers", "0"],
        timeout=RUN_TIMEOUT_S,
        capture_output=True,
        check=False,
    )  # fmt: skip
    failures = (folder / "out" / "failures.jsonl").read_text().splitlines()
    assert len(failures) == len(HOSTILE) + 4
    return calls.read_text(errors="replace").splitlines()


def test_what_they_name_is_not_opened(trace: list[str]) -> None:
    opened = {match[1] for line in trace if (match := OPENED.search(line))}
    assert any(path.endswith("/media/playlist.mp4") for path in opened)
    assert any(path.endswith("/media/secret.ts.kept") for path in opened)
    assert not [path for path in opened if path.endswith("/secret.ts") or path == "/etc/passwd"]


def test_nobody_is_called(trace: list[str]) -> None:
    assert not [line for line in trace if "sa_family=AF_INET" in line]
