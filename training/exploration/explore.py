"""A report on a prepared data set: what to know before a network is fitted to it.

Of the test splits it reads how many rows there are, and their pixels to find copies; labels and
votes are read of Training rows only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import UsageError
from emotion_core.files import hash_file
from emotion_core.labels import EMOTIONS
from training.data.dataset import USAGES, Dataset, load_dataset
from training.data.duplicates import find_duplicates
from training.data.targets import CONTEMPT, FERPLUS, is_usable, majority, same_labels
from training.exploration import plots
from training.exploration.pixel_statistics import (
    class_pixels,
    principal_components,
    share_between_classes,
)
from training.exploration.repeated import describe_duplicates
from training.files import write_json
from training.report import Report

FIGURES: Final = "figures.json"

_LISTED_COMPONENTS: Final = 10


def explore(data: Path, output: Path) -> dict[str, Any]:
    """Write ``report.html``, its pictures as PNG and its numbers as ``figures.json``.

    Parameters
    ----------
    data : Path
        Data set of ``emotion-training prepare``.
    output : Path
        Folder; made if it is missing.

    Returns
    -------
    dict
        What ``figures.json`` holds.

    Raises
    ------
    DatasetError
        If the data set cannot be used.
    UsageError
        If fewer than two Training rows show anything.
    OutputError
        If the folder cannot be written.
    """
    dataset = load_dataset(data)
    training, usage = _training_rows(dataset), dataset.usage
    duplicates = find_duplicates(dataset.images)
    varied = ~duplicates.even[usage == 0]
    if varied.sum() < 2:
        raise UsageError(data, "has fewer than two Training rows with more than one grey level")
    report = Report("Faces and labels of a data set")
    figures = {
        "data": {"name": data.name, "sha256": hash_file(data)},
        "rows": _describe_rows(report, usage),
        "classes": _describe_classes(report, training),
        "agreement": _describe_agreement(report, training),
        "pixels": _describe_pixels(report, training),
        "components": _describe_components(
            report, training.images[varied], training.emotion[varied]
        ),
        "duplicates": describe_duplicates(report, training, usage, duplicates),
    }
    report.write(output)
    write_json(output / FIGURES, figures)
    return figures


def _training_rows(dataset: Dataset) -> Dataset:
    """The Training rows alone, so that no section can reach the labels of others."""
    rows = dataset.usage == 0
    return Dataset(
        dataset.images[rows], dataset.emotion[rows], dataset.usage[rows], dataset.votes[rows]
    )


def _describe_rows(report: Report, usage: NDArray[np.uint8]) -> dict[str, int]:
    counts = np.bincount(usage, minlength=len(USAGES)).tolist()
    report.heading("Rows")
    report.table(["split", "rows"], list(zip(USAGES, counts, strict=True)))
    report.text(
        "Labels and votes are those of Training rows throughout. Of the test splits, which are "
        "kept for evaluation, only the rows are counted and the pixels compared."
    )
    return dict(zip(USAGES, counts, strict=True))


def _describe_classes(report: Report, training: Dataset) -> dict[str, Any]:
    fer = np.bincount(training.emotion, minlength=len(EMOTIONS))
    figures: dict[str, Any] = {"fer": dict(zip(EMOTIONS, fer.tolist(), strict=True))}
    ferplus = None
    report.heading("Classes")
    if training.has_votes:
        usable = is_usable(training.votes)
        ferplus = np.bincount(majority(training.votes[usable]), minlength=len(FERPLUS))
        figures["ferplus_majority"] = dict(zip(FERPLUS, ferplus.tolist(), strict=True))
        figures["without_usable_votes"] = int((~usable).sum())
        report.text(
            f"{figures['without_usable_votes']} rows have no FER+ majority: more voters chose "
            '"unknown" or "not a face" than any emotion, or nobody voted.'
        )
    report.picture("classes", plots.class_counts(fer, ferplus), "Training rows of each class.")
    report.picture(
        "samples",
        plots.sample_grid(training.images, training.emotion),
        "Training pictures by FER label, drawn at random, the same ones each time.",
    )
    return figures


def _describe_agreement(report: Report, training: Dataset) -> dict[str, Any] | None:
    if not training.has_votes:
        return None
    usable = is_usable(training.votes)
    voted = majority(training.votes[usable])
    labels = training.emotion[usable]
    matrix = np.zeros((len(EMOTIONS), len(FERPLUS)), np.int64)
    np.add.at(matrix, (labels, voted), 1)
    same = same_labels(labels, voted)
    seven = voted != CONTEMPT
    figures = {
        "rows": len(labels),
        "share": round(float(same.mean()), 4),
        "share_without_contempt": round(float(same[seven].mean()), 4),
        "matrix": {
            emotion: dict(zip(FERPLUS, row, strict=True))
            for emotion, row in zip(EMOTIONS, matrix.tolist(), strict=True)
        },
    }
    report.heading("Agreement of FER and FER+")
    report.text(
        f"FER label and FER+ majority are the same on {figures['share']:.1%} of "
        f"{figures['rows']} rows with a majority, and on {figures['share_without_contempt']:.1%} "
        "of those whose majority is one of the seven emotions."
    )
    caption = "FER+ majorities of the rows of each FER label; each line sums to 100 %."
    report.picture("agreement", plots.agreement_matrix(matrix), caption)
    return figures


def _describe_pixels(report: Report, training: Dataset) -> dict[str, Any]:
    statistics = class_pixels(training.images, training.emotion, len(EMOTIONS))
    figures = {
        name: {
            "mean": round(float(found.mean.mean()), 2),
            "deviation": round(float(found.deviation.mean()), 2),
        }
        for name, found in zip(EMOTIONS, statistics, strict=True)
        if found is not None
    }
    report.heading("Pixels of each class")
    report.picture(
        "pixels",
        plots.class_pictures(statistics),
        "Mean and standard deviation at each pixel over the Training rows of a class.",
    )
    columns = ["class", "mean grey level", "standard deviation, mean over the pixels"]
    report.table(columns, [[name, *values.values()] for name, values in figures.items()])
    return figures


def _describe_components(
    report: Report, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> dict[str, Any]:
    found = principal_components(images)
    between = share_between_classes(found.scores, labels)[:_LISTED_COMPONENTS]
    figures: dict[str, Any] = {
        "explained": [round(float(share), 4) for share in found.explained[:_LISTED_COMPONENTS]],
        "between_classes": [round(float(share), 4) for share in between],
        "needed_for": {f"{share:.0%}": found.needed_for(share) for share in plots.MARKED_SHARES},
    }
    report.heading("Principal components")
    report.text(
        "Each picture is first brought to mean 0 and deviation 1, as the networks do; pictures of "
        "one grey level are left out. The last column says how much of a component's variance "
        "lies between the means of the classes: a component that told them apart would have "
        "100 %."
    )
    rows = zip(found.explained, between, strict=False)
    report.table(
        ["component", "of all variance", "between classes"],
        [[i, f"{share:.1%}", f"{apart:.1%}"] for i, (share, apart) in enumerate(rows, 1)],
    )
    caption = "Variance that the first components hold together."
    report.picture("variance", plots.explained_variance(found), caption)
    caption = "The first components as pictures, with their shares of the variance."
    report.picture("eigenfaces", plots.eigenfaces(found), caption)
    report.picture(
        "components",
        plots.component_scatter(found, labels),
        "First component across, second upwards: each class (blue) before all others; last, the "
        "means of the classes.",
    )
    return figures
