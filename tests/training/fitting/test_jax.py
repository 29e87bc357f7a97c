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
    words += ["--teacher", bundle_folder, "--sharpness", 0.05]
    done = with_jax(*words)
    assert done.returncode == 0, done.stderr
    (epoch,) = load_history(run)
    model = load_fitted(run, finished.data).model
    rows = finished.dataset.images[:32, ..., None].astype("f4")
    answers = model.predict(rows, verbose=0)
    assert np.isfinite(answers["fer"]).all()
    assert epoch["held_back_loss"] > 0


def test_both_backends_take_the_same_steps(tmp_path: Path) -> None:
    """Sharpness-aware ones, with the average of the weights and statistics under them."""
    found = {}
    for backend in ("tensorflow", "jax"):
        output = tmp_path / f"{backend}.npz"
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name("few_steps.py"), output],
            env=os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with np.load(output) as arrays:
            found[backend] = dict(arrays)
    assert len(found["jax"]) == len(found["tensorflow"]) > 30
    for name, value in found["tensorflow"].items():
        if value.dtype == np.float32:
            scale = max(1e-3, float(np.abs(value).max()))
            np.testing.assert_allclose(found["jax"][name], value, atol=1e-3 * scale, err_msg=name)
