"""Files that would run code are refused before Keras sees them."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.config import FitConfig
from training.errors import WeightsError
from training.networks.saved import load_saved


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from training.networks.architectures import build

    path = tmp_path_factory.mktemp("saved") / "model.keras"
    build(FitConfig(architecture="baseline")).save(path, include_optimizer=False)
    return path


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._mark,)


def copied(network: Path, path: Path, config: dict[str, Any] | None = None, **extra: str) -> Path:
    """The network with another configuration, or with members beside its own."""
    with zipfile.ZipFile(network) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            changed = name == "config.json" and config is not None
            target.writestr(name, json.dumps(config) if changed else source.read(name))
        for name, content in extra.items():
            target.writestr(name, content)
    return path


def config_of(network: Path) -> dict[str, Any]:
    with zipfile.ZipFile(network) as archive:
        config: dict[str, Any] = json.loads(archive.read("config.json"))
    return config


@pytest.mark.parametrize("architecture", ["baseline", "tuned", "mobilenet", "residual"])
def test_our_networks_are_read_back(tmp_path: Path, architecture: str) -> None:
    from training.networks.architectures import build

    path = tmp_path / "model.keras"
    model = build(FitConfig(architecture=architecture))
    model.save(path, include_optimizer=False)
    for weights, again in zip(model.get_weights(), load_saved(path).get_weights(), strict=True):
        np.testing.assert_array_equal(weights, again)


def test_a_lambda_is_refused(tmp_path: Path) -> None:
    import keras

    mark, path = tmp_path / "mark", tmp_path / "model.keras"
    name = str(mark)
    picture = keras.Input((48, 48, 1))
    bad = keras.layers.Lambda(lambda x: (open(name, "w").close(), x)[1])
    keras.Model(picture, bad(picture)).save(path)
    mark.unlink(missing_ok=True)
    with pytest.raises(WeightsError, match=r"asks for keras\.layers\.Lambda"):
        load_saved(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    "part",
    [
        {"module": "os", "class_name": "system", "config": "touch mark"},
        {"module": "builtins", "class_name": "Dense", "config": {}},
        {"module": "keras.utils", "class_name": "function", "config": "get_file"},
        {"module": "keras.layers", "class_name": "Dense", "registered_name": "x>y", "config": {}},
        {"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/x"}},
        {"module": "keras.layers", "class_name": "TorchModuleWrapper", "config": {}},
    ],
)
def test_classes_that_are_not_ours_are_refused(
    tmp_path: Path, network: Path, part: dict[str, Any]
) -> None:
    config = config_of(network)
    config["config"]["layers"][1]["config"]["kernel_initializer"] = part
    path = copied(network, tmp_path / "model.keras", config)
    with pytest.raises(WeightsError, match=f"{part['class_name']}.*is not loaded"):
        load_saved(path)
    assert list(tmp_path.iterdir()) == [path]


def test_members_with_other_names_are_refused(tmp_path: Path, network: Path) -> None:
    (tmp_path / "in").mkdir()
    path = copied(network, tmp_path / "in" / "model.keras", **{"../slipped": "x"})
    with pytest.raises(WeightsError, match="slipped"):
        load_saved(path)
    assert not (tmp_path / "slipped").exists()


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    path, mark = tmp_path / "model.keras", tmp_path / "mark"
    path.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(WeightsError, match="is no network"):
        load_saved(path)
    assert not mark.exists()


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.networks import saved

    monkeypatch.setattr(saved, "BYTES_MAX", 1000)
    with pytest.raises(WeightsError, match="1,000 bytes"):
        load_saved(network)
