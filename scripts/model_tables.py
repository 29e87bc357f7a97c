"""The tables of docs/model.md, from the card of the shipped model."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

from emotion_core.bundle import DEFAULT_BUNDLE
from emotion_core.labels import EMOTIONS

REPORTED: Final = "shipped output vs FER+ majority"
COMPARISONS: Final = {
    "FER head vs FER labels": "FER head, FER labels",
    "shipped output vs FER labels": "reported output, FER labels",
    REPORTED: "**reported output, FER+ majority**",
    "FER+ head vs FER+ majority (8 classes)": "FER+ head, FER+ majority, 8 classes",
}
CHANGES: Final = {
    "blur": "blur, σ in px of 48",
    "noise": "noise, σ in grey levels",
    "low light": "share of the light, with photon noise",
    "low resolution": "reduced to a side in px, and enlarged again",
    "cut off": "share outside the picture",
    "jpeg": "JPEG, quality",
    "occlusion": "a grey square over a share of the side",
}


def measured() -> dict[str, Any]:
    """What `emotion-training evaluate --card` wrote into the card."""
    card = json.loads((DEFAULT_BUNDLE / "card.json").read_text(encoding="utf-8"))
    return dict(card["metrics"]["PublicTest"])


def tables(figures: Mapping[str, Any]) -> dict[str, list[str]]:
    """Lines of Markdown by the name of the place where they belong."""
    return {
        "accuracy": list(_accuracy(figures)),
        "classes": list(_classes(figures["results"][REPORTED])),
        "changes": list(_changes(figures)),
    }


def _accuracy(figures: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "| comparison | rows | accuracy % | interval | macro-F1 % | ECE % | with mirror image % |"
    )
    yield "|---|---:|---:|---|---:|---:|---:|"
    for name, shown in COMPARISONS.items():
        result, mirrored = figures["results"][name], figures["with_mirrored"][name]
        low, high = map(_percent, result["accuracy_interval_95"])
        accuracy = _percent(result["accuracy"])
        cells = (
            shown,
            f"{result['rows']:,}",
            f"**{accuracy}**" if name == REPORTED else accuracy,
            f"{low}–{high}",
            *(_percent(result[key]) for key in ("macro_f1", "ece_15_bins")),
            _percent(mirrored["accuracy"]),
        )
        yield _row(cells)
    yield ""
    abstention, apart = figures["abstention"], figures["without_training_rows"][REPORTED]
    low, high = map(_percent, abstention["kept_error_interval_95"])
    copies = figures["results"][REPORTED]["rows"] - apart["rows"]
    yield (
        f"At the threshold of the card it is certain on {_percent(abstention['kept_share'])} % of "
        f"the rows and errs on {_percent(abstention['kept_error'])} % of those ({low}–{high}). "
        f"Without the {copies} rows whose pixels also occur in Training it reaches "
        f"{_percent(apart['accuracy'])} % ({apart['rows']:,} rows)."
    )


def _classes(result: Mapping[str, Any]) -> Iterator[str]:
    classes = [result["per_class"][name] for name in EMOTIONS]
    yield _row(("", *EMOTIONS))
    yield _row(("---", *["---:"] * len(EMOTIONS)))
    yield _row(("rows", *(f"{one['rows']:,}" for one in classes)))
    for key in ("precision", "recall"):
        yield _row((f"{key} %", *(_percent(one[key]) for one in classes)))


def _changes(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "| change | | quality | right % | ECE % | certain % | wrong of these % |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for change, strengths in itertools.groupby(figures["robustness"], itemgetter("change")):
        label = CHANGES[change]
        for one in strengths:
            shares = ("accuracy", "ece", "certain_share", "certain_error")
            percents = (_percent(one[key]) for key in shares)
            yield _row((label, f"{one['strength']:g}", f"{one['quality']:.2f}", *percents))
            label = ""


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
