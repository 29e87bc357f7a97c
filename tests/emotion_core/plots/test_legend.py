"""The legend lies within the picture, however long its words are."""

import numpy as np
import pytest
from matplotlib import rc_context

from emotion_core.plots.over_time import draw_over_time
from emotion_core.plots.series import TrackSeries, VideoSeries
from emotion_core.plots.style import RC

BINS = 300


@pytest.mark.parametrize("less_baseline", [False, True])
@pytest.mark.parametrize("frames_per_bin", [1.0, 2.0, 7.5, 120.5])
def test_the_legend_is_whole(frames_per_bin: float, less_baseline: bool) -> None:
    values = np.random.default_rng(0).dirichlet(np.ones(7), BINS)
    track = TrackSeries(0, values, values * 0.9, values, np.zeros(BINS, bool))
    missing = {name: np.zeros(BINS, bool) for name in ("no_face", "damaged", "undecodable")}
    edges = np.linspace(0, 90, BINS + 1)
    series = VideoSeries(edges, frames_per_bin, (track,), 1, less_baseline, missing)
    with rc_context(RC):
        figure = draw_over_time("clip.mp4", series, 0.6)
        figure.savefig("/dev/null", format="png")
        legend = figure.legends[0].get_window_extent()
    assert legend.x0 >= 0
    assert legend.x1 <= figure.bbox.width
    assert legend.y1 <= figure.bbox.height
