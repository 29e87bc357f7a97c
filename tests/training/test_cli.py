from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from emotion_core.models import DEFAULT_BUNDLE
from tests.training.conftest import write_class_folder
from training.cli import main
from training.data.dataset import Dataset, load_dataset, save_dataset


def run(*arguments: object) -> SimpleNamespace:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return SimpleNamespace(
        code=result.exit_code,
        output=result.output,
        tables=result.stdout,
        error=result.exception,
    )


def write_csv(path: Path, dataset: Dataset) -> Path:
    names = ("Training", "PublicTest", "PrivateTest")
    rows = zip(dataset.emotion, dataset.usage, dataset.images, strict=True)
    lines = [f"{e},{' '.join(map(str, x.ravel()))},{names[u]}" for e, u, x in rows]
    path.write_text("emotion,pixels,Usage\n" + "\n".join(lines) + "\n")
    return path


def test_help_names_every_command_and_loads_no_heavy_library() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from training.cli import main\n"
        "result = CliRunner().invoke(main, ['--help'])\n"
        "assert result.exit_code == 0, result.output\n"
        "assert all(name in result.output for name in main.commands)\n"
        "heavy = {'tensorflow', 'keras', 'jax', 'sklearn', 'scipy', 'numpy', 'cv2', 'openvino'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_option_says_what_it_is() -> None:
    for name, command in main.commands.items():
        assert command.help, name
        for option in command.params:
            assert isinstance(option, click.Option)
            assert option.help, f"{name} {option.name}"


def test_prepare_writes_the_data_set(tmp_path: Path, dataset: Dataset) -> None:
    source = write_csv(tmp_path / "fer.csv", dataset)
    found = run("prepare", "--fer", source, "--output", tmp_path / "data.npz")
    assert found.code == 0, found.output
    assert "Training 420, PublicTest 140" in found.output
    written = load_dataset(tmp_path / "data.npz")
    np.testing.assert_array_equal(written.images, dataset.images)


def test_a_fault_of_the_input_ends_with_code_2_and_nothing_written(
    tmp_path: Path, dataset: Dataset
) -> None:
    source = write_csv(tmp_path / "fer.csv", dataset)
    source.write_text(source.read_text()[:-5_000])
    found = run("prepare", "--fer", source, "--output", tmp_path / "data.npz")
    assert found.code == 2
    assert "fer.csv: line 561: 2 values for 3 columns" in found.output
    assert [entry.name for entry in tmp_path.iterdir()] == ["fer.csv"]


def test_prepare_reads_a_folder_per_emotion(tmp_path: Path, dataset: Dataset) -> None:
    folder = write_class_folder(tmp_path / "faces", dataset)
    found = run("prepare", "--folder", folder, "--output", tmp_path / "data.npz")
    assert found.code == 0, found.output
    assert "Training 420, PublicTest 140, PrivateTest 0; FER+ votes: no" in found.output
    found = run(
        "prepare", "--folder", folder / "test", "--usage", "PrivateTest",
        "--output", tmp_path / "data.npz",
    )  # fmt: skip
    assert "PrivateTest 140" in found.output


def test_prepare_names_a_broken_picture_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "sad").mkdir()
    (tmp_path / "sad" / "a.png").write_bytes(b"no picture")
    found = run("prepare", "--folder", tmp_path, "--output", tmp_path / "data.npz")
    assert found.code == 2
    assert "sad/a.png: is not a picture that can be read" in found.output
    assert [entry.name for entry in tmp_path.iterdir()] == ["sad"]


@pytest.mark.parametrize(
    "sources",
    [
        (),
        ("--ferplus", "plus.csv"),
        ("--fer", "fer.csv", "--folder", "faces"),
        ("--ferplus", "plus.csv", "--folder", "faces"),
        ("--fer", "fer.csv", "--usage", "Training"),
    ],
)
def test_prepare_takes_one_source(tmp_path: Path, sources: tuple[str, ...]) -> None:
    found = run("prepare", *sources, "--output", tmp_path / "data.npz")
    assert found.code == 2
    assert "pass --fer, which may have --ferplus, or --folder" in found.output


def test_evaluate_finds_faces_and_lists_those_missed(tmp_path: Path, sample_media: Path) -> None:
    faces = tmp_path / "faces"
    (faces / "neutral").mkdir(parents=True)
    shutil.copy(sample_media / "portraits" / "grace_hopper.jpg", faces / "neutral")
    for number in range(12):
        Image.new("L", (60, 60), 128).save(faces / "neutral" / f"wall{number:02}.png")
    measure = ("evaluate", "--bundle", DEFAULT_BUNDLE, "--data", faces, "--detect")
    found = run(*measure, "--output", tmp_path / "out")
    assert found.code == 0, found.output
    words = " ".join(found.output.split())
    for text in ("no face found in: neutral/wall00.png", "and 2 more", "12 (92.3%)"):
        assert text in words
    assert "majority" not in words
    figures = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert len(figures["detection"]["missed_files"]) == 12


@pytest.mark.parametrize("command", ["evaluate", "compare"])
def test_data_that_cannot_be_measured_are_named(tmp_path: Path, command: str) -> None:
    bundles = ("--bundle", DEFAULT_BUNDLE) * (2 if command == "compare" else 1)
    (tmp_path / "cats").mkdir()
    for data, message in (
        (tmp_path, "cats: is named after no emotion"),
        (tmp_path / "none", "none: cannot be read: No such file"),
    ):
        found = run(command, *bundles, "--data", data)
        assert found.code == 2
        assert message in found.output


def test_an_identifier_needs_a_data_set(tmp_path: Path) -> None:
    found = run(
        "identifier", "--initial-weights", "x.h5", "--data", tmp_path / "none", "--output", "x"
    )
    assert found.code == 2
    assert "none: cannot be read: No such file" in found.output


def test_a_missing_folder_is_not_taken_for_a_data_set(tmp_path: Path) -> None:
    measure = ("evaluate", "--bundle", DEFAULT_BUNDLE, "--detect")
    found = run(*measure, "--data", tmp_path / "none")
    assert found.code == 2
    assert "none: cannot be read: No such file" in found.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--channels", "4,8"), "--channels is of residual, and --architecture is mobilenet"),
        (
            ("--architecture", "residual", "--enlargement", 2),
            "--enlargement is of mobilenet and inception, and --architecture is residual",
        ),
        (("--fold", 2), "--fold needs --folds"),
        (("--teacher-share", 0.9), "--teacher-share needs --teacher or --answers"),
        (("--heads", "fer", "--vote-target", "majority"), "--heads is fer"),
        (("--heads", "ferplus", "--label-smoothing", 0.3), "--heads is ferplus"),
    ],
)
def test_options_that_would_change_nothing_are_refused(
    tmp_path: Path, options: tuple[object, ...], message: str
) -> None:
    found = run("fit", "--data", "none.npz", "--output", tmp_path / "run", *options)
    assert found.code == 2
    assert message in found.output


@pytest.mark.parametrize("channels", ["a,b", "0,8", "", "1,2,3,4,5,6"])
def test_channels_must_be_a_short_list_of_numbers(channels: str) -> None:
    found = run("fit", "--data", "x.npz", "--output", "x", "--channels", channels)
    assert found.code == 2
    assert "channels" in found.output


@pytest.mark.parametrize(
    "command",
    [
        ("explore",),
        ("evaluate", "--bundle", DEFAULT_BUNDLE),
        ("compare", "--bundle", DEFAULT_BUNDLE, "--bundle", DEFAULT_BUNDLE),
        ("explain",),
        ("leak-demo",),
        ("fit",),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_first(
    tmp_path: Path, command: tuple[object, ...]
) -> None:
    (tmp_path / "file").touch()
    output = tmp_path / "file" / "report"
    found = run(*command, "--data", tmp_path / "none.npz", "--output", output)
    assert found.code == 2
    assert f"{output} cannot be made: {tmp_path / 'file'} is no folder" in " ".join(
        found.output.split()
    )


def test_from_csv_to_figures_without_votes(tmp_path: Path, dataset: Dataset) -> None:
    data, folder, bundle = tmp_path / "data.npz", tmp_path / "run", tmp_path / "bundle"
    report = tmp_path / "report"
    run("prepare", "--fer", write_csv(tmp_path / "fer.csv", dataset), "--output", data)
    fit = ("fit", "--data", data, "--output", folder, "--architecture", "residual", "--epochs", 1)
    fit += ("--channels", "4,8")
    found = run(*fit, "--limit", 100)
    assert found.code == 0, found.output
    assert "epoch 1/1" in found.output
    assert "epoch 1/1" not in run(*fit, "--limit", 100).output, "a finished fit has nothing to do"
    found = run(*fit, "--seed", 2)
    assert found.code == 2
    assert "was made with another seed" in found.output

    remark = ("--note", "a trial")
    found = run("export", "--run", folder, "--data", data, "--output", bundle, *remark)
    assert found.code == 0, found.output
    assert "temperature" in found.output
    assert "rows are too few to calibrate on" in found.output
    measure = ("evaluate", "--bundle", bundle, "--data", data, "--output", report, "--card")
    found = run(*measure)
    assert found.code == 0, found.output
    assert "macro-F1" in found.output
    assert "shipped output vs FER labels" in found.output, "a file is as wide as it needs"
    assert "…" not in found.tables
    figures = json.loads((report / "figures.json").read_text())
    assert set(figures["results"]) == {"FER head vs FER labels", "shipped output vs FER labels"}
    assert figures["results"]["FER head vs FER labels"]["rows"] == 140
    card = json.loads((bundle / "card.json").read_text())
    assert figures["rated_comparison"] == "shipped output vs FER labels"
    assert "majority" not in found.output
    assert card["metrics"]["PublicTest"] == figures
    assert card["training"]["data"] == f"{data.name} (Training rows)"
    assert card["training"]["note"] == "a trial"


def test_the_best_settings_of_a_search_are_fitted(tmp_path: Path, dataset: Dataset) -> None:
    save_dataset(dataset, tmp_path / "data.npz")
    small = ("--data", tmp_path / "data.npz", "--limit", 32, "--batch-size", 16, "--epochs", 1)
    found = run("tune", *small, "--output", tmp_path / "search", "--trials", 2)
    assert found.code == 0, found.output
    assert "trial 2  filters" in found.output
    assert "best 2 of 2 settings" in found.output
    assert "Reloading" not in found.output, "KerasTuner is quiet"
    again = run("tune", *small, "--output", tmp_path / "search", "--trials", 2)
    assert again.output.count("was finished") == 2

    settings = ("--config", tmp_path / "search" / "best.toml", "--architecture", "tuned")
    fitted = run("fit", *small, *settings, "--output", tmp_path / "run", "--no-tensorboard")
    assert fitted.code == 0, fitted.output
    best = json.loads((tmp_path / "search" / "figures.json").read_text())["trials"][0]
    config = json.loads((tmp_path / "run" / "config.json").read_text())["config"]
    assert {name: config[name] for name in ("filters", "dense", "dropout", "learning_rate")} == {
        name: best[name] for name in ("filters", "dense", "dropout", "learning_rate")
    }
    assert not (tmp_path / "run" / "tensorboard").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('balance = "wieghts"', "balance = 'wieghts': 'wieghts' is not one of 'none', 'weights'"),
        ('architecture = "resnet50"', "architecture = 'resnet50'"),
        ("learning_rate = -1", "learning_rate = -1.0: -1.0 is not in the range x>0"),
        ("mixup = nan", "mixup = nan: nan is not a finite number"),
        ("dropout = 1.5", "dropout = 1.5"),
        ("epochs = 0", "epochs = 0: 0 is not in the range x>=1"),
        ("channels = []", "channels = (): one to five positive numbers"),
        ('channels = ["a"]', "channels = ('a',): ('a',) is no list like"),
        ("filters = [8.5, 8]", "filters = (8.5, 8): (8.5, 8) is no list like"),
        ("filters = [true, 8]", "filters = (True, 8): (True, 8) is no list like"),
        ("seed = 5000000000", "seed = 5000000000: 5000000000 is not in the range"),
    ],
)
def test_settings_in_a_file_are_held_to_the_ranges_of_the_options(
    tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "fit.toml").write_text(line)
    found = run(
        "fit", "--data", "x.npz", "--output", tmp_path / "run", "--config", tmp_path / "fit.toml"
    )
    assert found.code == 2, found.output
    assert f"fit.toml: {message}" in found.output
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("option", ["--learning-rate", "--mixup", "--weight-decay"])
@pytest.mark.parametrize("number", ["nan", "inf"])
def test_numbers_are_finite(option: str, number: str) -> None:
    found = run("fit", "--data", "x.npz", "--output", "x", option, number)
    assert found.code == 2
    assert f"{number} is not a finite number" in found.output


@pytest.mark.parametrize(
    "options",
    [("--max-epochs", 3), ("--tuner", "hyperband", "--trials", 3), ("--tuner", "grid")],
)
def test_each_tuner_has_its_own_options(options: tuple[object, ...]) -> None:
    found = run("tune", "--data", "x.npz", "--output", "x", *options)
    assert found.code == 2
    assert str(options[0]) in found.output
