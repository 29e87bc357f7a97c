"""The command `emotion-timeline` as a user runs it: what it prints, writes and refuses."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from emotion_core.labels import EMOTIONS
from jobs.exit_codes import ExitCode

CODE = "from jobs.timeline_cli import main; main()"


def emotion_timeline(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", CODE, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in result.stderr
    return result


@pytest.fixture
def conditions(tmp_path: Path) -> Path:
    path = tmp_path / "conditions.csv"
    path.write_text("file,place\nturned,street\nvariable_rate.mp4,street\nbroken,lab\n")
    return path


def test_summary_to_read(finished_run: Path) -> None:
    result = emotion_timeline("summary", finished_run)
    assert result.returncode == ExitCode.DONE, result.stderr
    (line,) = (line for line in result.stdout.splitlines() if "turned.mov" in line)
    assert line.split() == [
        "sample_media/clips/phone/turned.mov", "0", "3.2", "neutral", "100", "0", "0", "19",
    ]  # fmt: skip


def test_summary_as_data(finished_run: Path, tmp_path: Path) -> None:
    saved = pq.read_table(finished_run / "summary.parquet")
    result = emotion_timeline("summary", finished_run, "--to", "csv")
    assert pa.csv.read_csv(io.BytesIO(result.stdout.encode())).num_rows == len(saved)
    result = emotion_timeline("summary", finished_run, "--to", "json")
    assert [json.loads(line) for line in result.stdout.splitlines()] == saved.to_pylist()
    path = tmp_path / "tracks.parquet"
    assert emotion_timeline("summary", finished_run, "-o", path).returncode == ExitCode.DONE
    assert pq.read_table(path).equals(saved)


def test_transitions(finished_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "transitions.csv"
    result = emotion_timeline("summary", finished_run, "--transitions", path)
    assert result.returncode == ExitCode.DONE, result.stderr
    assert "turned.mov" in result.stdout
    saved = pq.read_table(finished_run / "summary.parquet").to_pylist()
    rows = pa.csv.read_csv(path).to_pylist()
    assert len(rows) == 42 * sum(row["duration_us"] is not None for row in saved)
    assert sum(row["count"] for row in rows) == sum(
        row["transitions"] for row in saved if row["duration_us"] is not None
    )


def test_summary_by_condition(finished_run: Path, conditions: Path, tmp_path: Path) -> None:
    result = emotion_timeline("summary", finished_run, "--by", conditions)
    assert result.returncode == ExitCode.DONE, result.stderr
    assert "± 71" in result.stdout
    assert "eileen_collins.jpg" in result.stderr
    assert "(5 in all)" in result.stderr
    path = tmp_path / "groups.csv"
    emotion_timeline("summary", finished_run, "--by", conditions, "-o", path)
    rows = pa.csv.read_csv(path).to_pylist()
    assert [(row["place"], row["files"], row["faces"]) for row in rows] == [
        ("street", 2, 2), ("lab", 1, 1),
    ]  # fmt: skip
    assert rows[0]["share_happy"] == 0.5
    assert rows[1]["share_happy_sd"] is None
    # Its frame that could not be decoded does not count as one without a face.
    assert rows[1]["share_without_face"] == 0
    files = tmp_path / "files.csv"
    emotion_timeline("summary", finished_run, "--by", conditions, "--per", "file", "-o", files)
    rows = pa.csv.read_csv(files).to_pylist()
    assert [row["place"] for row in rows] == ["street", "street", "lab"]
    assert all(row["source"] for row in rows)
    result = emotion_timeline("summary", finished_run, "--by", conditions, "--per", "file")
    assert "files" not in result.stdout.splitlines()[0]
    assert rows[0]["source"] in result.stdout
    pairs = tmp_path / "pairs.csv"
    emotion_timeline("summary", finished_run, "--by", conditions, "--transitions", pairs)
    named = pa.csv.read_csv(files)["source"].to_pylist()
    assert set(pa.csv.read_csv(pairs)["source"].to_pylist()) == set(named)
    result = emotion_timeline("summary", finished_run, "--per", "file")
    assert result.returncode == ExitCode.NOT_STARTED
    assert "--per file needs --by" in result.stderr


def test_plot(finished_run: Path, conditions: Path, tmp_path: Path) -> None:
    timelines = finished_run / "timelines" / "sample_media" / "clips" / "phone"
    conditions.write_text("file,place\nturned,street\nvariable_rate,lab\n")
    result = emotion_timeline(
        "plot", timelines, "-o", tmp_path / "plots", "--by", conditions, "--to", "svg"
    )
    assert result.returncode == ExitCode.DONE, result.stderr
    assert {Path(line).name for line in result.stdout.splitlines()} == {
        "turned.mov.svg", "variable_rate.mp4.svg", "shares.svg",
    }  # fmt: skip
    assert all(Path(line).is_file() for line in result.stdout.splitlines())


def test_characters_that_no_font_has_are_told_in_a_line(finished_run: Path, tmp_path: Path) -> None:
    phone = finished_run / "timelines" / "sample_media" / "clips" / "phone"
    rows = pq.read_table(phone / "turned.mov.parquet")
    source = pa.array(["in/\U0001378f.mov"] * len(rows)).dictionary_encode()
    renamed = rows.set_column(0, "source", source).cast(rows.schema)
    pq.write_table(renamed, tmp_path / "x.mov.parquet")
    result = emotion_timeline("plot", tmp_path, "-o", tmp_path / "plots", "--to", "png")
    assert result.returncode == ExitCode.DONE, result.stderr
    assert (tmp_path / "plots" / "x.mov.png").is_file()
    lines = result.stderr.splitlines()
    assert [line.partition(": ")[2][:30] for line in lines] == [
        "no font that is installed has "
    ] * 2


def test_plot_of_values_less_a_baseline(finished_run: Path, tmp_path: Path) -> None:
    phone = finished_run / "timelines" / "sample_media" / "clips" / "phone"
    rows = pq.read_table(phone / "turned.mov.parquet")
    for emotion in EMOTIONS:
        place = rows.schema.get_field_index(f"baseline_{emotion}")
        rows = rows.set_column(place, rows.field(place), rows[f"p_{emotion}"])
    (tmp_path / "out").mkdir()
    pq.write_table(rows, tmp_path / "out" / "turned.mov.parquet")
    shutil.copy(phone / "variable_rate.mp4.parquet", tmp_path / "out")
    result = emotion_timeline(
        "plot", tmp_path / "out", "--baseline", "-o", tmp_path / "plots", "--to", "svg"
    )
    assert result.returncode == ExitCode.DONE, result.stderr
    drawn, shares = (Path(line) for line in result.stdout.splitlines())
    assert (drawn.name, shares.name) == ("turned.mov.svg", "shares.svg")
    assert "variable_rate.mp4.parquet: no track has values less a baseline" in result.stderr


def test_validate(finished_run: Path, tmp_path: Path) -> None:
    result = emotion_timeline("validate", finished_run)
    assert (result.returncode, result.stdout) == (ExitCode.DONE, "")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    result = emotion_timeline("validate", tmp_path)
    assert result.returncode == ExitCode.SOME_FAILED
    assert result.stdout.startswith(f"{tmp_path / 'a.parquet'}: is not a readable Parquet file")
    assert emotion_timeline("validate", tmp_path / "none").returncode == ExitCode.NOT_STARTED


def test_export(finished_run: Path, tmp_path: Path) -> None:
    result = emotion_timeline("export", finished_run, "--to", "csv", "-o", tmp_path / "csv")
    assert result.returncode == ExitCode.DONE, result.stderr
    assert len(list((tmp_path / "csv").rglob("*.csv"))) == len(result.stdout.splitlines()) == 7
    path = tmp_path / "all.jsonl"
    emotion_timeline("export", finished_run, "--to", "json", "-o", path, "--merge")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["status"] for line in lines} >= {"ok", "no_face", "undecodable"}


def test_export_of_intervals(finished_run: Path, tmp_path: Path) -> None:
    for form, ending, files in (
        ("elan", "eaf", 5), ("boris", "boris", 1), ("webvtt", "vtt", 5), ("srt", "srt", 5),
    ):  # fmt: skip
        folder = tmp_path / form
        result = emotion_timeline("export", finished_run, "--to", form, "-o", folder)
        assert result.returncode == ExitCode.DONE, result.stderr
        assert len(list(folder.rglob(f"*.{ending}"))) == len(result.stdout.splitlines()) == files
    result = emotion_timeline(
        "export", finished_run, "--to", "webvtt", "-o", folder, "--min-duration", "60"
    )
    assert {Path(line).read_text() for line in result.stdout.splitlines()} == {"WEBVTT\n"}


def test_intervals(finished_run: Path, tmp_path: Path) -> None:
    saved = pq.read_table(finished_run / "intervals.parquet")
    path = tmp_path / "again.parquet"
    result = emotion_timeline("intervals", finished_run, "-o", path)
    assert result.returncode == ExitCode.DONE, result.stderr
    again = pq.read_table(path)
    assert again.to_pylist() == saved.to_pylist()
    assert again.schema.equals(saved.schema, check_metadata=True)
    strict = ("--enter", "0.9", "--leave", "0.8", "--min-duration", "0.1", "--bridge", "0")
    path = tmp_path / "strict.jsonl"
    emotion_timeline("intervals", finished_run, "-o", path, *strict)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert 0 < len(rows) < len(saved)
    assert all(row["apex_probability"] >= 0.9 - 1e-6 for row in rows)
    emotion_timeline("intervals", finished_run, "-o", tmp_path / "a.csv")
    assert pa.csv.read_csv(tmp_path / "a.csv").num_rows == len(saved)


def test_resample_and_merge(finished_run: Path, tmp_path: Path) -> None:
    result = emotion_timeline(
        "resample", finished_run, "--every", "0.5s", "--to", "json", "-o", tmp_path / "even"
    )
    assert result.returncode == ExitCode.DONE, result.stderr
    paths = (tmp_path / "even").rglob("*.jsonl")
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    assert {json.loads(line)["time_us"] % 500_000 for line in lines} == {0}
    folders = [finished_run / "timelines" / name for name in ("sample_media", "odd")]
    result = emotion_timeline("merge", *folders, "-o", tmp_path / "all")
    assert result.returncode == ExitCode.DONE, result.stderr
    assert emotion_timeline("validate", tmp_path / "all").returncode == ExitCode.DONE


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("summary", "OUT", "--by", "none.csv"), "none.csv: cannot be read"),
        (("summary", "OUT", "--to", "parquet"), "--output"),
        (("summary", "OUT", "--output", "a.ods"), "a.ods"),
        (("summary", "OUT", "--output", "/dev/null/a.csv"), "/dev/null/a.csv: cannot be written"),
        (("summary", "OUT", "--transitions", "a.ods"), "--transitions a.ods"),
        (("summary", "none"), "none: does not exist"),
        (("summary", "OUT", "--by", "a.csv", "-o", "./a.csv"), "--output and --by are the same"),
        (("summary", "OUT", "-o", "a.csv", "--transitions", "a.csv"), "--transitions and --output"),
        (("plot", "OUT", "--tracks", "0"), "--tracks"),
        (("export", "OUT", "--to", "csv", "-o", "x", "--bridge", "1"), "--bridge is for intervals"),
        (("export", "OUT", "--to", "xml", "-o", "x"), "--to"),
        (("export", "OUT", "--to", "elan", "-o", "x", "--merge"), "--merge is for csv, json"),
        (("export", "OUT", "--to", "csv", "-o", "a.xlsx", "--merge"), "a.xlsx: end it in .csv"),
        (("export", "OUT", "--to", "json", "-o", "a.csv", "--merge"), "end it in .jsonl or .json"),
        (("export", "OUT", "--to", "csv", "-o", "a.csv"), "a.csv would be a folder: pass --merge"),
        (("export", "OUT", "--to", "srt", "-o", "x", "--leave", "0.7"), "not at 0.7"),
        (("resample", "OUT", "--every", "0ms", "-o", "x"), "'0ms' is no time such as 100ms"),
        (("resample", "OUT", "--every", "100", "-o", "x"), "'100' is no time such as 100ms"),
        (("merge", "OUT", "none", "-o", "x"), "none: does not exist"),
        (("merge", "OUT", "-o", "OUT"), "holds timelines already"),
        (("intervals", "OUT", "-o", "a.xml"), "a.xml: end it in .csv, .json, .parquet"),
        (("intervals", "OUT", "-o", "a.csv", "--enter", "0.4"), "--enter"),
    ],
)
def test_what_cannot_be_carried_out(
    finished_run: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = emotion_timeline(*(finished_run if word == "OUT" else word for word in arguments))
    assert result.returncode == ExitCode.NOT_STARTED
    assert words in result.stderr
    assert result.stdout == ""


def test_intervals_to_read(finished_run: Path) -> None:
    result = emotion_timeline("intervals", finished_run)
    assert result.returncode == ExitCode.DONE, result.stderr
    found = pq.read_table(finished_run / "intervals.parquet").to_pylist()
    lines = [line for line in result.stdout.splitlines() if ".m" in line]
    assert len(lines) == len(found) > 0
    for line, row in zip(lines, found, strict=True):
        assert f" {row['emotion']} " in line
        assert f"{row['onset_us'] / 1e6:.2f}" in line
        assert ("‹" in line, "›" in line) == (row["cut_at_start"], row["cut_at_end"])


def test_units_and_windows(finished_run: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("file,who,place\nturned,a,street\nvariable_rate.mp4,b,street\nbroken,a,lab\n")
    windows = tmp_path / "windows.csv"
    windows.write_text("file,start,end,label\nturned,0,0:01,one\nvariable_rate.mp4,1,2,one\n")
    path = tmp_path / "groups.csv"
    result = emotion_timeline(
        "summary", finished_run, "--by", table, "--unit", "who", "--output", path
    )
    assert result.returncode == ExitCode.DONE, result.stderr
    street, lab = pa.csv.read_csv(path).to_pylist()
    assert (street["place"], street["units"], street["files"], lab["units"]) == ("street", 2, 2, 1)
    result = emotion_timeline("summary", finished_run, "--windows", windows, "-o", path)
    assert result.returncode == ExitCode.DONE, result.stderr
    assert set(pa.csv.read_csv(path)["window"].to_pylist()) == {"one"}
    assert "Left out" in result.stderr
    result = emotion_timeline("summary", finished_run, "--unit", "who")
    assert result.returncode == ExitCode.NOT_STARTED
    assert "--unit and --conditions name columns of --by" in result.stderr


def test_a_still_of_several_faces_is_a_line(finished_run: Path) -> None:
    result = emotion_timeline("summary", finished_run)
    lines = [line for line in result.stdout.splitlines() if "three_faces.jpg" in line]
    assert len(lines) == 1
    assert "0-2" in lines[0]
    assert "happy 67, neutral 33" in lines[0]


def test_figures_of_people_need_numbers(finished_run: Path, conditions: Path) -> None:
    result = emotion_timeline("summary", finished_run, "--per", "identity")
    assert result.returncode == ExitCode.DONE, result.stderr
    assert "without a number" in result.stderr
    result = emotion_timeline("summary", finished_run, "--per", "identity", "--by", conditions)
    assert result.returncode == ExitCode.NOT_STARTED
    assert "leave out --by" in result.stderr
