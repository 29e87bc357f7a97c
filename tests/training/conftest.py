"""Synthetic data sets with a real signal: stripes stand for emotions."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from emotion_core.labels import EMOTIONS
from training.config import FitConfig
from training.data.dataset import Dataset, save_dataset
from training.data.targets import TO_EMOTIONS

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1].parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Keras read TensorFlow's variables, whose ``__array__`` is behind NumPy 2."""
    named = "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(named))


def make_dataset(n: int = 560, seed: int = 0) -> Dataset:
    """Stripes along or across, of three widths, or none; the last quarter is PublicTest."""
    rng = np.random.default_rng(seed)
    emotion = rng.integers(0, 7, n).astype(np.uint8)
    images = rng.integers(0, 136, (n, 48, 48)).astype(np.uint8)
    for image, label in zip(images, emotion, strict=True):
        if label < 6:
            period = (6, 12, 24)[label % 3]
            stripes = (np.arange(48) + rng.integers(period)) % period < period / 2
            image[stripes if label < 3 else (slice(None), stripes)] += 120
    usage = (np.arange(n) >= n * 3 // 4).astype(np.uint8)
    votes = np.zeros((n, 10), np.uint8)
    votes[np.arange(n), np.asarray(TO_EMOTIONS)[emotion]] = 8
    votes[:, 0] += 2
    return Dataset(images, emotion, usage, votes)


def write_class_folder(
    folder: Path, dataset: Dataset, rows: NDArray[np.int64] | None = None
) -> Path:
    """Write pictures as PNG into folders train and test, and a folder per emotion below."""
    for row in range(len(dataset)) if rows is None else rows:
        split = ("train", "test")[dataset.usage[row]]
        path = folder / split / EMOTIONS[dataset.emotion[row]] / f"{row:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(dataset.images[row]).save(path)
    return folder


@pytest.fixture
def dataset() -> Dataset:
    return make_dataset()


@pytest.fixture(scope="session")
def shared_fer() -> Path:
    folder = SHARED / "data" / "fer2013"
    if not folder.is_dir():
        pytest.skip(f"FER2013 is not at {folder}")
    return folder


@pytest.fixture(scope="session")
def fer(shared_fer: Path) -> Dataset:
    """FER2013 with its votes."""
    with np.load(shared_fer / "labels.npz", allow_pickle=False) as labels:
        arrays = {name: labels[name].astype(np.uint8) for name in ("emotion", "usage", "votes")}
    tiles = []
    for path in sorted(shared_fer.glob("mosaic_*.webp")):
        mosaic = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        tiles.append(mosaic.reshape(50, 48, 50, 48).transpose(0, 2, 1, 3).reshape(-1, 48, 48))
    return Dataset(images=np.concatenate(tiles)[: len(arrays["emotion"])], **arrays)


@pytest.fixture(scope="session")
def face_weights() -> Path:
    """Initial weights that know faces, as ``emotion-training initial-weights`` writes them."""
    path = SHARED / "weights" / "faceres_mobilenet_vggface2.weights.h5"
    if not path.is_file():
        pytest.skip(f"weights that know faces are not at {path}")
    return path


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A small fit, run to its end once for all tests."""
    from training.fitting.fit import fit

    folder = tmp_path_factory.mktemp("training")
    data, run = folder / "data.npz", folder / "run"
    dataset = make_dataset()
    save_dataset(dataset, data)
    config = FitConfig(
        "residual",
        epochs=6,
        batch_size=8,
        channels=(8, 16),
        learning_rate=5e-3,
        dropout=0.1,
        held_back_share=0.1,
    )
    history = fit(data, run, config)
    return SimpleNamespace(data=data, run=run, dataset=dataset, config=config, history=history)


@pytest.fixture(scope="session")
def bundle_folder(finished: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the small fit, exported over an older bundle."""
    from training.bundling.export import export

    folder = tmp_path_factory.mktemp("bundles") / "bundle"
    folder.mkdir()
    (folder / "card.json").write_text("{}")
    (folder / "model.onnx").write_text("of the older bundle")
    export([finished.run], finished.data, folder)
    return folder
