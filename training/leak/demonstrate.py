"""What oversampling before the split does to a figure: the notebook's mistake, made on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import UsageError
from training.config import FitConfig
from training.data.dataset import Dataset
from training.data.duplicates import pixel_hashes
from training.data.split import split_training
from training.data.targets import oversampled
from training.evaluation.metrics import wilson_interval

TEST_SHARE: Final = 0.2


@dataclass(frozen=True)
class Leak:
    """One network, measured on rows that oversampling copied into its fit, and on clean ones.

    Attributes
    ----------
    leaky_accuracy, clean_accuracy : float, 0-1
        Against FER labels.
    leaky_rows, clean_rows : int
    seen_share : float, 0-1
        Share of the leaky test rows whose picture was also fitted.
    course : list of dict
        After each epoch the accuracies on the rows that are ``fitted`` (in passing, so a little
        behind), ``leaky`` and ``clean``, 0-1.
    """

    leaky_accuracy: float
    leaky_rows: int
    seen_share: float
    clean_accuracy: float
    clean_rows: int
    course: list[dict[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values, with 95 % intervals."""
        figures: dict[str, Any] = {"share_of_leaky_rows_seen": round(self.seen_share, 4)}
        for kind in ("leaky", "clean"):
            accuracy, rows = getattr(self, f"{kind}_accuracy"), getattr(self, f"{kind}_rows")
            bounds = wilson_interval(round(accuracy * rows), rows)
            figures[kind] = {
                "rows": rows,
                "accuracy": round(accuracy, 4),
                "accuracy_interval_95": [round(bound, 4) for bound in bounds],
            }
        figures["course"] = [{k: round(v, 4) for k, v in row.items()} for row in self.course]
        return figures


def demonstrate_leak(
    dataset: Dataset,
    config: FitConfig,
    on_epoch: Callable[[int, dict[str, float]], None] | None = None,
) -> Leak:
    """Oversample Training rows, then split at random, fit, and measure; then measure honestly.

    The clean rows are held back by the hash of their pixels before anything is repeated. Test
    splits take no part.

    Parameters
    ----------
    dataset : Dataset
    config : FitConfig
        `heads` is taken as ``fer``; `balance` as ``none``: that is what this function does wrong.
    on_epoch : callable or None
        Called with the number of each finished epoch and its entry in the course.
    """
    from training.fitting.batches import Batches
    from training.fitting.fit import compiled_model

    split = split_training(dataset, TEST_SHARE)
    rows = split.fit[: config.limit]
    rng = np.random.default_rng(config.seed)
    repeated = rng.permutation(oversampled(rows, dataset.emotion[rows]))
    cut = round(len(repeated) * TEST_SHARE)
    leaky, fitted = repeated[:cut], repeated[cut:]
    if len(fitted) < config.batch_size or not (len(leaky) and len(split.held_back)):
        message = f"{len(rows)} usable Training rows are too few: a batch has {config.batch_size}"
        raise UsageError(None, message)
    model = compiled_model(config, len(Batches(dataset, fitted, config, epoch=0)))
    clean = split.held_back[: config.limit]
    course: list[dict[str, float]] = []
    for epoch in range(config.epochs):
        batches = Batches(dataset, fitted, config, epoch)
        history = model.fit(batches, shuffle=False, verbose=0).history
        course.append(
            {
                "fitted": float(history["fer_accuracy"][0]),
                "leaky": _accuracy(model, dataset, leaky),
                "clean": _accuracy(model, dataset, clean),
            }
        )
        if on_epoch is not None:
            on_epoch(epoch + 1, course[-1])
    hashes = pixel_hashes(dataset.images)
    return Leak(
        leaky_accuracy=course[-1]["leaky"],
        leaky_rows=len(leaky),
        seen_share=float(np.isin(hashes[leaky], hashes[fitted]).mean()),
        clean_accuracy=course[-1]["clean"],
        clean_rows=len(clean),
        course=course,
    )


def _accuracy(model: Any, dataset: Dataset, rows: NDArray[np.int64]) -> float:
    from training.networks.shared import FER_HEAD

    pictures = dataset.images[rows][..., None].astype(np.float32)
    logits = model.predict(pictures, batch_size=64, verbose=0)[FER_HEAD]
    return float((np.asarray(logits).argmax(axis=1) == dataset.emotion[rows]).mean())
