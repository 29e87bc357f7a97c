from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from emotion_core.errors import UsageError
from emotion_core.media.kinds import Kind
from jobs.messages import describe_passed_over
from jobs.plan import Plan, StillsWork, VideoWork, make_plan


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def sources(inputs: list[Path | str], output: Path) -> list[str]:
    return [file.source for file in make_plan(map(str, inputs), output).files]


def test_folders_are_searched_and_sorted(tmp_path: Path) -> None:
    media = tmp_path / "media"
    touch(media / "b.mp4", media / "a.MOV", media / "sub" / "c.mkv", media / "notes.txt")
    touch(media / "sub" / "d.jpg", media / ".hidden.mp4", media / ".cache" / "e.mp4")
    plan = make_plan([str(media)], tmp_path / "out")
    assert [work.file.source for work in plan.works if isinstance(work, VideoWork)] == [
        "media/a.MOV",
        "media/b.mp4",
        "media/sub/c.mkv",
    ]
    (stills,) = (work for work in plan.works if isinstance(work, StillsWork))
    assert stills.timeline.parent == tmp_path / "out/timelines/media/sub"
    assert re.fullmatch(r"stills-d\.jpg-[0-9a-f]{12}\.parquet", stills.timeline.name)
    assert stills.copies == (tmp_path / "out/annotated/media/sub/d.jpg",)
    assert plan.ignored == [media / "notes.txt"]


def test_results_of_a_video_carry_its_whole_name(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.mov", tmp_path / "in" / "a.mp4")
    works = make_plan([str(tmp_path / "in")], tmp_path / "out").works
    assert [str(work.timeline.relative_to(tmp_path / "out")) for work in works] == [
        "timelines/in/a.mov.parquet",
        "timelines/in/a.mp4.parquet",
    ]
    assert works[0].copies == (tmp_path / "out" / "annotated/in/a.mov.mp4",)


def test_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    touch(tmp_path / "x" / "videos" / "a.mp4", tmp_path / "y" / "videos" / "a.mp4")
    inputs = [tmp_path / "x" / "videos", tmp_path / "y" / "videos"]
    assert sources(inputs, tmp_path / "out") == ["videos/a.mp4", "videos-2/a.mp4"]


def test_a_file_is_worked_on_once(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.mp4", tmp_path / "in" / "b.jpg")
    os.symlink(tmp_path / "in" / "a.mp4", tmp_path / "in" / "z.mp4")
    inputs: list[Path | str] = [tmp_path / "in", tmp_path / "in" / "a.mp4", f"{tmp_path}/in/*.jpg"]
    assert sources(inputs, tmp_path / "out") == ["in/a.mp4", "in/b.jpg"]


def test_globs_and_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "in" / "a.mp4", tmp_path / "in" / "b.mp4", tmp_path / "in" / "deep" / "c.mp4")
    assert sources([f"{tmp_path}/in/**/*.mp4"], tmp_path / "out") == [
        "in/a.mp4",
        "in/b.mp4",
        "deep/c.mp4",
    ]
    (tmp_path / "list.txt").write_text("# chosen\nin/b.mp4\n\nin/deep\n")
    monkeypatch.chdir(tmp_path)
    assert sources(["@list.txt"], tmp_path / "out") == ["in/b.mp4", "deep/c.mp4"]


def test_odd_names_are_taken_as_they_are(tmp_path: Path) -> None:
    names = ["-dash.mp4", "a b.mp4", "line\nbreak.mp4", "[x].mp4", "@at.mp4", "quote'\".mp4"]
    touch(*(tmp_path / "in" / name for name in names))
    assert sorted(sources([tmp_path / "in"], tmp_path / "out")) == sorted(f"in/{n}" for n in names)
    assert sources([tmp_path / "in" / "[x].mp4"], tmp_path / "out") == ["in/[x].mp4"]


def test_links_in_a_circle_and_special_files_end(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.mp4")
    os.symlink(tmp_path / "in", tmp_path / "in" / "again")
    os.mkfifo(tmp_path / "in" / "pipe.mp4")
    assert sources([tmp_path / "in"], tmp_path / "out") == ["in/a.mp4"]


def test_the_output_is_no_input(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.mp4", tmp_path / "in" / "out" / "annotated" / "b.mp4")
    assert sources([tmp_path / "in"], tmp_path / "in" / "out") == ["in/a.mp4"]


def chunks(plan: Plan) -> dict[Path, list[str]]:
    return {work.timeline: [file.source for file in work.files] for work in plan.works}


def test_many_stills_are_cut_into_chunks_that_stay(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    touch(*(folder / f"{i:04}.png" for i in range(600)))
    before = chunks(make_plan([str(folder)], tmp_path / "out"))
    planned = [source for sources in before.values() for source in sources]
    assert planned == [f"in/{i:04}.png" for i in range(600)]
    touch(folder / "0300b.png")
    after = chunks(make_plan([str(folder)], tmp_path / "out"))
    changed = {path for path, sources in after.items() if before.get(path) != sources}
    assert 1 <= len(changed) <= 3
    assert any("in/0300b.png" in after[path] for path in changed)


def test_chunks_do_not_depend_on_how_stills_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    touch(*(folder / f"{i}.png" for i in range(200)))
    one_by_one = [str(folder / f"{i}.png") for i in reversed(range(200))]
    as_folder = chunks(make_plan([str(folder)], tmp_path / "out"))
    assert chunks(make_plan(one_by_one, tmp_path / "out")) == as_folder
    assert chunks(make_plan([f"{folder}/*.png"], tmp_path / "out")) == as_folder


@pytest.mark.parametrize("item", ["missing", "*.none", "@missing.txt"])
def test_inputs_that_are_not_there(tmp_path: Path, item: str) -> None:
    name = item.removeprefix("@")
    wanted = f"@{tmp_path / name}" if item.startswith("@") else str(tmp_path / name)
    with pytest.raises(UsageError) as raised:
        make_plan([wanted], tmp_path / "out")
    assert str(tmp_path / name) in str(raised.value)


def test_names_that_are_not_utf8_can_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.jpg"))).touch()
    assert sources([folder], tmp_path / "out") == ["in/caf\\xe9.jpg"]


def test_folders_of_systems_are_passed_over_unless_named(tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    own = ["$RECYCLE.BIN", "@eaDir", "System Volume Information", "lost+found", "__MACOSX"]
    touch(drive / "a.mp4", *(drive / "sub" / folder / "deleted.mp4" for folder in own))
    assert sources([drive], tmp_path / "out") == ["drive/a.mp4"]
    named = drive / "sub" / "lost+found"
    assert sources([named], tmp_path / "out") == ["lost+found/deleted.mp4"]


def test_what_a_user_may_miss_is_listed_by_kind(tmp_path: Path) -> None:
    media = tmp_path / "media"
    touch(media / "a.mp4", media / "b.zip", media / "c.jxl", media / "d.xyz", media / "e.csv")
    (media / "MOV001.MOD").write_bytes(b"\x00\x00\x01\xba" + bytes(100))
    (media / "photo").write_bytes(b"\xff\xd8\xff" + bytes(100))
    plan = make_plan([str(media)], tmp_path / "out")
    assert [file.source for file in plan.files] == [
        "media/MOV001.MOD",
        "media/a.mp4",
        "media/photo",
    ]
    assert [isinstance(work, StillsWork) for work in plan.works] == [False, False, True]
    assert plan.passed_over == {
        Kind.ARCHIVE: [media / "b.zip"],
        Kind.UNREAD: [media / "c.jxl"],
        Kind.UNKNOWN: [media / "d.xyz"],
    }
    assert list(describe_passed_over(plan.passed_over)) == [
        "Passed over: b.zip: unpack it first.",
        "Passed over: c.jxl: not read, convert it first.",
        "Passed over: d.xyz: neither name nor content is known; name a file itself to have it "
        "tried.",
    ]


def test_many_files_passed_over_are_counted_by_suffix() -> None:
    suffixes = ["r\nar", "zip", "zip"]
    paths = [Path(f"{n}.{suffixes[n % 3]}") for n in range(9)] + [Path("none")]
    (line,) = describe_passed_over({Kind.ARCHIVE: paths})
    assert line == "Passed over: 6 .zip, 3 .r\\nar, 1 without suffix: unpack it first."
