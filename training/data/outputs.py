"""The outputs of a bundle's network, and the order of their classes."""

from __future__ import annotations

from typing import Final

from emotion_core.labels import EMOTIONS
from training.data.targets import FERPLUS

SHIPPED, FER_OUTPUT, FERPLUS_OUTPUT = "logits", "fer_logits", "ferplus_logits"

OUTPUT_LABELS: Final[dict[str, tuple[str, ...]]] = {
    SHIPPED: EMOTIONS,
    FER_OUTPUT: EMOTIONS,
    FERPLUS_OUTPUT: FERPLUS,
}
