"""Options that say what makes an interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from emotion_core.timeline.intervals import IntervalRule

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--enter", type=click.FloatRange(0.5, 1), metavar="P", default=0.6, show_default=True,
        help="Intervals: smoothed probability that is reached at least once, 0.5 to 1.",
    ),
    click.option(
        "--leave", type=click.FloatRange(0, 1), metavar="P", default=0.4, show_default=True,
        help="Intervals: probability that is kept, from 1 - P of --enter to that, above 1/3.",
    ),
    click.option(
        "--min-duration", type=click.FloatRange(0), metavar="S", default=0.25, show_default=True,
        help="Intervals: seconds in which the face shows the emotion, at least.",
    ),
    click.option(
        "--bridge", type=click.FloatRange(0), metavar="S", default=0.5, show_default=True,
        help="Intervals: seconds for which the face may be out of sight.",
    ),
)  # fmt: skip


def rule_options(command: _Command) -> _Command:
    """Adds the four options, whose values `rule_of` takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def given_rule() -> str | None:
    """The first of the options that stands on the command line of the present command."""
    context = click.get_current_context()
    for name in ("enter", "leave", "min_duration", "bridge"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            return f"--{name.replace('_', '-')}"
    return None


def rule_of(values: dict[str, float]) -> IntervalRule:
    """The rule that the options give.

    Raises
    ------
    UsageError
        The two thresholds do not go together.
    """
    from emotion_core.timeline.intervals import IntervalRule

    return IntervalRule(**values)
