from __future__ import annotations

from pathlib import Path

from benchmarks.sparse_search import measure
from emotion_core.options import AnalysisOptions

CLIPS = Path(__file__).resolve().parents[2] / "sample_media" / "clips"


def test_the_default_loses_nothing_on_the_sample_clips() -> None:
    clips = [CLIPS / "coming_and_going.mp4", CLIPS / "phone" / "turned.mov"]
    for result in measure(clips, AnalysisOptions().detection_interval):
        assert result["frames"] >= 100
        assert result["faces"] > 80
        assert (result["lost"], result["added"]) == (0, 0)
        assert result["searches_share"] < 0.6
        assert min(result["overlap"]) > 0.85
        assert result["raw"] < 0.05
        assert result["labels"] > 0.98


def test_searching_every_frame_changes_nothing() -> None:
    (result,) = measure([CLIPS / "phone" / "turned.mov"], 0.0)
    assert result["searches_share"] == 1
    assert result["overlap"] == [1, 1]
    assert (result["raw"], result["smoothed"], result["labels"]) == (0, 0, 1)
