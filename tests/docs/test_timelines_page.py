"""Every block of code in `docs/timelines.md` runs, in order, on the output of the main job."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "timelines.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = [sys.executable, "-c", "from jobs.timeline_cli import main; main()"]


def run(command: list[str], folder: Path) -> None:
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, f"{command}: {result.stderr}"
    assert "Traceback" not in result.stderr


def test_the_examples_run(finished_run: Path, tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(finished_run)
    kinds = []
    for kind, code in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        kinds.append(kind)
        if kind == "csv":
            (tmp_path / "conditions.csv").write_text(code)
        elif kind == "python":
            run([sys.executable, "-W", "error", "-c", code], tmp_path)
        else:
            for line in code.splitlines():
                name, *arguments = shlex.split(line)
                assert name == "emotion-timeline"
                run([*COMMAND, *arguments], tmp_path)
    assert set(kinds) == {"sh", "csv", "python"}
    made = {path.name for path in tmp_path.iterdir()}
    assert {"plots", "by_condition", "tracks.csv", "groups.csv", "happy.png", "csv"} <= made
    assert (tmp_path / "plots" / "sample_media" / "clips" / "coming_and_going.mp4.svg").is_file()


def test_the_columns_of_groups_are_on_the_page() -> None:
    from emotion_core.results.groups import COUNTS, MEASURES

    text = PAGE.read_text(encoding="utf-8")
    for name in (*COUNTS, *MEASURES):
        general = re.sub(r"^(share|mean)_(?!without)\w+", r"\1_<emotion>", name)
        assert f"`{general}`" in text, name
