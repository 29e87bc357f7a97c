"""``emotion-training fit``: fit a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from emotion_core.errors import UsageError
from emotion_core.terminal import say
from training.commands.kinds import FILE, FOLDER, OUTPUT_FOLDER, SEED, Finite, Widths
from training.config import (
    ARCHITECTURES,
    BALANCES,
    HEADS,
    PRECISIONS,
    VOTE_TARGETS,
    FitConfig,
    read_settings,
)
from training.errors import ConfigError

FIT = FitConfig()
OF_ARCHITECTURES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "enlargement": ("mobilenet", "inception"),
        "frozen_blocks": ("mobilenet",),
        "channels": ("residual",),
        "filters": ("tuned",),
        "dense": ("tuned",),
    }
)
"""Which networks a setting is of, where it is not of all."""


def setting(name: str, kind: Any, text: str) -> Callable[[Any], Any]:
    """An option for a setting of `FitConfig`; where it is not given, the file or default holds."""
    default = getattr(FIT, name.replace("-", "_"))
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
    show: Any = False if default is None else shown
    return click.option(f"--{name}", type=kind, default=None, show_default=show, help=text)


@click.command()
@click.option("--data", type=FILE, required=True, help="Data set of 'prepare'.")
@click.option("--output", "run", type=OUTPUT_FOLDER, required=True, help="Folder of the run.")
@click.option("--config", "file", type=FILE, help="TOML file of settings; options win over it.")
@click.option(
    "--initial-weights",
    type=FILE,
    help="Of 'initial-weights', or model.keras of a bundle with the same network; random without.",
)
@click.option(
    "--frozen-from",
    type=FILE,
    help="model.keras of a bundle with the same network, whose blocks the frozen ones are; those "
    "of the initial weights without.",
)
@click.option(
    "--teacher",
    "teachers",
    type=FOLDER,
    multiple=True,
    help="Bundle or run whose answers are learned beside the labels; again for the mean of several."
    " It must have held back the same rows.",
)
@click.option(
    "--answers",
    type=FILE,
    help="File of 'answers', which are learned beside the labels.",
)
@setting("architecture", click.Choice(ARCHITECTURES), "The last two are plain, to compare with.")
@setting("epochs", click.IntRange(1), "Passes; the learning rate falls over all of them.")
@setting("batch-size", click.IntRange(1), "Pictures in one step.")
@setting("seed", SEED, "Of first weights, order of the rows and augmentation.")
@setting("learning-rate", Finite(0, min_open=True), "Highest; falls along a cosine.")
@setting("weight-decay", Finite(0), "Decoupled from the gradient (AdamW).")
@setting("sharpness", Finite(0), "Radius of sharpness-aware minimisation; 0: none.")
@setting("dropout", Finite(0, 1, max_open=True), "Share of pooled features dropped.")
@setting("heads", click.Choice(HEADS), "Labels that are learned: FER's, FER+'s votes, or both.")
@setting("vote-target", click.Choice(VOTE_TARGETS), "What the FER+ head learns of the votes.")
@setting("label-smoothing", Finite(0, 1, max_open=True), "Of the FER labels.")
@setting("balance", click.Choice(BALANCES), "Of the FER classes, among the fitted rows alone.")
@setting("mixup", Finite(0), "Mix pairs of pictures, shares from Beta(x, x); 0: none.")
@setting("teacher-share", Finite(0, 1), "Of the answers in the targets.")
@setting("folds", click.IntRange(0), "Parts of the rows, one of which is left out; 0: none.")
@setting("fold", click.IntRange(1), "Which part is left out; the fit is measured on it.")
@setting("patience", click.IntRange(0), "Epochs without a lower held-back loss; 0: any number.")
@setting("final-rate", Finite(0, 1), "Share of the learning rate left at the end.")
@setting("average-decay", Finite(0, 1, max_open=True), "Of the average of weights.")
@setting("enlargement", click.IntRange(1, 8), "Of mobilenet and inception: of pictures, inside.")
@setting("frozen-blocks", click.IntRange(0, 13), "Of mobilenet: first blocks that are not fitted.")
@setting("channels", Widths(), "Of residual: of each stage.")
@setting("filters", Widths(), "Of tuned: of each convolution.")
@setting("dense", click.IntRange(1), "Of tuned: units of the dense layer.")
@setting(
    "precision", click.Choice(PRECISIONS), "mixed_bfloat16 needs hardware that computes in it."
)
@click.option(
    "--augment/--no-augment", default=None, help="Change pictures at random, anew in every pass."
)
@setting("limit", click.IntRange(1), "Only so many rows: a trial of the path.")
@click.option(
    "--tensorboard/--no-tensorboard",
    default=True,
    show_default=True,
    help="Keep a log for TensorBoard in the run's folder; it costs some kB.",
)
def fit(
    data: Path,
    run: Path,
    file: Path | None,
    initial_weights: Path | None,
    frozen_from: Path | None,
    teachers: tuple[Path, ...],
    answers: Path | None,
    tensorboard: bool,
    **flags: Any,
) -> None:
    """Fit the network on Training rows; the same command goes on after an interruption.

    Rows whose pixels also occur in a test split are left out, and a twentieth is held back for
    validation, temperature and abstention. Test rows are never learned from or selected on.
    """
    from training.commands.fit_progress import shown_progress
    from training.fitting.fit import fit as run_fit

    settings = {} if file is None else _checked(file)
    given = {name: value for name, value in flags.items() if value is not None}
    config = FitConfig(**settings | given)
    _refuse_idle(given, config, answered=bool(teachers) or answers is not None)
    with shown_progress(config.epochs) as (on_epoch, on_step):
        history = run_fit(
            data,
            run,
            config,
            initial_weights,
            on_epoch,
            on_step,
            frozen_from=frozen_from,
            teachers=teachers,
            answers=answers,
            tensorboard=tensorboard,
        )
    say(f"{run}: {len(history)} epochs finished")


def _refuse_idle(given: Mapping[str, Any], config: FitConfig, *, answered: bool) -> None:
    """Refuse options that would change nothing.

    Raises
    ------
    UsageError
    """
    for name, architectures in OF_ARCHITECTURES.items():
        if name in given and config.architecture not in architectures:
            option, owners = f"--{name.replace('_', '-')}", " and ".join(architectures)
            message = f"{option} is of {owners}, and --architecture is {config.architecture}"
            raise UsageError(None, message)
    if "fold" in given and not config.folds:
        raise UsageError(None, "--fold needs --folds, the number of parts")
    if "teacher_share" in given and not answered:
        raise UsageError(None, "--teacher-share needs --teacher or --answers")
    for name, head in (("vote_target", "ferplus"), ("label_smoothing", "fer")):
        if name in given and config.heads not in ("both", head):
            option = f"--{name.replace('_', '-')}"
            raise UsageError(None, f"{option} is of the other head, and --heads is {config.heads}")


def _checked(file: Path) -> dict[str, Any]:
    """The settings of a file, held to the choices and ranges of the options.

    Raises
    ------
    ConfigError
    """
    context = click.get_current_context()
    settings = read_settings(file)
    for option in context.command.params:
        value = settings.get(option.name or "")
        if value is None:
            continue
        try:
            option.type.convert(value, option, context)
        except click.BadParameter as error:
            raise ConfigError(file, f"{option.name} = {value!r}: {error.message}") from error
    return settings
