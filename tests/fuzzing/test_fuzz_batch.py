"""A small batch of mutated media through `annotate`; `make soak` runs a large one."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.fuzz_batch import judge_failures, run_batch, write_batch

FILES = 30


def test_a_batch_of_mutated_media_ends_and_is_done_once(tmp_path: Path) -> None:
    media, output = write_batch(tmp_path / "in", FILES, seed=3), tmp_path / "out"
    counts, faults = run_batch(media, output, "--workers", "2")
    assert faults == []
    assert min(counts["files_done"], counts["files_failed"]) > FILES // 10
    stages, unclear = judge_failures(output)
    assert (stages.total(), unclear) == (counts["files_failed"], {})
    again, faults = run_batch(media, output, "--workers", "0")
    assert faults == []
    assert (again["files_done"], again["files_done_before"]) == (0, counts["files_done"])


def test_a_batch_that_ends_badly_is_told(tmp_path: Path) -> None:
    media, output = write_batch(tmp_path / "in", 3, seed=3), tmp_path / "out"
    output.write_text("no folder")
    counts, (fault,) = run_batch(media, output, "--workers", "0")
    assert counts == {}
    assert fault.startswith("annotate ended with 2: ")


def test_failures_that_say_nothing_clear_are_told(tmp_path: Path) -> None:
    clear = {"path": "/in/a.mp4", "stage": "index", "error": "is no video", "attempts": 1}
    lines = [
        clear,
        clear | {"path": "/in/b.mp4", "attempts": 3, "error": "a worker died 3 times on it"},
        clear | {"path": "/in/c.mp4", "traceback": "Traceback: …"},
        clear | {"path": "/in/d.mp4", "error": "one line\nand another"},
    ]
    (tmp_path / "failures.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    stages, unclear = judge_failures(tmp_path)
    assert stages == {"index": 4}
    assert sorted(unclear) == ["b.mp4", "c.mp4", "d.mp4"]
