"""Measure a bundle on test rows. Nothing else reads their labels and votes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.emotions.calibrate import Calibration
from emotion_core.emotions.classifier import Classifier
from emotion_core.options import AnalysisOptions
from training.data.split import in_training
from training.evaluation.comparisons import (
    REPORTED,
    SHIPPED_ON_FER,
    Answers,
    compare,
    line_up,
    majority_rows,
    score_all,
)
from training.evaluation.face_search import FaceSearch
from training.evaluation.metrics import ECE_BINS, Scores
from training.evaluation.rating import (
    Robustness,
    accuracy_at_coverage,
    measure_abstention,
    measure_robustness,
    measure_speed,
    reliability,
)
from training.evaluation.sample import Sample, load_sample
from training.files import read_json, write_json


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of one bundle on one sample.

    Parameters
    ----------
    split : str
        The split, or the name of a folder without split folders.
    rows : int
        Faces measured.
    scores : dict of str to Scores
        By comparison, from one forward pass.
    mirrored : dict of str to Scores
        The same from the mean of each face and its mirror image.
    unseen : dict of str to Scores
        As `scores`, without rows whose pixels also occur among the Training rows; empty where
        these are not known or nothing remains.
    rated : str
        The comparison of the shipped output that the next four speak of: with the FER+ majority,
        or with the FER labels where there are no votes.
    coverage : dict of float to float
        Accuracy among the most confident share of the rows.
    reliability : list of (float, float, int)
        Mean confidence, accuracy and rows of each bin of confidence.
    robustness : list of Robustness
    abstention : dict
        How often the output is certain, and how often it errs then.
    milliseconds_per_face : float
        On one thread, in batches of 32.
    identity : dict
        Bundle, data and command.
    notes : tuple of str
        What a reader of the figures should know.
    search : FaceSearch or None
        In which pictures a face was found, where that was part of the task.
    """

    split: str
    rows: int
    scores: dict[str, Scores]
    mirrored: dict[str, Scores]
    unseen: dict[str, Scores]
    rated: str
    coverage: dict[float, float]
    reliability: list[tuple[float, float, int]]
    robustness: list[Robustness]
    abstention: dict[str, Any]
    milliseconds_per_face: float
    identity: dict[str, Any]
    notes: tuple[str, ...] = ()
    search: FaceSearch | None = None

    @property
    def measured_on(self) -> str:
        """The split, and whether faces had to be found in it: its place in a card."""
        return self.split if self.search is None else f"{self.split}, faces detected"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        figures: dict[str, Any] = {
            **self.identity,
            "split": self.split,
            "rows": self.rows,
            "notes": list(self.notes),
            "results": {name: scores.to_dict() for name, scores in self.scores.items()},
            "with_mirrored": {n: s.to_dict(brief=True) for n, s in self.mirrored.items()},
            "without_training_rows": {n: s.to_dict(brief=True) for n, s in self.unseen.items()},
            "rated_comparison": self.rated,
            "accuracy_at_coverage": {str(k): round(v, 6) for k, v in self.coverage.items()},
            "reliability": [
                {"confidence": round(c, 4), "accuracy": round(a, 4), "rows": n}
                for c, a, n in self.reliability
            ],
            "robustness": [result.to_dict() for result in self.robustness],
            "abstention": self.abstention,
            "milliseconds_per_face": round(self.milliseconds_per_face, 3),
        }
        if self.search is not None:
            figures["detection"] = self.search.to_dict(self.scores)
        return figures


def evaluate(
    bundle_folder: Path,
    data: Path,
    split: str | None = None,
    detection: AnalysisOptions | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Run a bundle's inference form on every face of a sample.

    Parameters
    ----------
    bundle_folder : Path
    data, split, detection
        As `load_sample` takes them.
    tell : callable
        Told of each step as it begins.

    Raises
    ------
    BundleError
        If the bundle cannot be loaded.
    DatasetError, UsageError
        As `load_sample` raises them.
    """
    bundle = load_bundle(bundle_folder)
    classifier = Classifier(bundle)
    tell("reading the pictures")
    sample = load_sample(data, split, bundle.input_size, detection, tell)
    return _measure(bundle, classifier, sample, tell)


def _measure(
    bundle: Bundle, classifier: Classifier, sample: Sample, tell: Callable[[str], None]
) -> Evaluation:
    tell(f"classifying {len(sample.rows):,} faces")
    dataset, rows, quality = sample.dataset, sample.rows, sample.quality
    calibration = Calibration.of(bundle)
    outputs = classifier.predict(sample.crops)
    answers = line_up(outputs, dataset, rows, calibration, quality)
    rated = REPORTED if REPORTED in answers else SHIPPED_ON_FER
    truth, probabilities = answers[rated].truth, answers[rated].probabilities
    judged = np.isin(rows, majority_rows(dataset, rows)) if rated == REPORTED else slice(None)
    tell("classifying their mirror images")
    mirrored = classifier.with_mirrored(sample.crops, outputs)
    return Evaluation(
        split=sample.split,
        rows=len(rows),
        scores=score_all(answers),
        mirrored=compare(mirrored, dataset, rows, calibration, quality),
        unseen=_unseen(outputs, sample, calibration),
        rated=rated,
        coverage=accuracy_at_coverage(truth, probabilities),
        reliability=reliability(truth, probabilities, ECE_BINS),
        robustness=measure_robustness(classifier, calibration, sample.crops[judged], truth, tell),
        abstention=measure_abstention(probabilities, truth, calibration, quality[judged]),
        milliseconds_per_face=measure_speed(classifier),
        identity=_identity(bundle, sample),
        notes=sample.notes,
        search=sample.search,
    )


def _unseen(
    outputs: dict[str, NDArray[np.float32]], sample: Sample, calibration: Calibration
) -> dict[str, Scores]:
    if not sample.has_training_rows:
        return {}
    unseen = ~in_training(sample.dataset, sample.rows)
    if not unseen.any():
        return {}
    remaining = {name: value[unseen] for name, value in outputs.items()}
    rows, quality = sample.rows[unseen], sample.quality[unseen]
    return compare(remaining, sample.dataset, rows, calibration, quality)


@dataclass(frozen=True, eq=False)
class PairedAnswers:
    """What several bundles say of the same sample.

    Parameters
    ----------
    sample : Sample
        At the size of the first bundle's input.
    answers : list of dict of str to Answers
        Of each bundle, by comparison.
    """

    sample: Sample
    answers: list[dict[str, Answers]]


def answer_sample(
    bundles: Sequence[Bundle],
    data: Path,
    split: str | None = None,
    detection: AnalysisOptions | None = None,
) -> PairedAnswers:
    """What each bundle says of the same faces.

    Parameters
    ----------
    bundles : sequence of Bundle
        At least one.
    data, split, detection
        As `load_sample` takes them.

    Raises
    ------
    BundleError
        If a network cannot be run.
    DatasetError, UsageError
        As `load_sample` raises them.
    """
    sizes = sorted({bundle.input_size for bundle in bundles})
    samples = {size: load_sample(data, split, size, detection) for size in sizes}
    answers = []
    for bundle in bundles:
        sample = samples[bundle.input_size]
        outputs = Classifier(bundle).predict(sample.crops)
        calibration = Calibration.of(bundle)
        answers.append(line_up(outputs, sample.dataset, sample.rows, calibration, sample.quality))
    return PairedAnswers(samples[bundles[0].input_size], answers)


def write_into_card(evaluation: Evaluation, bundle_folder: Path) -> None:
    """Put the figures into the card of the bundle that they belong to."""
    path = bundle_folder / "card.json"
    card = read_json(path)
    card.setdefault("metrics", {})[evaluation.measured_on] = evaluation.to_dict()
    write_json(path, card)


def _identity(bundle: Bundle, sample: Sample) -> dict[str, Any]:
    return {
        "bundle": bundle.name,
        "model_sha256": bundle.card["files"]["model.bin"],
        "data_sha256": sample.data_sha256,
        "temperature": bundle.temperature,
        "quality": dict(bundle.card.get("quality", {})),
        "command": f"emotion-training evaluate --bundle BUNDLE {sample.arguments}",
    }
