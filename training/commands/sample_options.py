"""Options that say which faces bundles are measured on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from training.commands.kinds import PATH

_OPTIONS = (
    click.option(
        "--data", type=PATH, required=True, help="Data set of 'prepare', or a folder per emotion."
    ),
    click.option(
        "--split",
        type=click.Choice(["PublicTest", "PrivateTest"]),
        help="Rows to measure on. Default: PublicTest; all of a folder without split folders.",
    ),
    click.option(
        "--detect",
        is_flag=True,
        help="Of a folder of whole pictures: find and cut the largest face of each, as annotate"
        " does.",
    ),
)


def sample_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--data``, ``--split`` and ``--detect``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
