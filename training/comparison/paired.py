"""Two or more bundles on the same rows: which is right where, and whether chance explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_core.bundle import Bundle, load_bundle
from emotion_core.errors import UsageError
from emotion_core.options import AnalysisOptions
from training.evaluation.comparisons import Answers
from training.evaluation.evaluate import answer_sample
from training.evaluation.face_search import FaceSearch
from training.evaluation.metrics import Scores, score


@dataclass(frozen=True)
class Pairing:
    """A bundle against the first one, row by row.

    Parameters
    ----------
    difference : float, -1 to 1
        Accuracy of this bundle less that of the first.
    only_first, only_this : int
        Rows that one of them alone gets right.
    p_value : float, 0-1
        Of `mcnemar`.
    """

    difference: float
    only_first: int
    only_this: int
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            "difference_to_first": round(self.difference, 4),
            "rows_only_first_right": self.only_first,
            "rows_only_this_right": self.only_this,
            "mcnemar_exact_p": float(f"{self.p_value:.3g}"),
        }


@dataclass(frozen=True, eq=False)
class PairedScores:
    """One comparison.

    Parameters
    ----------
    scores : tuple of Scores
        Of each bundle.
    pairings : tuple of Pairing
        Of each bundle but the first.
    """

    scores: tuple[Scores, ...]
    pairings: tuple[Pairing, ...]


@dataclass(frozen=True, eq=False)
class PairedEvaluation:
    """Figures of several bundles on one sample.

    Parameters
    ----------
    split : str
        The split, or the name of a folder without split folders.
    data_sha256 : str
    notes : tuple of str
        What a reader of the figures should know.
    bundles : tuple of Bundle
    results : dict of str to PairedScores
        By comparison, where all bundles have the output.
    search : FaceSearch or None
        In which pictures a face was found, where that was part of the task; all bundles see the
        same faces.
    """

    split: str
    data_sha256: str
    notes: tuple[str, ...]
    bundles: tuple[Bundle, ...]
    results: dict[str, PairedScores]
    search: FaceSearch | None = None

    @property
    def letters(self) -> tuple[str, ...]:
        """A, B, …: a short name of each bundle, since two may have one name and version."""
        return tuple(chr(ord("A") + i) for i in range(len(self.bundles)))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values, bundles under their letters."""
        named = zip(self.letters, self.bundles, strict=True)
        figures: dict[str, Any] = {
            "split": self.split,
            "data_sha256": self.data_sha256,
            "notes": list(self.notes),
            "bundles": {
                letter: {
                    "name": bundle.name,
                    "folder": bundle.path.name,
                    "model_sha256": bundle.card["files"]["model.bin"],
                }
                for letter, bundle in named
            },
            "results": {name: self._result(paired) for name, paired in self.results.items()},
        }
        if self.search is not None:
            figures["detection"] = self.search.to_dict({})
        return figures

    def _result(self, paired: PairedScores) -> dict[str, Any]:
        result = {
            letter: scores.to_dict()
            for letter, scores in zip(self.letters, paired.scores, strict=True)
        }
        for letter, pairing in zip(self.letters[1:], paired.pairings, strict=True):
            result[letter] |= pairing.to_dict()
        return result


def compare_bundles(
    folders: Sequence[Path],
    data: Path,
    split: str | None = None,
    detection: AnalysisOptions | None = None,
) -> PairedEvaluation:
    """Run the inference forms of several bundles on the same faces.

    Parameters
    ----------
    folders : sequence of Path
        Two to 26 bundles; the first is the one that the others are compared with.
    data, split, detection
        As `training.evaluation.sample.load_sample` takes them.

    Raises
    ------
    UsageError
        If there are fewer than two bundles, or more letters would be needed than there are; or as
        `load_sample` raises it.
    BundleError
        If a bundle cannot be loaded.
    DatasetError
        If the data cannot be used or have no such rows.
    """
    if not 2 <= len(folders) <= 26:
        raise UsageError(None, f"{len(folders)} bundles: pass --bundle two to 26 times")
    bundles = tuple(load_bundle(folder) for folder in folders)
    found = answer_sample(bundles, data, split, detection)
    sample = found.sample
    first, *others = found.answers
    shared = [name for name in first if all(name in other for other in others)]
    return PairedEvaluation(
        split=sample.split,
        data_sha256=sample.data_sha256,
        notes=sample.notes,
        bundles=bundles,
        results={name: pair([each[name] for each in found.answers]) for name in shared},
        search=sample.search,
    )


def pair(answers: Sequence[Answers]) -> PairedScores:
    """Compare the answers of several bundles with those of the first, on the same rows."""
    right = [each.probabilities.argmax(axis=1) == each.truth for each in answers]
    return PairedScores(
        scores=tuple(score(each.truth, each.probabilities, each.labels) for each in answers),
        pairings=tuple(_pairing(right[0], other) for other in right[1:]),
    )


def _pairing(first: NDArray[np.bool_], this: NDArray[np.bool_]) -> Pairing:
    only_first, only_this = int((first & ~this).sum()), int((this & ~first).sum())
    return Pairing(
        difference=(only_this - only_first) / len(first),
        only_first=only_first,
        only_this=only_this,
        p_value=mcnemar(only_first, only_this),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Chance of counts at least this unequal if both classifiers were equally often right.

    Exact and two-sided: rows that both get right, or both wrong, say nothing, and each of the
    others is a fair coin (McNemar 1947, doi:10.1007/BF02295996; the binomial form is exact).

    Parameters
    ----------
    only_first, only_second : int
        Rows that one classifier alone gets right.
    """
    from scipy.stats import binomtest

    unequal = only_first + only_second
    return float(binomtest(only_first, unequal).pvalue) if unequal else 1.0
