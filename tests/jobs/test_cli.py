"""The command as a user runs it: what bad input gets, and how runs end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from emotion_core.labels import EMOTIONS
from emotion_core.models import DEFAULT_BUNDLE
from jobs.exit_codes import ExitCode
from tests import clips

ANNOTATE = str(Path(sys.executable).parent / "annotate")
SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
STILL = SAMPLES / "portraits" / "grace_hopper.jpg"
CLIP = SAMPLES / "clips" / "phone" / "variable_rate.mp4"
FAST = ("--workers", "0", "--preset", "ultrafast")
WITHOUT_ROOT_RIGHTS = (
    "setpriv", "--bounding-set", "-dac_override,-dac_read_search",
    "--inh-caps", "-dac_override,-dac_read_search",
)  # fmt: skip


def annotate(*arguments: object, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*prefix, ANNOTATE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)


def assert_not_started(result: subprocess.CompletedProcess[str], *words: object) -> None:
    assert result.returncode == ExitCode.NOT_STARTED, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert str(word) in result.stderr


def test_missing_input(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    assert_not_started(annotate("-i", missing, "-o", tmp_path / "out"), missing, "does not exist")
    assert not (tmp_path / "out").exists()


def test_folder_without_media(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "notes.txt").write_text("words")
    result = annotate("-i", folder, "-o", tmp_path / "out")
    assert result.returncode == ExitCode.NO_MEDIA
    assert str(folder) in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--min-face", "3"),
        ("--crf", "99"),
        ("--preset", "warp"),
        ("--stride", "0"),
        ("--start", "soon"),
        ("--start", "5", "--end", "5"),
        ("--stride", "2", "--sample-fps", "3"),
        ("--max-faces", "0"),
        ("--workers", "-1"),
        ("--sideways",),
    ],
)
def test_usage_errors_name_the_option(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = annotate("-i", STILL, "-o", tmp_path / "out", *arguments)
    assert_not_started(result, arguments[-2] if len(arguments) > 1 else arguments[0])
    assert not (tmp_path / "out").exists()


def test_inputs_without_the_option(tmp_path: Path) -> None:
    advice = "Put --input before"
    assert_not_started(annotate(SAMPLES, "-o", tmp_path / "out"), f"{advice} {SAMPLES}")
    assert_not_started(annotate("-i", STILL, CLIP, "-o", tmp_path / "out"), f"{advice} {CLIP}")
    assert not (tmp_path / "out").exists()


def test_output_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = annotate("-i", STILL, "-o", tmp_path / "file" / "out", *FAST)
    assert_not_started(result, tmp_path / "file" / "out", "cannot be written")


def test_model_bundles_that_cannot_be_used(tmp_path: Path) -> None:
    assert_not_started(annotate("-i", STILL, "--model", tmp_path / "none"), tmp_path / "none")
    bundle = tmp_path / "bundle"
    shutil.copytree(DEFAULT_BUNDLE, bundle)
    with (bundle / "model.bin").open("r+b") as weights:
        weights.write(b"tampered")
    assert_not_started(annotate("-i", STILL, "--model", bundle), bundle / "model.bin", "SHA-256")
    card = json.loads((bundle / "card.json").read_text())
    card["labels"] = list(reversed(EMOTIONS))
    (bundle / "card.json").write_text(json.dumps(card))
    assert_not_started(annotate("-i", STILL, "--model", bundle), "card.json", "labels")


def test_broken_files_fail_alone_and_say_why(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(STILL, folder / "good.jpg")
    clips.make_h264(folder / "good.mp4")
    clips.make_text_file(folder / "text.mp4")
    clips.make_empty_file(folder / "empty.mp4")
    clips.make_empty_file(folder / "empty.png")
    clips.make_no_frames(folder / "frameless.mp4")
    clips.make_audio_only(folder / "sound.mp4")
    clips.make_unfinished(folder / "unfinished.mp4")
    clips.make_hdr(folder / "pq.mp4")
    clips.make_hdr(folder / "hlg.mp4", "arib-std-b67")
    (folder / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    result = annotate("-i", folder, "-o", tmp_path / "out", *FAST)
    assert result.returncode == ExitCode.SOME_FAILED
    assert "Traceback" not in result.stderr
    lines = (tmp_path / "out" / "failures.jsonl").read_text().splitlines()
    failures = {Path(entry["path"]).name: entry["error"] for entry in map(json.loads, lines)}
    assert failures.keys() == {
        "text.mp4", "empty.mp4", "empty.png", "frameless.mp4", "sound.mp4", "unfinished.mp4",
        "phone.heic", "pq.mp4",
    }  # fmt: skip
    assert "audio" in failures["sound.mp4"]
    assert "PQ" in failures["pq.mp4"]
    assert "HEIC" in failures["phone.heic"]
    assert "no frame" in failures["frameless.mp4"]
    assert all(f"{folder / name}" in result.stderr for name in failures)
    sources = pq.read_table(tmp_path / "out" / "summary.parquet")["source"].to_pylist()
    assert set(sources) == {"in/good.jpg", "in/good.mp4", "in/hlg.mp4"}


def test_files_without_permission(tmp_path: Path) -> None:
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything, and setpriv is missing")
        prefix = WITHOUT_ROOT_RIGHTS
    folder = tmp_path / "in"
    (folder / "closed").mkdir(parents=True)
    for name in ("a.mp4", "b.jpg"):
        (folder / name).write_bytes(b"x")
        (folder / name).chmod(0)
    shutil.copy(STILL, folder / "good.jpg")
    (folder / "closed").chmod(0)
    result = annotate("-i", folder, "-o", tmp_path / "out", *FAST, prefix=prefix)
    alone = annotate("-i", folder / "closed", "-o", tmp_path / "alone", *FAST, prefix=prefix)
    (folder / "closed").chmod(0o700)
    assert alone.returncode == ExitCode.SOME_FAILED, alone.stderr
    assert "fail-fast" not in alone.stderr
    assert json.loads((tmp_path / "alone" / "run.json").read_text())["complete"] is True
    assert result.returncode == ExitCode.SOME_FAILED, result.stderr
    assert result.stderr.count("FAILED") == 3
    assert result.stderr.count("ermission") >= 3
    assert f"{folder / 'closed'}" in result.stderr
    sealed = tmp_path / "sealed"
    sealed.mkdir(mode=0o500)
    result = annotate("-i", STILL, "-o", sealed / "out", *FAST, prefix=prefix)
    assert_not_started(result, sealed / "out", "Permission denied")


def test_dry_run_does_nothing(tmp_path: Path) -> None:
    result = annotate("-i", SAMPLES, "-o", tmp_path / "out", "--dry-run")
    assert result.returncode == ExitCode.DONE
    timeline = f"{CLIP} -> timelines/sample_media/clips/phone/variable_rate.mp4.parquet"
    copy = "annotated/sample_media/clips/phone/variable_rate.mp4"
    assert f"{timeline}, {copy}: " in result.stdout
    still = "annotated/sample_media/portraits/grace_hopper.jpg: "
    assert still in result.stdout
    assert not (tmp_path / "out").exists()
    result = annotate("-i", SAMPLES, "-o", tmp_path / "out", "--dry-run", "--no-video")
    assert f"{timeline}: " in result.stdout
    assert "annotated/" not in result.stdout


@pytest.mark.parametrize(
    ("options", "named"), [((), "timelines, annotated"), (("--no-video",), "timelines")]
)
def test_the_end_names_the_results_that_are_there(
    tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    output = tmp_path / "out"
    result = annotate("-i", STILL, "-o", output, *FAST, "--progress", "plain", *options)
    assert f"Results: {output} ({named}, summary.parquet, intervals.parquet)" in result.stderr


def test_a_second_run_says_what_is_left_and_why(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(STILL, folder)
    clips.make_text_file(folder / "text.mp4")
    run = ("-i", folder, "-o", tmp_path / "out", *FAST, "--progress", "plain")
    first = annotate(*run)
    assert "done already" not in first.stderr
    assert "2 files to do." in first.stderr
    again = annotate(*run)
    assert again.returncode == ExitCode.SOME_FAILED
    assert "1 of 2 done already, 0 to do." in again.stderr
    assert "1 failed before, not tried again (--retry-failed does)." in again.stderr
    assert "FAILED before" in again.stderr
    assert "Nothing was left to do." in again.stderr
    clips.make_h264(folder / "new.mp4")
    reason = "--crf is 30 and was 23"
    shown = annotate(*run, "--crf", "30", "--dry-run")
    assert f"{folder / STILL.name} -> " in shown.stdout
    assert f": {reason}" in shown.stdout
    assert "timelines/in/new.mp4.parquet, annotated/in/new.mp4: not done before" in shown.stdout
    assert "3 files to annotate, 0 done already" in shown.stdout
    third = annotate(*run)
    assert "1 of 3 done already, 1 to do: 1 (not done before)." in third.stderr
    fourth = annotate(*run, "--crf", "30")
    assert f"0 of 3 done already, 3 to do: 2 ({reason}), 1 (failed before" in fourth.stderr


def test_progress_as_json(tmp_path: Path) -> None:
    result = annotate("-i", STILL, "-o", tmp_path / "out", *FAST, "--progress", "json")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events[-1]["event"] == "file"
    assert (events[-1]["files_done"], events[-1]["ok"], events[-1]["share"]) == (1, True, 1.0)
