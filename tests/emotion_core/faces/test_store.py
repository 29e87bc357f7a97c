from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from emotion_core.errors import MediaError, OutputError
from emotion_core.faces.faces import Faces
from emotion_core.faces.store import read_faces, write_faces
from tests.emotion_core.timeline.test_build import make_faces


def test_blocks_come_back_as_they_were(tmp_path: Path) -> None:
    blocks = [
        make_faces([0, 0, 1], [1.5, 2, 3], [0, 1, 2]),
        Faces.none(),
        make_faces([9], [4], [6]),
    ]
    write_faces(tmp_path / "faces.npy", blocks)
    found = list(read_faces(tmp_path / "faces.npy"))
    assert len(found) == len(blocks)
    for before, after in zip(blocks, found, strict=True):
        for field in fields(Faces):
            column = getattr(after, field.name)
            np.testing.assert_array_equal(column, getattr(before, field.name))
            assert column.dtype == getattr(before, field.name).dtype
    write_faces(tmp_path / "nobody.npy", [])
    assert list(read_faces(tmp_path / "nobody.npy")) == []


def test_faults_of_the_source_and_of_the_file_are_told_apart(tmp_path: Path) -> None:
    def broken() -> Iterator[Faces]:
        yield make_faces([0], [1], [0])
        raise MediaError(Path("clip.mp4"), "is broken")

    with pytest.raises(MediaError, match=r"clip\.mp4"):
        write_faces(tmp_path / "faces.npy", broken())
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file/faces\.npy"):
        write_faces(tmp_path / "file" / "faces.npy", [])
