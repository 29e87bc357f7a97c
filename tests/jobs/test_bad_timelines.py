"""A file that is no sound timeline ends every command in one message, and leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import emotion_core
from emotion_core.errors import MediaError
from emotion_core.timeline.store import METADATA_KEY
from jobs.exit_codes import ExitCode
from jobs.timeline_cli import command

CLIP = Path("timelines") / "sample_media" / "clips" / "coming_and_going.mp4.parquet"

COMMANDS = {
    "summary": ("summary", "OUT"),
    "by condition": ("summary", "OUT", "--by", "conditions.csv"),
    "transitions": ("summary", "OUT", "--transitions", "made.csv"),
    "intervals": ("intervals", "OUT", "-o", "made.csv"),
    "plot": ("plot", "OUT", "-o", "made"),
    "csv": ("export", "OUT", "--to", "csv", "-o", "made"),
    "elan": ("export", "OUT", "--to", "elan", "-o", "made"),
    "resample": ("resample", "OUT", "--every", "100ms", "-o", "made"),
    "merge": ("merge", "OUT", "-o", "made"),
}


def with_metadata(content: bytes) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.replace_schema_metadata({METADATA_KEY: content})


def with_type(name: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(
        table.column_names.index(name), name, table[name].cast(kind)
    )


CHANGES: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "version": (with_metadata(b'{"schema_version": 2}'), "has schema version 2, but this version"),
    "garbled": (with_metadata(b"{garbled"), "has metadata that are no timeline's: annotate it"),
    "list": (with_metadata(b"[1]"), "has metadata that are no timeline's: annotate it"),
    "foreign": (lambda table: table.replace_schema_metadata({}), "is not a timeline of"),
    "unknown": (
        lambda table: table.append_column("mood", pa.nulls(len(table))),
        "has columns that no timeline has (mood): take them out, and keep columns of your own in",
    ),
    "missing": (lambda table: table.drop_columns("gap"), "lacks columns (gap): annotate it again"),
    "text": (with_type("p_sad", pa.string()), "p_sad has type string, not float: annotate it"),
    "tracks": (with_type("track", pa.string()), "track has type string, not int32: annotate it"),
}


def write_bad(kind: str, path: Path, sound: Path) -> str:
    """Write one; what is said of it."""
    content = sound.read_bytes()
    match kind:
        case "empty":
            path.touch()
        case "truncated":
            path.write_bytes(content[: len(content) // 2])
        case "no Parquet":
            path.write_text("frame,track\n1,0\n")
        case _:
            change, words = CHANGES[kind]
            pq.write_table(change(pq.read_table(sound)), path)
            return words
    return "is not a readable Parquet file ("


@pytest.mark.parametrize("kind", ["empty", "truncated", "no Parquet", *CHANGES])
def test_each_command_names_the_file_and_what_to_do(
    kind: str, tmp_path: Path, finished_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conditions.csv").write_text("file,device\ncoming_and_going.mp4,studio\n")
    bad = Path("bad.parquet")
    words = write_bad(kind, bad, finished_run / CLIP)
    before = set(tmp_path.rglob("*"))
    for name, arguments in COMMANDS.items():
        wanted = [str(bad) if word == "OUT" else word for word in arguments]
        result = CliRunner().invoke(command, wanted)
        assert result.exit_code == ExitCode.NOT_STARTED, (name, result.exception)
        assert result.stderr.startswith(f"Error: bad.parquet: {words}"), name
        assert result.stderr.count("\n") == 1, name
        assert result.stdout == "", name
        made = {path for path in tmp_path.rglob("*") if path.is_file()} - before
        assert not made, name
    with pytest.raises(MediaError) as caught:
        emotion_core.read_timeline(bad)
    assert str(caught.value).startswith(f"bad.parquet: {words}")
    result = CliRunner().invoke(command, ["validate", str(bad)])
    assert result.exit_code == 1
    assert result.stdout.startswith(f"bad.parquet: {words}")


def test_a_column_that_is_not_read_counts_too(finished_run: Path, tmp_path: Path) -> None:
    metadata = json.loads(pq.read_schema(finished_run / CLIP).metadata[METADATA_KEY])
    assert metadata["schema_version"] == 1
    pq.write_table(pq.read_table(finished_run / CLIP).drop_columns("gap"), tmp_path / "a.parquet")
    with pytest.raises(MediaError, match=r"lacks columns \(gap\)"):
        emotion_core.read_timeline(tmp_path, columns=["frame"])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("missing.mp4,a\n", "line 2: 'missing.mp4' has no timeline"),
        ("turned.mov,a\nturned,b\n", "lines 2 and 3 both name sample_media/clips/phone/turned.mov"),
        ("turned.mov,a\nnone,b\n", "line 3: 'none' has no timeline"),
    ],
)
def test_conditions_of_files_that_are_not_there(
    finished_run: Path, tmp_path: Path, lines: str, words: str
) -> None:
    table = tmp_path / "conditions.csv"
    table.write_text(f"file,device\n{lines}")
    for arguments in (["summary"], ["plot", "-o", str(tmp_path / "plots")]):
        result = CliRunner().invoke(
            command, [arguments[0], str(finished_run), "--by", str(table), *arguments[1:]]
        )
        assert result.exit_code == ExitCode.NOT_STARTED
        assert f"Error: {table}: {words}" in result.stderr
        assert not (tmp_path / "plots").exists()
