"""The command line answers at once: large libraries are imported only by work that needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

LARGE = ("av", "cv2", "keras", "numpy", "openvino", "pandas", "pyarrow", "ray", "tensorflow")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_questions_are_answered_without_large_libraries(option: str) -> None:
    code = f"""
import sys
sys.argv = ["annotate", {option!r}]
from jobs.cli import main
try:
    main()
finally:
    print("loaded:", *sorted(set({LARGE!r}) & set(sys.modules)), file=sys.stderr)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "annotate" in run.stdout
    assert run.stderr.split() == ["loaded:"]
