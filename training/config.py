"""Everything that decides the outcome of a fit, beside the data."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from training.errors import ConfigError

ARCHITECTURES: Final = ("mobilenet", "residual", "inception", "baseline", "tuned")
"""The last two are the plain CNNs of a notebook, to compare with."""
HEADS: Final = ("both", "fer", "ferplus")
VOTE_TARGETS: Final = ("distribution", "majority")
BALANCES: Final = ("none", "weights", "oversample")
TUNERS: Final = ("random", "hyperband")
"""Of a search for settings."""
PRECISIONS: Final = ("float32", "mixed_bfloat16")


@dataclass(frozen=True)
class FitConfig:
    """Settings of a fit; the defaults are those of the shipped model."""

    architecture: str = "mobilenet"
    """One of `ARCHITECTURES`."""
    epochs: int = 20
    batch_size: int = 32
    seed: int = 1
    learning_rate: float = 5e-4
    """Highest; it falls along a cosine (Loshchilov and Hutter 2017, arXiv:1608.03983)."""
    final_rate: float = 0.1
    """Share of the learning rate that is left at the end."""
    patience: int = 4
    """Epochs without a lower held-back loss after which the fit ends; 0: it never ends early."""
    average_decay: float = 0.9995
    """Of the moving average of the weights, for one step; the average is what is measured and
    exported. 0: the weights themselves are."""
    weight_decay: float = 0.05
    """Decoupled (AdamW, arXiv:1711.05101); not applied to biases and normalisation."""
    sharpness: float = 0.0
    """Radius of sharpness-aware minimisation (arXiv:2010.01412), in which a step takes two thirds
    longer; 0: none."""
    dropout: float = 0.3
    warmup_share: float = 0.04
    """Share of all steps in which the learning rate rises from zero."""
    heads: str = "both"
    """Labels that are learned: FER's, FER+'s votes, or both at once; one of `HEADS`."""
    vote_target: str = "distribution"
    """What the FER+ head learns: the distribution of the votes or their majority."""
    label_smoothing: float = 0.1
    """Of the FER labels, which are noisy; FER+ votes are spread as they are."""
    balance: str = "none"
    """Of the FER classes among the fitted rows: ``weights`` counts rare ones more,
    ``oversample`` repeats their rows. After the split in any case."""
    augment: bool = True
    mixup: float = 0.0
    """Parameter of mixup (arXiv:1710.09412); 0 mixes no pictures."""
    teacher_share: float = 0.5
    """Of the answers in the targets, where there are some; the rest are the labels."""
    folds: int = 0
    """Parts that the fitted rows are divided into, one of which a fit of `answers` leaves out and
    is measured on; 0: it learns from all."""
    fold: int = 1
    """Which of the parts it leaves out, from 1 on."""
    held_back_share: float = 0.05
    enlargement: int = 3
    """Of ``mobilenet`` and ``inception``: by how much pictures are enlarged inside the network."""
    frozen_blocks: int = 1
    """Of ``mobilenet``: so many blocks at the start keep their initial weights."""
    channels: tuple[int, ...] = (24, 48, 96, 192)
    """Of ``residual``: of each stage."""
    filters: tuple[int, ...] = (64, 224, 160)
    """Of ``tuned``: of each convolution."""
    dense: int = 128
    """Of ``tuned``: units of the dense layer."""
    precision: str = "float32"
    """``mixed_bfloat16`` is faster only on a processor or GPU that computes in it."""
    limit: int | None = None
    """Only so many rows, for a trial of the whole path."""


def read_settings(path: Path) -> dict[str, Any]:
    """Settings of a fit from a TOML file: names of `FitConfig`, with ``_`` or ``-``.

    Raises
    ------
    ConfigError
        If the file cannot be read, is no TOML, or has a setting that there is not.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(path, f"cannot be read as TOML: {error}") from error
    settings: dict[str, Any] = {}
    for written, value in found.items():
        name = written.replace("-", "_")
        if name in settings:
            raise ConfigError(path, f"has {name} twice, with - and with _")
        settings[name] = value
    return check_settings(path, settings)


def as_toml(settings: Mapping[str, Any]) -> str:
    """Settings as lines of a file that `read_settings` reads; those that are None are left out."""
    # JSON writes text, truth values, numbers and lists as TOML does.
    lines = (f"{name} = {json.dumps(value)}" for name, value in settings.items())
    return "".join(f"{line}\n" for line in lines if not line.endswith(" = null"))


def check_settings(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, with lists as tuples, once their names and types are known to be right.

    Raises
    ------
    ConfigError
    """
    defaults = FitConfig()
    known = {field.name for field in fields(FitConfig)}
    checked: dict[str, Any] = {}
    for name, given in settings.items():
        if name not in known:
            raise ConfigError(
                path, f"has no setting {name!r}; there are {', '.join(sorted(known))}"
            )
        wanted = 1 if name == "limit" else getattr(defaults, name)
        value: Any = tuple(given) if isinstance(given, list) else given
        if isinstance(wanted, float) and type(value) is int:
            value = float(value)
        missing = value is None and name == "limit"
        if not missing and type(value) is not type(wanted):
            kind = type(wanted).__name__
            raise ConfigError(path, f"{name} = {value!r} is no {kind} like {wanted!r}")
        if (name == "held_back_share" and not 0 < value < 1) or (
            name == "warmup_share" and not 0 <= value < 1
        ):
            raise ConfigError(path, f"{name} = {value!r} is no share between 0 and 1")
        checked[name] = value
    return checked
