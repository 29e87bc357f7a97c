from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.data.dataset import VOTE_COLUMNS
from training.data.fer_csv import read_fer
from training.data.targets import TO_EMOTIONS
from training.errors import DatasetError

PIXELS = " ".join(["7"] * 2303 + ["255"])
ROWS = [(0, "Training"), (6, "PublicTest"), (3, "PrivateTest")]
FERPLUS_HEADER = "Usage,Image name," + ",".join(VOTE_COLUMNS)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def fer(path: Path, *extra: str) -> Path:
    lines = [f"{emotion},{PIXELS},{usage}" for emotion, usage in ROWS]
    return write(path, "emotion,pixels,Usage", *lines, *extra)


def votes(path: Path, usages: list[str]) -> Path:
    rows = [f"{usage},fer{i}.png,{i},0,0,0,0,0,0,0,0,10" for i, usage in enumerate(usages)]
    return write(path, FERPLUS_HEADER, *rows)


def test_both_layouts_of_kaggle_give_the_same_data(tmp_path: Path) -> None:
    plain = read_fer(fer(tmp_path / "fer2013.csv"))
    lines = [f"{emotion},{usage},{PIXELS}" for emotion, usage in ROWS]
    spaced = read_fer(write(tmp_path / "icml.csv", "emotion, Usage, pixels", *lines))
    for found in (plain, spaced):
        assert found.emotion.tolist() == [0, 6, 3]
        assert found.usage.tolist() == [0, 1, 2]
        assert found.images.shape == (3, 48, 48)
        assert found.images.dtype == np.uint8
        assert found.images[0, 47, 47] == 255
        assert found.images[0, 47, 46] == 7
        assert not found.has_votes


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = fer(tmp_path / "fer.csv")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_fer(path)) == 3


def test_votes_are_matched_by_row_also_without_image_names(tmp_path: Path) -> None:
    path = votes(tmp_path / "plus.csv", [usage for _, usage in ROWS])
    path.write_text(path.read_text().replace("fer1.png", ""))
    found = read_fer(fer(tmp_path / "fer.csv"), path)
    assert found.votes[:, 0].tolist() == [0, 1, 2]
    assert found.votes[:, 9].tolist() == [10, 10, 10]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"7,{PIXELS},Training", "line 5: emotion is '7'"),
        (f"happy,{PIXELS},Training", "line 5: emotion is 'happy'"),
        (f"-1,{PIXELS},Training", "line 5: emotion is '-1'"),
        (f"0,{PIXELS} 1,Training", "line 5: 2305 pixels, expected 2304"),
        ("0,1 2 3,Training", "line 5: 3 pixels, expected 2304"),
        (f"0,{PIXELS[:-3]}256,Training", "line 5: a pixel is outside 0-255"),
        (f"0,{PIXELS[:-3]}x,Training", "line 5: a pixel is not a whole number"),
        (f"0,{PIXELS},Test", "line 5: Usage is 'Test'"),
        (f"0,{PIXELS[:40]}", "line 5: 2 values for 3 columns"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    path = fer(tmp_path / "fer.csv", row)
    with pytest.raises(DatasetError, match=message) as caught:
        read_fer(path)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("emotion,Usage\n0,Training\n", "no column pixels"),
        ("", "no column emotion, pixels, Usage"),
        ("emotion,pixels,Usage\n", "holds no rows"),
    ],
)
def test_a_file_without_columns_or_rows_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "fer.csv"
    path.write_text(text)
    with pytest.raises(DatasetError, match=message):
        read_fer(path)


def test_a_file_without_its_header_is_told_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "fer.csv"
    path.write_text(f"0,{PIXELS},Training\n")
    with pytest.raises(DatasetError, match="line 1 should name the columns") as caught:
        read_fer(path)
    assert len(str(caught.value)) < 400


def test_a_binary_file_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "fer.csv"
    with pytest.raises(DatasetError, match="cannot be read"):
        read_fer(path)
    path.write_bytes(b"\xff\xfe\x80\x00" * 100)
    with pytest.raises(DatasetError, match="not a csv file"):
        read_fer(path)


def test_votes_of_another_length_or_order_are_refused(tmp_path: Path) -> None:
    source = fer(tmp_path / "fer.csv")
    short = votes(tmp_path / "short.csv", ["Training", "PublicTest"])
    with pytest.raises(DatasetError, match=r"short.csv: has 2 rows, but fer.csv has 3"):
        read_fer(source, short)
    swapped = votes(tmp_path / "swapped.csv", ["Training", "PrivateTest", "PublicTest"])
    with pytest.raises(DatasetError, match="line 3: Usage is PrivateTest, but PublicTest"):
        read_fer(source, swapped)


def test_votes_in_another_order_within_a_split_are_refused(tmp_path: Path) -> None:
    labels = np.arange(140) % 7
    columns = np.asarray(TO_EMOTIONS)[labels]
    lines = [f"{emotion},{PIXELS},Training" for emotion in labels]
    source = write(tmp_path / "fer.csv", "emotion,pixels,Usage", *lines)
    rows = ["Training,," + ",".join(map(str, 10 * np.eye(10, dtype=int)[i])) for i in columns]
    found = read_fer(source, write(tmp_path / "plus.csv", FERPLUS_HEADER, *rows))
    assert found.votes.argmax(axis=1).tolist() == columns.tolist()
    moved = write(tmp_path / "moved.csv", FERPLUS_HEADER, *rows[1:], rows[0])
    with pytest.raises(DatasetError, match=r"moved.csv: .* fer.csv in 0% .* the same row order"):
        read_fer(source, moved)
    # A handful of rows says nothing.
    first = write(tmp_path / "first.csv", "emotion,pixels,Usage", *lines[:14])
    assert len(read_fer(first, write(tmp_path / "few.csv", FERPLUS_HEADER, *rows[1:15]))) == 14
