"""Errors that concern the data and the runs of the training command.

They join the tree of :mod:`emotion_core.errors` and end ``emotion-training`` with exit code 2.
"""

from __future__ import annotations

from emotion_core.errors import EmotionError


class DatasetError(EmotionError):
    """A label file or a prepared data set cannot be used; the message names the row."""


class RunError(EmotionError):
    """A run folder is missing, unfinished or was made with another configuration."""


class WeightsError(EmotionError):
    """Initial weights are missing or belong to another network."""


class ConfigError(EmotionError):
    """A configuration file of a fit cannot be used; the message names the setting."""
