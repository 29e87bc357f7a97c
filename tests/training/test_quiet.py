"""Training commands print what they say, and not what their libraries greet with."""

import os
import subprocess
import sys
from pathlib import Path

CALL = "from training.cli import main; main()"
BLOCKED = (
    "import sys\n"
    "class Without:\n"
    "    def find_spec(self, name, *_):\n"
    "        if name.split('.')[0] in ('keras', 'tensorflow'):\n"
    "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
    "sys.meta_path.insert(0, Without())\n"
)


def explain(code: str, sample_media: Path, output: Path) -> subprocess.CompletedProcess[str]:
    image = sample_media / "portraits" / "grace_hopper.jpg"
    arguments = ("explain", "--image", str(image), "--output", str(output))
    environment = {name: v for name, v in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, timeout=200, check=False,
        env=environment,
    )  # fmt: skip


def test_without_the_extra_it_says_what_to_install(sample_media: Path, tmp_path: Path) -> None:
    run = explain(BLOCKED + CALL, sample_media, tmp_path / "out")
    assert run.returncode == 2
    assert "pip install '.[training]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_tensorflow_does_not_greet(sample_media: Path, tmp_path: Path) -> None:
    run = explain(CALL, sample_media, tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert "grace_hopper.jpg: " in run.stdout
