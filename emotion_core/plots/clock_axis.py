"""An axis of time that reads well from a second to a day."""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

TICKS_MAX: Final = 12
SECONDS_MAX: Final = 120

_STEPS_S: Final = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800,
)  # fmt: skip


def show_time(axes: Axes, start_s: float, end_s: float) -> None:
    """Limits, ticks and label of a horizontal axis in seconds."""
    span_s = end_s - start_s
    step_s = next((step for step in _STEPS_S if span_s / step <= TICKS_MAX), span_s / TICKS_MAX)
    axes.set_xlim(start_s, end_s)
    axes.xaxis.set_major_locator(MultipleLocator(step_s))
    if end_s <= SECONDS_MAX:
        axes.set_xlabel("time since the first frame (s)")
        return
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: clock(value)))
    unit = "h:min:s" if end_s >= 3600 else "min:s"
    axes.set_xlabel(f"time since the first frame ({unit})")


def clock(seconds: float) -> str:
    """Minutes and seconds, and hours from one on.

    >>> clock(75), clock(3675)
    ('1:15', '1:01:15')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
