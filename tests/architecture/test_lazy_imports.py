"""Large libraries are imported only by work that needs them, so that commands answer at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

LARGE = (
    "av",
    "cv2",
    "keras",
    "matplotlib",
    "numpy",
    "openvino",
    "pandas",
    "pyarrow",
    "ray",
    "starlette",
    "tensorflow",
    "uvicorn",
)


def test_the_core_is_imported_without_large_libraries() -> None:
    code = f"""
import sys
import emotion_core
assert "annotate_media" in dir(emotion_core)
print("loaded:", *sorted(set({LARGE!r}) & set(sys.modules)))
assert emotion_core.annotate_media.__module__ == "emotion_core.annotator"
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.split() == ["loaded:"]


@pytest.mark.parametrize("option", ["--help", "--version"])
@pytest.mark.parametrize(
    ("command", "module"), [("annotate", "jobs.cli"), ("emotion-timeline", "jobs.timeline_cli")]
)
def test_questions_are_answered_without_large_libraries(
    command: str, module: str, option: str
) -> None:
    code = f"import sys; sys.argv = [{command!r}, {option!r}]; from {module} import main; main()"
    # Afterwards may be too late to ask: the process may end at once.
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    imported = {line.rsplit("|", 1)[-1].strip() for line in run.stderr.splitlines()}
    assert command in run.stdout
    assert "click" in imported
    assert not imported & set(LARGE)
