from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = "from jobs.own_process import do_without_unused; do_without_unused()"


def run(code: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        stderr=subprocess.PIPE, text=True, timeout=60, check=False, **settings,
    )  # fmt: skip


@pytest.mark.parametrize(("before", "imported"), [("", True), (WITHOUT, False)])
def test_arrays_are_made_without_pandas(before: str, imported: bool) -> None:
    made = "import pyarrow as pa, numpy as np; array = pa.array(np.arange(3)); pa.array(['a'])"
    code = f"{before}\n{made}\nimport sys\nassert array.to_pylist() == [0, 1, 2]"
    ended = run(f"{code}\nassert ('pandas' in sys.modules) == {imported}")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(("before", "imported"), [("", True), (WITHOUT, False)])
def test_networks_are_loaded_without_the_converter(before: str, imported: bool) -> None:
    made = "import openvino as ov; ov.Core(); from openvino.preprocess import PrePostProcessor"
    code = f"import sys; sys.modules['openvino_telemetry'] = None\n{before}\n{made}"
    ended = run(f"{code}\nassert ('openvino.tools.ovc' in sys.modules) == {imported}")
    assert ended.returncode == 0, ended.stderr


def test_what_is_used_is_not_left_out() -> None:
    ended = run(f"{WITHOUT}\nimport pyarrow.parquet, decimal\nimport pandas")
    assert ended.returncode == 1
    assert "ModuleNotFoundError: pandas is left out" in ended.stderr


def test_what_was_printed_is_there_at_the_end(tmp_path: Path) -> None:
    output = tmp_path / "printed"
    with output.open("w") as stream:
        ended = run(
            "from jobs.own_process import leave; print('x' * 9000, flush=False); leave(3)",
            stdout=stream,
        )
    assert ended.returncode == 3
    assert output.read_text() == "x" * 9000 + "\n"
    assert ended.stderr == ""


def test_nobody_need_read_what_is_printed() -> None:
    code = "import os, sys; from jobs.own_process import leave\nprint('x')\nos.close(1)\nleave(4)"
    ended = run(code, stdout=subprocess.PIPE)
    assert ended.returncode == 4
    assert ended.stderr == ""
