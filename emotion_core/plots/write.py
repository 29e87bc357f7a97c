"""Figures of a run, written as pictures."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import matplotlib as mpl
import pyarrow as pa
from matplotlib.figure import Figure

from emotion_core.files import reported_for, written_aside
from emotion_core.plots.over_time import draw_over_time
from emotion_core.plots.series import SERIES_COLUMNS, video_series
from emotion_core.plots.shares import Bar, draw_shares
from emotion_core.plots.style import RC
from emotion_core.results.made import Made
from emotion_core.results.windows import Windows
from emotion_core.timeline.store import read_blocks, read_metadata

FORMS: Final = ("png", "svg")
DPI: Final = 150
_LOG: Final = logging.getLogger(__name__)
_FONTS_LOG: Final = logging.getLogger("matplotlib.font_manager")


def plot_video(
    timeline: Path,
    path: Path,
    forms: Sequence[str],
    tracks_max: int,
    *,
    less_baseline: bool = False,
    windows: Windows | None = None,
) -> list[Path]:
    """Draw the probabilities of a video over time.

    Parameters
    ----------
    timeline : Path
    path : Path
        Of the pictures, without ending.
    forms : sequence of str
        Of `FORMS`.
    tracks_max : int
        Tracks drawn: those seen longest.
    less_baseline : bool
        Draw what ``annotate --baseline`` has made of the probabilities.
    windows : Windows, optional
        Spans to mark in the videos that they are of.

    Returns
    -------
    pictures : list of Path
        None for stills, which have no time, and where no track has values less a baseline.

    Raises
    ------
    MediaError
        The timeline cannot be read.
    OutputError
        A picture cannot be written.
    """
    made = Made.of(timeline, read_metadata(timeline))
    if made.stills is not None:
        return []
    rows = pa.concat_tables(read_blocks(timeline, ("source", *SERIES_COLUMNS)))
    series = video_series(rows, tracks_max, less_baseline=less_baseline)
    if less_baseline and not series.tracks:
        return []
    with mpl.rc_context(RC):
        source = rows["source"][0].as_py()
        marked = (windows or {}).get(source, {})
        figure = draw_over_time(source, series, made.calibration.threshold, marked)
        return [_write(figure, path, form) for form in forms]


def plot_shares(bars: Sequence[Bar], path: Path, forms: Sequence[str]) -> Iterator[Path]:
    """Draw shares as stacked bars, in numbered pictures where there are many bars.

    Raises
    ------
    OutputError
        A picture cannot be written.
    """
    with mpl.rc_context(RC):
        figures = list(draw_shares(bars))
        for number, figure in enumerate(figures, 1):
            page = path if len(figures) == 1 else path.with_name(f"{path.name}-{number}")
            yield from (_write(figure, page, form) for form in forms)


def _write(figure: Figure, path: Path, form: str) -> Path:
    picture = path.with_name(f"{path.name}.{form}")
    with written_aside(picture) as partial, reported_for(picture), _characters_named(picture):
        # Without a date, the same timeline gives the same file.
        date = {"Date": None} if form == "svg" else {}
        figure.savefig(partial, format=form, dpi=DPI, metadata=date)
    return picture


@contextmanager
def _characters_named(picture: Path) -> Iterator[None]:
    """One message for all characters that no font has, instead of a warning for each."""
    level = _FONTS_LOG.level
    _FONTS_LOG.setLevel(logging.ERROR)  # a font for another script may not have each weight
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.filterwarnings("always", message="Glyph .* missing from font")
            yield
    finally:
        _FONTS_LOG.setLevel(level)
    missing = [warning for warning in caught if "missing from font" in str(warning.message)]
    if missing:
        _LOG.warning(
            "%s: no font that is installed has all characters of its words; install one that has, "
            "such as Noto Sans CJK",
            picture,
        )
    for other in caught:
        if other not in missing:
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
