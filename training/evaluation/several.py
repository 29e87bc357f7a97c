"""Measure a bundle on several evaluation sets, for a look at them beside each other.

A bundle is judged by data that it was not fitted on, and one set says little: accuracy on rows of
its own source can rise while that on all others falls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emotion_core.bundle import load_bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.emotions.classifier import Classifier
from emotion_core.errors import UsageError
from emotion_core.options import AnalysisOptions
from training.evaluation.comparisons import REPORTED, SHIPPED_ON_FER, line_up, majority_rows
from training.evaluation.face_search import FaceSearch
from training.evaluation.metrics import Scores, score
from training.evaluation.rating import measure_abstention
from training.evaluation.sample import load_sample
from training.files import read_json, write_json


@dataclass(frozen=True, eq=False)
class SetScores:
    """Figures of the shipped output on one evaluation set.

    Parameters
    ----------
    name : str
        Of its file or folder.
    split : str
        The split, or the folder's name where it has no split folders.
    data_sha256 : str
    held_to : str
        The labels that the output is compared with.
    scores : Scores
    abstention : dict
        As `measure_abstention` gives it.
    notes : tuple of str
        What a reader of the figures should know.
    search : FaceSearch or None
        In which pictures a face was found, where that was part of the task.
    """

    name: str
    split: str
    data_sha256: str
    held_to: str
    scores: Scores
    abstention: dict[str, Any]
    notes: tuple[str, ...]
    search: FaceSearch | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The emotions that no picture of the set is labelled with."""
        support = self.scores.confusion.sum(axis=1)
        return tuple(
            name for name, rows in zip(self.scores.labels, support, strict=True) if not rows
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        figures: dict[str, Any] = {
            "split": self.split,
            "data_sha256": self.data_sha256,
            "held_to": self.held_to,
            "notes": list(self.notes),
            "result": self.scores.to_dict(),
            "abstention": self.abstention,
        }
        if self.search is not None:
            figures["detection"] = self.search.to_dict({self.held_to: self.scores})
        return figures


@dataclass(frozen=True, eq=False)
class SeveralSets:
    """Figures of one bundle on several evaluation sets.

    Parameters
    ----------
    bundle : str
        Name and version.
    model_sha256 : str
    sets : tuple of SetScores
    """

    bundle: str
    model_sha256: str
    sets: tuple[SetScores, ...]

    def mean(self, figure: Callable[[Scores], float]) -> float:
        """Mean of a figure over the sets, each of the same weight, however large."""
        return float(np.mean([figure(each.scores) for each in self.sets]))

    def mean_recall(self) -> dict[str, float]:
        """Recall of each emotion, 0-1: the mean over the sets in which it occurs."""
        found: dict[str, list[float]] = {}
        for each in self.sets:
            support = each.scores.confusion.sum(axis=1)
            for i, name in enumerate(each.scores.labels):
                if support[i]:
                    found.setdefault(name, []).append(each.scores.recall[i])
        return {name: float(np.mean(values)) for name, values in found.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "bundle": self.bundle,
            "model_sha256": self.model_sha256,
            "sets": {each.name: each.to_dict() for each in self.sets},
            "mean_of_sets": {
                "accuracy": round(self.mean(lambda s: s.accuracy), 6),
                "balanced_accuracy": round(self.mean(lambda s: s.balanced_accuracy), 6),
                "macro_f1": round(self.mean(lambda s: s.macro_f1), 6),
                "ece_15_bins": round(self.mean(lambda s: s.ece), 6),
                "aurc": round(self.mean(lambda s: s.aurc), 6),
                "recall": {name: round(v, 6) for name, v in self.mean_recall().items()},
            },
        }


def evaluate_sets(
    bundle_folder: Path,
    sets: Sequence[Path],
    split: str | None = None,
    detection: AnalysisOptions | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> SeveralSets:
    """Run a bundle's inference form on every face of several sets.

    Parameters
    ----------
    bundle_folder : Path
    sets : sequence of Path
        Each as `load_sample` takes it.
    split, detection
        Of all sets, as `load_sample` takes them.
    tell : callable
        Called with what is begun next.

    Raises
    ------
    BundleError
        If the bundle cannot be loaded.
    DatasetError, UsageError
        As `load_sample` raises them, or if a set is named twice.
    """
    bundle = load_bundle(bundle_folder)
    classifier, calibration = Classifier(bundle), Calibration.of(bundle)
    found = []
    for name, data in name_sets(sets).items():
        tell(f"measuring {name}")
        found.append(_measure(name, classifier, calibration, data, split, detection))
    return SeveralSets(bundle.name, bundle.card["files"]["model.bin"], tuple(found))


def name_sets(sets: Sequence[Path]) -> dict[str, Path]:
    """Sets by the name of their file or folder, with as many folders before it as tell them apart.

    Raises
    ------
    UsageError
        If one is named twice.
    """
    whole = [data.resolve() for data in sets]
    for data, path in zip(sets, whole, strict=True):
        if whole.count(path) > 1:
            raise UsageError(data, "is named twice: pass each set once")
    parts = 1
    while len({path.parts[-parts:] for path in whole}) < len(whole):
        parts += 1
    return {"/".join(path.parts[-parts:]): data for path, data in zip(whole, sets, strict=True)}


def write_sets_into_card(found: SeveralSets, bundle_folder: Path) -> None:
    """Put the figures into the card of the bundle that they belong to, each set under its name."""
    path = bundle_folder / "card.json"
    card = read_json(path)
    card.setdefault("metrics", {}).setdefault("sets", {}).update(found.to_dict()["sets"])
    write_json(path, card)


def _measure(
    name: str,
    classifier: Classifier,
    calibration: Calibration,
    data: Path,
    split: str | None,
    detection: AnalysisOptions | None,
) -> SetScores:
    sample = load_sample(data, split, classifier.input_size, detection)
    outputs = classifier.predict(sample.crops)
    answers = line_up(outputs, sample.dataset, sample.rows, calibration, sample.quality)
    held_to = REPORTED if REPORTED in answers else SHIPPED_ON_FER
    counted = majority_rows(sample.dataset, sample.rows) if held_to == REPORTED else sample.rows
    each, quality = answers[held_to], sample.quality[np.isin(sample.rows, counted)]
    return SetScores(
        name=name,
        split=sample.split,
        data_sha256=sample.data_sha256,
        held_to=held_to,
        scores=score(each.truth, each.probabilities, each.labels),
        abstention=measure_abstention(each.probabilities, each.truth, calibration, quality),
        notes=sample.notes,
        search=sample.search,
    )
