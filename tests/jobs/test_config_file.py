"""Configuration files: what they set, what wins, what is refused, and a run's record as one."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq
import pytest

from emotion_core.errors import UsageError
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions, RenderOptions
from jobs.cli import command, configure
from jobs.config import JobConfig, RunOptions
from jobs.run import annotate

GROUP = Path(__file__).resolve().parents[2] / "sample_media" / "portraits" / "group"
CLIP = GROUP.parents[1] / "clips" / "phone" / "turned.mov"

CONFIGS = (
    JobConfig(
        ("/media/a", "/media/*.mp4", "@/media/list.txt"),
        Path("/results"),
        Path("/models/mine"),
        AnalysisOptions(
            sample_fps=2.5,
            start=0.1,
            end=90.0,
            min_face=20,
            max_faces=3,
            detection_threshold=0.4,
            detection_interval=0.5,
            mirror=True,
            baseline="0:30-0:45",
            identities=Path("/models/identifier"),
        ),
        RenderOptions("slow", 30, True),
        RunOptions(2, "10.0.0.1:6379", False, 17, True, True, True, 2.5),
    ),
    JobConfig(("/media",), Path("/results"), analysis=AnalysisOptions(stride=3), run=RunOptions(0)),
)


def parse(*arguments: object) -> dict[str, Any]:
    return command.make_context("annotate", list(map(str, arguments))).params


def config_of(*arguments: object) -> JobConfig:
    values = parse(*arguments)
    return configure(values, values["config"])


def toml(path: Path, **values: object) -> Path:
    # JSON writes text, truth values, numbers and lists as TOML does.
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
    return path


@pytest.mark.parametrize("config", CONFIGS)
def test_settings_are_read_as_they_were_written(tmp_path: Path, config: JobConfig) -> None:
    record = tmp_path / "run.json"
    record.write_text(json.dumps({"seconds": 1.0, "config": config.settings()}))
    assert config_of("--config", record) == config
    assert config_of("--config", toml(tmp_path / "run.toml", **config.settings())) == config


@pytest.mark.parametrize("part", ["analysis", "render", "run"])
def test_every_option_has_been_tried(part: str) -> None:
    parts = [getattr(config, part) for config in CONFIGS]
    for option in fields(parts[0]):
        assert any(getattr(tried, option.name) != option.default for tried in parts), option.name


def test_command_line_wins_over_file_and_file_over_default(tmp_path: Path) -> None:
    file = toml(
        tmp_path / "a.toml",
        input="media", stride=2, max_faces="largest", start="1:30", video=False, progress="json",
    )  # fmt: skip
    values = parse("--config", file, "--stride", "5", "--video")
    assert (values["stride"], values["max_faces"], values["start"]) == (5, 1, 90.0)
    assert (values["video"], values["progress"], values["min_face"]) == (True, "json", 40)
    assert values["inputs"] == (str(tmp_path / "media"),)
    assert parse("--config", file)["video"] is False
    assert parse("-i", "b", "-i", "c", "--config", file)["inputs"] == ("b", "c")


def test_paths_are_seen_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "study" / "lists").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("HOME", str(tmp_path))
    file = toml(
        tmp_path / "study" / "lists" / "a.toml",
        input=["../videos", "clips/*.mp4", "@names.txt", "/media", "~/films"],
        output="../out",
        identities="../identifier",
    )
    config = config_of("--config", "../study/lists/a.toml")
    assert config.inputs == (
        f"{tmp_path}/study/videos",
        f"{file.parent}/clips/*.mp4",
        f"@{file.parent}/names.txt",
        "/media",
        f"{tmp_path}/films",
    )
    assert config.output == tmp_path / "study" / "out"
    assert config.analysis.identities == tmp_path / "study" / "identifier"
    assert config.model == DEFAULT_BUNDLE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min-fase = 60", ("'min-fase'", "did you mean 'min-face'")),
        ("[analysis]\nstride = 2", ("'analysis'", "there are", "stride")),
        ("config = 'b.toml'", ("'config'",)),
        ("stride = 0", ("stride = 0", "range")),
        ("stride = 2.5", ("stride = 2.5", "a whole number")),
        ("stride = true", ("stride = true", "a whole number")),
        ("stride = '2'", ('stride = "2"', "a whole number")),
        ("sample_fps = 'fast'", ('sample_fps = "fast"', "a number")),
        ("detection-threshold = nan", ("--detection-threshold", "outside")),
        ("video = 1", ("video = 1", "true or false")),
        ("preset = 'warp'", ('preset = "warp"', "veryfast")),
        ("start = 00:01:30", ('start = "00:01:30"', "a number of seconds")),
        ("baseline = 'soon'", ('baseline = "soon"', "START-END")),
        ("identities = true", ("identities = true", "text in quotes")),
        ("start = 'soon'", ('start = "soon"', "neither seconds")),
        ("max-faces = 'all'", ('max-faces = "all"', "largest")),
        ("input = [1]", ("input = [1]", "text in quotes")),
        ("output = {}", ("output = {}", "text in quotes")),
        ("min_face = 50\nmin-face = 60", ("min-face", "twice")),
        ("stride = 2\nsample-fps = 3", ("exclude each other",)),
        ("stride 2", ("not valid TOML", "line 1")),
        ("preset = '\udcff'", ("not UTF-8",)),
    ],
)
def test_faults_name_file_and_option(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text, errors="surrogateescape")
    with pytest.raises((click.UsageError, UsageError)) as caught:
        config_of("--config", file, "--input", "media")
    assert str(caught.value).startswith(f"{file}: ")
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.toml", None, "cannot be read (No such file"),
        ("list.json", "[]", "no run.json"),
        ("old.json", '{"seconds": 1}', "no run.json"),
        ("cut.json", '{"config": {', "not valid JSON"),
    ],
)
def test_files_that_are_no_configuration(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(click.UsageError) as caught:
        parse("--config", tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_inputs_must_stand_somewhere(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--input"):
        config_of("--config", toml(tmp_path / "a.toml", stride=2))


def test_live_sources_are_seen_from_the_file_s_folder(tmp_path: Path) -> None:
    file = tmp_path / "live.toml"
    file.write_text('webcam = [0, "clip.mp4", "rtsp://camera/x"]\n')
    values = parse("--config", file)
    assert values["webcam"] == ("0", str(tmp_path / "clip.mp4"), "rtsp://camera/x")


def test_a_run_repeated_from_its_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names.txt").write_text(f"{GROUP}\n{CLIP}\n")
    first = config_of(
        "-i", "@names.txt", "-o", "first", "--sample-fps", "4", "--end", "0:01.5",
        "--min-face", "30", "--no-video", "--workers", "0",
    )  # fmt: skip
    assert not annotate(first).failed
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = config_of("--config", "../first/run.json", "--output", "second")
    assert not annotate(again).failed
    records = [
        json.loads((folder / "run.json").read_text())["config"]
        for folder in (tmp_path / "first", tmp_path / "elsewhere" / "second")
    ]
    assert records[0] | {"output": records[1]["output"]} == records[1]
    timelines = sorted((tmp_path / "first" / "timelines").rglob("*.parquet"))
    assert len(timelines) == 2
    for timeline in timelines:
        repeated = tmp_path / "elsewhere" / "second" / timeline.relative_to(tmp_path / "first")
        assert pq.read_table(repeated).equals(pq.read_table(timeline))
