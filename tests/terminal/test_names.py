"""Names of files and other foreign text reach a terminal in printable form, never as markup."""

from __future__ import annotations

import ast
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from emotion_core.errors import EmotionError
from emotion_core.terminal import set_up_logging
from jobs.timeline_cli import command as timeline
from training.cli import main as training

ROOT = Path(__file__).resolve().parents[2]
STILL = ROOT / "sample_media" / "portraits" / "grace_hopper.jpg"
HOSTILE = ["a[/x].jpg", "[bold]b.jpg", "\x1b]0;owned\x07c.jpg", "d\nError: e\x9b31m\u202egpj.jpg"]
DRIVES = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\x1b\\]")
MODULES = {"annotate": "jobs.cli", "emotion-timeline": "jobs.timeline_cli"}
OWNERS = {"emotion_core/terminal.py"}


def on_a_terminal(program: str, *arguments: object) -> tuple[int, str]:
    """Run it on a terminal of its own, 80 columns wide; exit code and all it shows."""
    module = MODULES.get(program, "training.cli")
    code = f"import sys; sys.argv[0] = {program!r}; from {module} import main; main()"
    process, descriptor = pty.fork()
    if process == 0:
        environment = os.environ | {"COLUMNS": "80", "TERM": "xterm"}
        command = [sys.executable, "-c", code, *map(str, arguments)]
        os.execve(sys.executable, command, environment)
    shown = b""
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(descriptor)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown.decode()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("hostile")
    for name in HOSTILE:
        still = folder / "in" / name
        still.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(STILL, still)
    (folder / "in" / "broken\x1b[2J\n.jpg").write_bytes(b"no picture")
    code, shown = on_a_terminal(
        "annotate", "-i", folder / "in", "-o", folder / "out", "--workers", "0"
    )
    assert code == 1, shown
    return folder / "out", shown


def test_a_run(run: tuple[Path, str]) -> None:
    shown = run[1]
    assert not DRIVES.search(shown.replace("\x1b[", ""))
    for name in ("a[/x].jpg", "[bold]b.jpg", r"\x1b]0;owned\x07c.jpg", r"d\nError: e\x9b31m"):
        assert name in shown
    assert "\x1b[2J" not in shown


def test_the_first_line_is_clean(run: tuple[Path, str]) -> None:
    """What a bar of progress has drawn is wiped before a line is printed."""
    lines = [line.rpartition("\x1b[2K")[2].strip() for line in run[1].split("\n")]
    assert lines[0] == "5 files to do."


@pytest.mark.parametrize("command", sorted(timeline.commands))
def test_commands_of_timelines(command: str, run: tuple[Path, str], tmp_path: Path) -> None:
    rest_files = tmp_path / "rest.csv"
    rest_files.write_text("file,baseline\n[bold]b.jpg,a[/x].jpg\n")
    rest = {
        "baseline": ("--baseline-from", rest_files, "--output", tmp_path / "b"),
        "summary": (), "validate": (), "plot": ("--output", tmp_path / "p"),
        "intervals": ("--output", tmp_path / "i.csv"),
        "export": ("--to", "csv", "--output", tmp_path / "e"),
        "resample": ("--every", "1s", "--output", tmp_path / "r"),
        "merge": ("--output", tmp_path / "m"),
    }  # fmt: skip
    code, shown = on_a_terminal("emotion-timeline", command, run[0], *rest.get(command, ()))
    # Stills have no time to resample, and no person at rest.
    assert code == (2 if command in ("resample", "baseline") else 0), shown
    assert "Traceback" not in shown
    assert not DRIVES.search(re.sub("\x1b\\[[0-9;]*m", "", shown))


def test_the_table_has_whole_short_names(run: tuple[Path, str]) -> None:
    shown = re.sub("\x1b\\[[0-9;]*m", "", on_a_terminal("emotion-timeline", "summary", run[0])[1])
    assert "in/a[/x].jpg" in shown
    assert "in/[bold]b.jpg" in shown
    assert "…" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("program", [timeline, training], ids=["timeline", "training"])
def test_what_is_missing_is_named_in_printable_form(program: click.Group, tmp_path: Path) -> None:
    """Every command, with a hostile name for each file that it wants."""
    hostile = tmp_path / "n\x1b[2J\n\u202ex[/x]"
    for name, command in program.commands.items():
        context = click.Context(command)
        arguments = [name]
        for parameter in command.params:
            wanted = parameter.required or parameter.name in {"images", "by", "bundle", "data"}
            if not wanted or isinstance(parameter.type, click.Choice | click.IntRange):
                continue
            value = "1s" if parameter.name == "every" else str(hostile)
            is_option = isinstance(parameter, click.Option)
            arguments += [parameter.opts[0], value] if is_option else [value]
        module = "jobs.timeline_cli" if program is timeline else "training.cli"
        code = f"from {module} import main; main()"
        shown = subprocess.run(
            [sys.executable, "-c", code, *arguments, "\x1b[2Jmore"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert shown.returncode == 2, (name, shown)
        assert "\x1b" not in shown.stderr + shown.stdout, name
        assert "\u202e" not in shown.stderr + shown.stdout, name
        assert context.command is command


def test_errors_and_logs_are_printable(capfd: pytest.CaptureFixture[str]) -> None:
    error = EmotionError("a\x1b[2J\nError: b.mp4", "is \u202eno video")
    assert str(error) == r"a\x1b[2J\nError: b.mp4: is \u202eno video"
    code = (
        "import logging; from emotion_core.terminal import set_up_logging\n"
        "set_up_logging('warning'); logging.warning('%s', 'a\\x1b[2J\\nERROR b')"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stderr
    assert shown == "WARNING root: a\\x1b[2J\n  ERROR b\n"
    assert set_up_logging.__doc__


def test_nothing_else_writes_to_the_terminal() -> None:
    """`click.echo`, `print` and rich consoles are used by the owner alone."""
    allowed = OWNERS | {"jobs/progress.py"}
    found = []
    for package in ("emotion_core", "jobs", "training"):
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name in allowed:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    called = ast.unparse(node.func)
                    if called in {"print", "click.echo", "click.secho", "Console", "echo"}:
                        found.append(f"{name}:{node.lineno}")
    assert found == []
