"""What is no identifier ends in one message that says how to make one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from emotion_core import Annotator
from emotion_core.errors import BundleError
from emotion_core.identities.identifier_folder import load_identifier
from emotion_core.models import DEFAULT_BUNDLE
from emotion_core.options import AnalysisOptions
from jobs.cli import command
from jobs.exit_codes import ExitCode


def change_card(**changes: object) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = folder / "card.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


def replace_by_bundle(folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(DEFAULT_BUNDLE, folder)


def replace_by_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.touch()


WRONG: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "missing": (shutil.rmtree, "", "no such folder: "),
    "a file": (replace_by_file, "", "no such folder: "),
    "no card": (lambda f: (f / "card.json").unlink(), "/card.json", "cannot be read (No such file"),
    "cut card": (lambda f: (f / "card.json").write_text("{"), "/card.json", "not valid JSON ("),
    "a list": (lambda f: (f / "card.json").write_text("[]"), "/card.json", "describes no ident"),
    "a bundle": (replace_by_bundle, "/card.json", "describes no identifier that this version"),
    "later": (change_card(format=2), "/card.json", "describes no identifier that this version"),
    "crop": (change_card(input={"crop": "other"}), "/card.json", "describes no identifier that"),
    "hashes": (change_card(files={}), "/card.json", "the card lists no hash for model.xml"),
    "altered": (lambda f: (f / "model.bin").write_bytes(b"other"), "/model.bin", "SHA-256 "),
    "half": (lambda f: (f / "model.bin").unlink(), "/model.bin", "is missing: make an identifier"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_it_is_refused(kind: str, identifier: Path, sample_media: Path, tmp_path: Path) -> None:
    change, place, words = WRONG[kind]
    folder = tmp_path / "identifier"
    shutil.copytree(identifier, folder)
    change(folder)
    with pytest.raises(BundleError) as caught:
        load_identifier(folder)
    message = str(caught.value)
    assert message.startswith(f"{folder}{place}: {words}")
    first, then = "'emotion-training initial-weights'", "'emotion-training identifier'"
    assert 0 < message.find(first) < message.find(then)
    with pytest.raises(BundleError) as caught:
        Annotator(analysis=AnalysisOptions(identities=folder))
    assert str(caught.value) == message
    output = tmp_path / "out"
    result = CliRunner().invoke(
        command,
        ["-i", str(sample_media), "-o", str(output), "--identities", str(folder)],
    )
    assert result.exit_code == ExitCode.NOT_STARTED
    assert result.stderr == f"Error: {message}\n"
    assert not output.exists()


def test_it_loads_from_a_path_as_text(identifier: Path) -> None:
    found = load_identifier(str(identifier))
    assert (found.path, found.input_size, found.precision) == (identifier, 48, "f32")
