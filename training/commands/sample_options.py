"""Options that say which faces bundles are measured on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from training.commands.kinds import PATH

_OPTIONS = (
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


def sample_options(*, several: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command ``--data``, which `several` lets be repeated, ``--split`` and ``--detect``."""
    again = " Repeat it to see several beside each other." if several else ""
    data = click.option(
        "--data",
        type=PATH,
        required=not several,
        multiple=several,
        help=f"Data set of 'prepare', or a folder per emotion.{again}",
    )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed((data, *_OPTIONS)):
            command = option(command)
        return command

    return decorate
