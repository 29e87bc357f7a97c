from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from emotion_core.errors import OutputError
from training.report import Report


def test_a_report_is_one_file_that_needs_no_other(tmp_path: Path) -> None:
    report = Report("Rows <and> columns")
    report.heading("First")
    report.text("1 < 2")
    report.table(["a", "b"], [["x & y", 1.5]])
    figure = Figure()
    figure.subplots().plot([1, 2])
    report.picture("line", figure, "a line")
    report.write(tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    for text in (
        "Rows &lt;and&gt; columns",
        "1 &lt; 2",
        "x &amp; y",
        "1.5",
        "data:image/png;base64,",
    ):
        assert text in page
    assert "http" not in page
    assert (tmp_path / "out" / "line.png").read_bytes().startswith(b"\x89PNG")


def test_pictures_of_an_earlier_report_go_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(b"mine")
    for names in (("first", "second"), ("second", "third")):
        report = Report("Pictures")
        for name in names:
            report.picture(name, Figure(), name)
        report.write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "mine.png",
        "report.html",
        "second.png",
        "third.png",
    }


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file/report\.html"):
        Report("none").write(tmp_path / "file")
