from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from training.config import as_toml
from training.fitting.run_folder import load_history

PROGRAM = """
import sys
sys.modules |= {"tensorflow": None, "openvino": None}  # as if they were not installed
from training.cli import main
main()
"""


def with_jax(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, words)],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_jax_fits_a_network_that_tensorflow_goes_on_with(
    finished: SimpleNamespace, bundle_folder: Path, tmp_path: Path
) -> None:
    from training.bundling.fitted import load_fitted

    run, settings = tmp_path / "run", tmp_path / "fit.toml"
    config = replace(finished.config, epochs=1, channels=(4, 8), limit=64)
    settings.write_text(
        as_toml({"channels": config.channels, "limit": 64, "epochs": 1, "average_decay": 0.5})
        + as_toml({"architecture": config.architecture, "held_back_share": config.held_back_share})
    )
    words = ["fit", "--data", finished.data, "--output", run, "--config", settings]
    words += ["--teacher", bundle_folder]
    done = with_jax(*words)
    assert done.returncode == 0, done.stderr
    (epoch,) = load_history(run)
    model = load_fitted(run, finished.data).model
    rows = finished.dataset.images[:32, ..., None].astype("f4")
    answers = model.predict(rows, verbose=0)
    assert np.isfinite(answers["fer"]).all()
    assert epoch["held_back_loss"] > 0


def test_what_needs_tensorflow_is_refused_before_a_run_is_begun(
    finished: SimpleNamespace, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    done = with_jax("fit", "--data", finished.data, "--output", run, "--sharpness", 0.05)
    assert done.returncode == 2, done.stderr
    assert "--sharpness needs TensorFlow" in done.stderr
    assert "Traceback" not in done.stderr
    assert not run.exists()
