from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotion_core.errors import OutputError
from training.data.dataset import Dataset, load_dataset, save_dataset
from training.errors import DatasetError


def test_a_round_trip_keeps_every_array_and_leaves_nothing_beside(
    tmp_path: Path, dataset: Dataset
) -> None:
    path = tmp_path / "new" / "data.npz"
    save_dataset(dataset, path)
    found = load_dataset(path)
    for name in ("images", "emotion", "usage", "votes"):
        np.testing.assert_array_equal(getattr(found, name), getattr(dataset, name))
        assert getattr(found, name).dtype == np.uint8
    assert [entry.name for entry in path.parent.iterdir()] == ["data.npz"]


def test_repr_shows_counts_instead_of_pixels(dataset: Dataset) -> None:
    expected = "Dataset(Training 420, PublicTest 140, PrivateTest 0; FER+ votes: yes)"
    assert repr(dataset) == expected


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 cut off"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="is not a data set"):
        load_dataset(path)


def test_a_damaged_data_set_is_refused(tmp_path: Path, dataset: Dataset) -> None:
    whole = tmp_path / "data.npz"
    save_dataset(dataset, whole)
    content, damaged, refused = whole.read_bytes(), tmp_path / "damaged.npz", 0
    for start in range(0, len(content) - 60, len(content) // 60):
        damaged.write_bytes(content[:start] + b"\xff" * 60 + content[start + 60 :])
        try:
            found = load_dataset(damaged)
        except DatasetError:
            refused += 1
        else:  # what is not read, such as a date
            np.testing.assert_array_equal(found.images, dataset.images)
    assert refused > 50


def test_a_pickle_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with path.open("wb") as file:
        np.savez(file, images=np.array([{"a": 1}], object), emotion=1, usage=1, votes=1)
    with pytest.raises(DatasetError, match="is not a data set"):
        load_dataset(path)


def test_missing_arrays_shapes_and_ranges_are_checked(tmp_path: Path, dataset: Dataset) -> None:
    path = tmp_path / "data.npz"
    with pytest.raises(DatasetError, match="cannot be read"):
        load_dataset(path)
    with path.open("wb") as file:
        np.savez(file, images=dataset.images)
    with pytest.raises(DatasetError, match="is not a data set"):
        load_dataset(path)
    small = Dataset(dataset.images[:, :32], dataset.emotion, dataset.usage, dataset.votes)
    save_dataset(small, path)
    with pytest.raises(DatasetError, match="'images' is uint8"):
        load_dataset(path)
    odd = Dataset(dataset.images, dataset.emotion + np.uint8(9), dataset.usage, dataset.votes)
    save_dataset(odd, path)
    with pytest.raises(DatasetError, match="out of range"):
        load_dataset(path)


def test_a_failed_write_leaves_no_file(tmp_path: Path, dataset: Dataset) -> None:
    (tmp_path / "data.npz").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        save_dataset(dataset, tmp_path / "data.npz")
    assert [entry.name for entry in tmp_path.iterdir()] == ["data.npz"]
