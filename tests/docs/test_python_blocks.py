"""The Python of every page runs: all blocks of a page in order, as one program."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.docs.fences import PAGES, REPOSITORY, blocks

SKIPPED: dict[str, str] = {}
"""Pages whose code needs what is not there on every machine, such as a data set, and what that is;
named by their path in the repository."""

WITH_PYTHON = [page for page in PAGES if blocks(page, "python")]


def name_of(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


@pytest.fixture
def user_folder(tmp_path: Path, sample_media: Path, sample_run: Path) -> Path:
    """What the pages speak of: `sample_media`, and `out` with its results."""
    (tmp_path / "sample_media").symlink_to(sample_media)
    shutil.copytree(sample_run, tmp_path / "out")
    return tmp_path


@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
def test_python_runs(page: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name_of(page) in SKIPPED:
        pytest.skip(SKIPPED[name_of(page)])
    monkeypatch.chdir(user_folder)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page, "python"):
        # Empty lines before it give the traceback the page's own line numbers.
        code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
        exec(code, names)


def test_the_readme_has_python_and_skipped_pages_exist() -> None:
    assert REPOSITORY / "README.md" in WITH_PYTHON
    assert set(SKIPPED) <= {name_of(page) for page in WITH_PYTHON}
