"""A short run of the fuzz test; `make soak` runs a long one."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from random import Random

import pytest

from scripts.fuzz_media import fuzz, mutated
from scripts.fuzzing.mutate import MUTATIONS, mutate
from scripts.fuzzing.supervise import CRASHED, HUNG, Reader

FILES = 250
LIMIT_S = 60.0


def test_mutated_media_end_with_frames_or_one_clear_error(tmp_path: Path) -> None:
    findings = fuzz(iter(range(FILES)), seed=0, keep=tmp_path / "bad", limit_s=LIMIT_S)
    assert findings.bad == []
    assert findings.counts.total() == FILES
    # Neither so broken that nothing is read, nor so little that nothing is refused.
    assert min(findings.counts["read"], findings.counts["refused"]) > FILES // 10


def test_a_number_gives_the_same_file_again(tmp_path: Path) -> None:
    files = [tmp_path / "a.bin", tmp_path / "b.bin"]
    for path in files:
        path.write_bytes(bytes(range(256)) * 8)
    contents = [mutated(files, 1, number)[1] for number in range(50)]
    assert contents == [mutated(files, 1, number)[1] for number in range(50)]
    assert len(set(contents)) > 40


@pytest.mark.parametrize("change", sorted(set(MUTATIONS), key=lambda change: change.__name__))
def test_every_mutation_takes_files_of_any_length(change) -> None:  # type: ignore[no-untyped-def]
    for length in (1, 2, 3, 9, 2_000):
        for seed in range(50):
            assert isinstance(change(bytes(length), Random(seed)), bytes)
    assert mutate(b"", b"", Random(0)) == b""


def test_a_crash_and_a_hang_are_told_and_survived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "reader.py"
    script.write_text(
        "import os, signal, sys, time\n"
        "for line in sys.stdin:\n"
        "    if 'crash' in line: os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    if 'hang' in line: time.sleep(60)\n"
        '    print(\'["read", ""]\', flush=True)\n'
    )
    with Reader(0.5) as reader:
        monkeypatch.setattr(reader, "_command", [sys.executable, str(script)])
        assert reader.read(Path("good")) == ("read", "")
        assert reader.read(Path("crash")) == (CRASHED, signal.SIGSEGV.name)
        assert reader.read(Path("good")) == ("read", "")
        assert reader.read(Path("hang")) == (HUNG, "took over 0 s")
        assert reader.read(Path("good")) == ("read", "")
