"""A small batch of real media for kill tests, and what an uninterrupted run makes of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import clips
from tests.snapshot import snapshot

ANNOTATE = Path(sys.executable).parent / "annotate"
SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
FACES = SAMPLES / "clips" / "phone" / "turned.mov"
STILLS = SAMPLES / "portraits"
OPTIONS = ("--preset", "ultrafast", "--segment-frames", "20", "--progress", "none")
RUN_TIMEOUT_S = 1200


def make_batch(folder: Path) -> Path:
    """Clips that are read in pieces and in order, one begun anew, stills, and a file that fails."""
    folder.mkdir()
    shutil.copy(FACES, folder / "faces.mov")
    clips.make_h264(folder / "plain.mp4")
    clips.make_mpeg_ps(folder / "program.mpg")
    clips.make_undecodable(folder / "broken.mp4", broken=(20,))
    clips.make_text_file(folder / "text.mp4")
    for still in sorted(STILLS.rglob("*.jpg")):
        shutil.copy(still, folder)
    return folder


def command(media: Path, output: Path, workers: int) -> list[str]:
    """One run of the batch."""
    places = ("--input", str(media), "--output", str(output))
    return [str(ANNOTATE), *places, "--workers", str(workers), *OPTIONS]


def run_whole(media: Path, output: Path) -> dict[str, str]:
    """An uninterrupted run's results."""
    subprocess.run(command(media, output, 0), timeout=RUN_TIMEOUT_S, check=False)
    assert json.loads((output / "run.json").read_text())["complete"]
    return results(output)


def results(output: Path) -> dict[str, str]:
    """All files of a finished run with their hashes; attempts at what failed may vary."""
    found = snapshot(output)
    failures = (output / "failures.jsonl").read_text().splitlines()
    found["failures.jsonl"] = "\n".join(sorted(map(_without_attempts, failures)))
    return found


def outputs(output: Path) -> dict[str, str]:
    """Timelines and copies that are there, maybe after a kill; temporary files are not meant."""
    found = snapshot(output) if output.exists() else {}
    return {
        name: digest
        for name, digest in found.items()
        if name.startswith(("timelines/", "annotated/")) and not name.endswith(".part")
    }


def _without_attempts(line: str) -> str:
    failure: dict[str, Any] = json.loads(line)
    return json.dumps({**failure, "attempts": None}, sort_keys=True)
