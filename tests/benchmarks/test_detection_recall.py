"""Recall is counted over boxes that were drawn by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import pytest

from benchmarks.detection_recall import measure

PICTURE = """<image file='{name}'>{boxes}</image>"""
BOX = "<box top='{1}' left='{0}' width='{2}' height='{3}'/>"


@pytest.fixture
def photographs(tmp_path: Path, sample_media: Path) -> Path:
    """Hopper with her face boxed, and Collins with a box on her face and one on the wall."""
    pictures = {
        "grace_hopper.jpg": [(176, 115, 180, 215)],
        "eileen_collins.jpg": [(181, 61, 88, 112), (0, 0, 40, 40)],
    }
    listed = ""
    for name, boxes in pictures.items():
        shutil.copy(sample_media / "portraits" / name, tmp_path)
        listed += PICTURE.format(name=name, boxes="".join(BOX.format(*box) for box in boxes))
    (tmp_path / "boxes_testing.xml").write_text(f"<dataset><images>{listed}</images></dataset>")
    return tmp_path


def test_boxes_without_a_finding_and_findings_without_a_box_are_told_apart(
    photographs: Path,
) -> None:
    results = measure(photographs, min_faces=[60])
    assert (results["pictures"], results["faces"], results["smallest_face_px"]) == (2, 3, 40)
    assert results["searches"] == [{"min_face": 60, "found": 2, "false": 0}]
    (photographs / "boxes_testing.xml").write_text(
        "<dataset><image file='grace_hopper.jpg'>" + BOX.format(0, 0, 40, 40) + "</image></dataset>"
    )
    assert measure(photographs, min_faces=[60])["searches"] == [
        {"min_face": 60, "found": 0, "false": 1}
    ]


def test_a_folder_without_boxes_is_named(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match=f"{tmp_path} holds no boxes"):
        measure(tmp_path)
