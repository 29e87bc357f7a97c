"""From logits to probabilities: temperature and abstention, both by the quality of the face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import QUALITY_EXPONENTS, Bundle

QUALITY_FLOOR: Final = 0.05
"""Lower qualities count as this one."""


def softmax(logits: NDArray[np.floating], temperature: float) -> NDArray[np.float32]:
    """Probabilities of shape (n, k): softmax of logits over the temperature (Guo et al., 2017)."""
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


@dataclass(frozen=True)
class Calibration:
    """How a model's logits are to be read.

    Attributes
    ----------
    temperature : float
        Divisor of the logits of a face of full quality.
    threshold : float, 0-1
        Confidence below which such a face is uncertain.
    temperature_exponent, threshold_exponent : float
        The temperature of a face of quality q is `temperature` / q^`temperature_exponent`; it is
        uncertain below 1 - (1 - `threshold`) q^`threshold_exponent`. 0: quality plays no part.
    """

    temperature: float
    threshold: float
    temperature_exponent: float = 0.0
    threshold_exponent: float = 0.0

    @classmethod
    def of(cls, bundle: Bundle) -> Calibration:
        """As the bundle's card says."""
        return cls.of_card(bundle.card)

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> Calibration:
        """As a card says, be it older than the exponents."""
        exponents = card.get("quality", {})
        return cls(
            float(card["temperature"]),
            float(card["abstention_threshold"]),
            *(float(exponents.get(name, 0)) for name in QUALITY_EXPONENTS),
        )

    def scale(
        self, logits: NDArray[np.float32], quality: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Logits of shape (n, k) over the temperature that each face's quality, (n,), calls for."""
        factor = _floored(quality) ** self.temperature_exponent / self.temperature
        return np.asarray(logits * factor[:, None], np.float32)

    def probabilities(
        self, logits: NDArray[np.float32], quality: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Probabilities, shape (n, k), of faces with logits (n, k) and quality (n,)."""
        return softmax(self.scale(logits, quality), 1.0)

    def thresholds(self, quality: NDArray[np.float32]) -> NDArray[np.float32]:
        """Confidence below which faces of some quality, shape (n,), are uncertain."""
        kept = (1 - self.threshold) * _floored(quality) ** self.threshold_exponent
        return np.asarray(1 - kept, np.float32)


def _floored(quality: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.maximum(quality.astype(np.float64), QUALITY_FLOOR)
