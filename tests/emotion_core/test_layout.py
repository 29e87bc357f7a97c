"""Where results go, whatever files are called."""

from __future__ import annotations

import os
from pathlib import Path

from emotion_core.layout import NAME_BYTES_MAX, source_name, still_copy, timeline_of, video_copy

OUT = Path("/out")


def test_results_are_named_after_their_source() -> None:
    assert timeline_of(OUT, "in/a/b.mov") == Path("/out/timelines/in/a/b.mov.parquet")
    assert video_copy(OUT, "in/a/b.mov") == Path("/out/annotated/in/a/b.mov.mp4")
    assert still_copy(OUT, "in/b.jpg") == Path("/out/annotated/in/b.jpg")


def test_names_that_are_too_long_are_cut_and_stay_apart() -> None:
    longest = "x" * (NAME_BYTES_MAX - 4)
    sources = [f"in/{longest}.mp4", f"in/{longest[1:]}y.mp4", f"in/{'é' * 500}.mp4"]
    sources += [f"in/{longest}.{'e' * 99}", f"in/{'d' * 999}/a.mp4", f"in/{'d' * 998}/a.mp4"]
    for place, ending in ((timeline_of, ".parquet"), (video_copy, ".mp4"), (still_copy, "")):
        found = [place(OUT, source) for source in sources]
        assert len(set(found)) == len(sources)
        for path in found:
            assert path.name.endswith(ending)
            assert all(len(os.fsencode(part)) <= NAME_BYTES_MAX for part in path.parts)
    assert still_copy(OUT, sources[0]).suffix == ".mp4"


def test_names_that_are_not_utf_8_fit_as_well(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xe9" * 251 + b".mp4")
    source = source_name(tmp_path / name, tmp_path, "in")
    assert source.startswith(r"in/\xe9\xe9")
    assert len(os.fsencode(timeline_of(OUT, source).name)) <= NAME_BYTES_MAX
