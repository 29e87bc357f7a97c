"""The commands in `docs/timelines.md` run, in order, on the output of the main job."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.fences import REPOSITORY, blocks

PAGE = REPOSITORY / "docs" / "timelines.md"
COMMAND = [sys.executable, "-c", "from jobs.timeline_cli import main; main()"]


def run(arguments: list[str], folder: Path) -> None:
    result = subprocess.run(
        [*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, f"{arguments}: {result.stderr}"
    assert "Traceback" not in result.stderr


def test_the_commands_run(finished_run: Path, tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(finished_run)
    conditions, people, windows = blocks(PAGE, "csv")
    (tmp_path / "conditions.csv").write_text(conditions.text)
    (tmp_path / "table.csv").write_text(people.text)
    (tmp_path / "windows.csv").write_text(windows.text)
    for block in blocks(PAGE, "sh"):
        for line in block.text.splitlines():
            name, *arguments = shlex.split(line)
            assert name == "emotion-timeline"
            run(arguments, tmp_path)
    made = {path.name for path in tmp_path.iterdir()}
    assert {
        "plots",
        "by_condition",
        "tracks.csv",
        "groups.csv",
        "files.csv",
        "csv",
        "people.xlsx",
    } <= made
    coded = {path.suffix for path in (tmp_path / "coded").rglob("*.*")}
    assert coded == {".eaf", ".boris", ".vtt", ".srt"}
    assert (tmp_path / "plots" / "sample_media" / "clips" / "coming_and_going.mp4.svg").is_file()


def test_the_columns_of_groups_are_on_the_page() -> None:
    from emotion_core.results.groups import COUNTS, MEASURES

    text = PAGE.read_text(encoding="utf-8")
    for name in (*COUNTS, *MEASURES):
        general = re.sub(
            r"^(certain_share|certain_mean|frame_share|share|mean_baseline|mean)_(?!without)\w+",
            r"\1_<emotion>",
            name,
        )
        assert f"`{general}`" in text, name
