from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotion_core.faces.crop import crop_faces, whole_picture
from emotion_core.labels import EMOTIONS
from emotion_core.media.still import read_still
from tests.training.conftest import make_dataset, write_class_folder
from training.data.class_folder import list_class_folder
from training.data.dataset import Dataset, save_dataset
from training.data.pictures import read_class_folder
from training.errors import DatasetError

PORTRAITS = Path(__file__).resolve().parents[3] / "sample_media" / "portraits"


def picture(path: Path, grey: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (48, 48), grey).save(path)
    return path


def test_pictures_come_by_split_class_and_name(tmp_path: Path) -> None:
    names = (
        ("Test/ANGRY/b.png", 1),
        ("Test/ANGRY/a.png", 2),
        ("train/Neutral/z.png", 3),
        ("train/happiness/10.png", 4),
        ("train/happiness/9.png", 5),
        ("Private_Test/afraid/x.png", 6),
    )
    for name, grey in names:
        picture(tmp_path / name, grey)
    found = read_class_folder(tmp_path)
    assert found.images[:, 0, 0].tolist() == [4, 5, 3, 2, 1, 6]
    assert [EMOTIONS[code] for code in found.emotion] == [
        "happy", "happy", "neutral", "angry", "angry", "fear",
    ]  # fmt: skip
    assert found.usage.tolist() == [0, 0, 0, 1, 1, 2]
    assert not found.has_votes


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("anger", "angry"), ("Disgusted", "disgust"), ("fearful", "fear"), ("HAPPINESS", "happy"),
        ("sadness", "sad"), ("surprised", "surprise"), ("neutral", "neutral"),
    ],
)  # fmt: skip
def test_other_names_of_a_class_are_understood(tmp_path: Path, name: str, emotion: str) -> None:
    picture(tmp_path / name / "a.png")
    assert read_class_folder(tmp_path).emotion.tolist() == [EMOTIONS.index(emotion)]


def test_the_same_pictures_give_the_same_file(tmp_path: Path) -> None:
    dataset = make_dataset(40)
    write_class_folder(tmp_path / "one", dataset)
    backwards = np.arange(40)[::-1]
    write_class_folder(tmp_path / "other", dataset, rows=backwards)
    for name in ("one", "other"):
        save_dataset(read_class_folder(tmp_path / name), tmp_path / f"{name}.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_a_picture_of_48_px_keeps_its_pixels(tmp_path: Path, dataset: Dataset) -> None:
    folder = write_class_folder(tmp_path, dataset)
    found = read_class_folder(folder)
    order = np.lexsort((np.arange(len(dataset)), dataset.emotion, dataset.usage))
    np.testing.assert_array_equal(found.images, dataset.images[order])
    np.testing.assert_array_equal(found.emotion, dataset.emotion[order])
    np.testing.assert_array_equal(found.usage, dataset.usage[order])


def test_a_photograph_is_taken_whole_and_upright(tmp_path: Path) -> None:
    source = PORTRAITS / "eileen_collins.jpg"
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / source.name).write_bytes(source.read_bytes())
    luma = read_still(source).luma()
    (wanted,) = crop_faces(luma, whole_picture(*luma.shape), 48)
    np.testing.assert_array_equal(read_class_folder(tmp_path).images[0], wanted)


def test_without_split_folders_the_usage_is_chosen(tmp_path: Path) -> None:
    picture(tmp_path / "sad" / "a.png")
    assert read_class_folder(tmp_path).usage.tolist() == [0]
    assert read_class_folder(tmp_path, "PrivateTest").usage.tolist() == [2]
    picture(tmp_path / "split" / "train" / "sad" / "a.png")
    with pytest.raises(DatasetError, match="has split folders, which decide"):
        read_class_folder(tmp_path / "split", "PublicTest")


def test_what_systems_leave_in_folders_is_passed_over(tmp_path: Path) -> None:
    picture(tmp_path / "sad" / "a.png")
    for name in (".DS_Store", "README.txt", "sad/Thumbs.db", "sad/._a.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "__MACOSX").mkdir()
    assert len(read_class_folder(tmp_path)) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("confused/b.png", "is named after no emotion; accepted are angry, anger, disgust"),
        ("anger/b.png", "stands for angry, as Angry does"),
        ("b.png", "lies in no folder of a class"),
        ("Angry/more/b.png", "is a folder within the folder of a class"),
        ("train/angry/b.png", "is named after no split; accepted are train, training, test"),
    ],
)
def test_a_name_that_cannot_be_understood_is_named(tmp_path: Path, name: str, message: str) -> None:
    picture(tmp_path / "Angry" / "a.png")
    picture(tmp_path / name)
    with pytest.raises(DatasetError, match=message) as caught:
        read_class_folder(tmp_path)
    assert caught.value.path is not None
    assert caught.value.path != tmp_path


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("b.txt", b"words", "is not named as a picture is"),
        ("b.mp4", b"video", "is not named as a picture is"),
        ("b.png", b"", "is empty"),
        ("b.jpg", b"no picture", "is not a picture that can be read"),
        ("b.heic", b"\0\0\0\x18ftypheic", "HEIC pictures are not read"),
        ("b.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "is "),
    ],
)
def test_a_file_that_is_no_picture_is_named(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    bad = picture(tmp_path / "fear" / "a.png").with_name(name)
    bad.write_bytes(content)
    with pytest.raises(DatasetError, match=message) as caught:
        read_class_folder(tmp_path)
    assert caught.value.path == bad


def test_a_picture_that_ends_early_is_refused(tmp_path: Path) -> None:
    whole = (PORTRAITS / "grace_hopper.jpg").read_bytes()
    (tmp_path / "sad").mkdir()
    (tmp_path / "sad" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match=r"cut\.jpg: ends before the picture does"):
        read_class_folder(tmp_path)


def test_a_folder_without_pictures_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no pictures in folders named by angry, anger"):
        read_class_folder(tmp_path)
    (tmp_path / "sad").mkdir()
    with pytest.raises(DatasetError, match="holds no pictures"):
        read_class_folder(tmp_path)
    with pytest.raises(DatasetError, match="cannot be read: No such file"):
        read_class_folder(tmp_path / "missing")


def test_the_hash_speaks_of_labels_names_and_contents(tmp_path: Path) -> None:
    first = picture(tmp_path / "sad" / "a.png")
    before = list_class_folder(tmp_path).sha256()
    (tmp_path / "sad").rename(tmp_path / "Sadness")
    assert list_class_folder(tmp_path).sha256() == before
    (tmp_path / "Sadness").rename(tmp_path / "fear")
    hashes = {before, list_class_folder(tmp_path).sha256()}
    second = (tmp_path / "fear" / first.name).rename(tmp_path / "fear" / "b.png")
    hashes.add(list_class_folder(tmp_path).sha256())
    picture(second, 101)
    hashes.add(list_class_folder(tmp_path).sha256())
    assert len(hashes) == 4
