"""The command line answers at once: large libraries are imported only by work that needs them."""

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
    "tensorflow",
)


@pytest.mark.parametrize("option", ["--help", "--version"])
@pytest.mark.parametrize(
    ("command", "module"), [("annotate", "jobs.cli"), ("emotion-timeline", "jobs.timeline_cli")]
)
def test_questions_are_answered_without_large_libraries(
    command: str, module: str, option: str
) -> None:
    code = f"""
import sys
sys.argv = [{command!r}, {option!r}]
from {module} import main
try:
    main()
finally:
    print("loaded:", *sorted(set({LARGE!r}) & set(sys.modules)), file=sys.stderr)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert command in run.stdout
    assert run.stderr.split() == ["loaded:"]
