"""Everything that decides the outcome of a fit, beside the data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FitConfig:
    """Settings of a fit; the defaults are those of the shipped model."""

    architecture: str = "mobilenet"
    """``mobilenet``, ``residual``, or a notebook's plain CNN, ``baseline`` or ``tuned``."""
    epochs: int = 24
    batch_size: int = 32
    seed: int = 1
    learning_rate: float = 5e-4
    """Highest; it falls to zero along a cosine (Loshchilov and Hutter 2017, arXiv:1608.03983)."""
    weight_decay: float = 0.05
    """Decoupled (AdamW, arXiv:1711.05101); not applied to biases and normalisation."""
    dropout: float = 0.3
    warmup_share: float = 0.04
    """Share of all steps in which the learning rate rises from zero."""
    label_smoothing: float = 0.1
    """Of the FER labels, which are noisy; FER+ votes are spread as they are."""
    held_back_share: float = 0.05
    frozen_blocks: int = 1
    """Of ``mobilenet``: so many blocks at the start keep their initial weights."""
    channels: tuple[int, ...] = (24, 48, 96, 192)
    """Of ``residual``: of each stage."""
    precision: str = "float32"
    """``mixed_bfloat16`` is faster only on a processor or GPU that computes in it."""
    limit: int | None = None
    """Only so many rows, for a trial of the whole path."""
