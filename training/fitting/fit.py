"""Fit the network on the Training rows, with a checkpoint after every epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emotion_core.errors import UsageError
from training.config import FitConfig
from training.data.dataset import Dataset, load_dataset
from training.data.split import Split, split_training, without_fold
from training.fitting.answers import Answers, load_answers
from training.fitting.averaging import WeightAverage, first_pictures
from training.fitting.claim import begun_with, check_claim, claim
from training.fitting.history_plot import write_history_plot
from training.fitting.initial import freeze_from, origin, start_from
from training.fitting.run_folder import load_checkpoint, save_best, save_checkpoint
from training.fitting.teacher import Teacher, load_teacher

if TYPE_CHECKING:
    import keras

    from training.fitting.batches import Batches


def fit(
    data: Path,
    run: Path,
    config: FitConfig,
    initial_weights: Path | None = None,
    on_epoch: Callable[[dict[str, Any]], None] | None = None,
    on_step: Callable[[int, int], None] | None = None,
    *,
    frozen_from: Path | None = None,
    teachers: Sequence[Path] = (),
    answers: Path | None = None,
    tensorboard: bool = True,
) -> list[dict[str, Any]]:
    """Fit, or go on from the last finished epoch of the same fit.

    What the fit has come to are the weights, or their average, of the epoch with the lowest
    held-back loss.

    Parameters
    ----------
    data : Path
        Data set of ``emotion-training prepare``.
    run : Path
        Folder of the run; made if it is missing.
    config : FitConfig
    initial_weights : Path or None
        ``model.keras`` of a bundle with the same network, or for ``mobilenet`` and ``inception``
        the ``….weights.h5`` of ``emotion-training initial-weights``; random without.
    on_epoch : callable or None
        Called with the figures of each epoch, when its checkpoint is written.
    on_step : callable or None
        Called after each batch with the number of batches done and the number of all epochs
        together.
    frozen_from : Path or None
        ``model.keras`` of a bundle with the same network, of which the blocks are that
        `config` freezes; those of the initial weights without.
    teachers : sequence of Path
        Bundles or folders of fits, with the same rows held back; the mean of their answers is
        learned beside the labels.
    answers : Path or None
        File of `training.fitting.answers.write_answers`, which are learned beside the labels.
    tensorboard : bool
        Keep a log for TensorBoard in the run's folder, too. A fit that has finished without one
        gets it when it is called again.

    Returns
    -------
    list of dict
        For each epoch the mean losses and accuracies on the rows fitted (``loss``, …) and on
        the rows held back (``held_back_loss``, …), learning rate, and seconds.

    Raises
    ------
    DatasetError
        If the data set cannot be used.
    UsageError
        If there are too few rows, a setting needs another backend of Keras, or the network cannot
        be built.
    OutputError
        If the run cannot be written.
    WeightsError
        If the initial weights are missing or belong to another network, or a teacher knows rows
        that are held back.
    RunError
        If the folder holds a fit of another configuration or other data, or a teacher's cannot be
        read.
    """
    from training.fitting.event_log import EventLog
    from training.networks.architectures import check

    check(config)
    dataset = load_dataset(data)
    split = usable_split(dataset, config, data)
    teacher, known = load_teacher(teachers, data, config) if teachers else (None, None)
    answered, source = (None, None) if answers is None else load_answers(answers, data, config)
    begun = begun_with(
        config,
        data,
        initial_weights=origin(initial_weights),
        frozen_from=origin(frozen_from),
        teachers=known,
        answers=source,
    )
    check_claim(run, begun)
    log = EventLog(run) if tensorboard else None

    def initialise(model: keras.Model) -> None:
        if initial_weights is not None:
            start_from(model, initial_weights, dataset.images[split.fit])
        if frozen_from is not None:
            freeze_from(model, frozen_from)
        claim(run, begun)  # weights that were refused leave the folder free

    def epoch_done(history: list[dict[str, Any]]) -> None:
        write_history_plot(run, history)
        if log is not None:
            log.write(history)
        if on_epoch is not None:
            on_epoch(history[-1])

    history = fit_rows(
        *(dataset, split, run, config, config.epochs, initialise, epoch_done, on_step),
        teacher=teacher,
        answers=answered,
    )
    if log is not None and not log.exists:
        log.write(history)
    return history


def usable_split(dataset: Dataset, config: FitConfig, data: Path) -> Split:
    """The rows that a fit learns from, and those it is measured on.

    Raises
    ------
    UsageError
        If there are too few; it names `data`, where the data set is from.
    """
    split = split_training(dataset, config.held_back_share)
    if config.folds:
        if not 1 <= config.fold <= config.folds:
            raise UsageError(None, f"fold {config.fold} is none of 1 to {config.folds}")
        split = without_fold(dataset, split, config.folds, config.fold)
    if config.limit is not None:
        limit = config.limit
        split = Split(split.fit[:limit], split.held_back[:limit], split.dropped)
    if len(split.fit) < config.batch_size:
        message = f"{len(split.fit)} usable Training rows are fewer than one batch"
        raise UsageError(data, f"{message} of {config.batch_size}")
    if not len(split.held_back):
        raise UsageError(data, "no Training rows are left for validation")
    return split


def fit_rows(
    dataset: Dataset,
    split: Split,
    run: Path,
    config: FitConfig,
    until: int,
    initialise: Callable[[keras.Model], None] | None = None,
    on_epoch: Callable[[list[dict[str, Any]]], None] | None = None,
    on_step: Callable[[int, int], None] | None = None,
    teacher: Teacher | None = None,
    answers: Answers | None = None,
) -> list[dict[str, Any]]:
    """Fit until so many epochs are finished, or go on from the last finished one in the folder.

    Parameters
    ----------
    dataset : Dataset
    split : Split
    run : Path
        Folder of checkpoint and history.
    config : FitConfig
    until : int
        Number of epochs; where it is less than that of the configuration, the fit stops on its
        way, the learning rate still high, and can be gone on with.
    initialise : callable or None
        Called with the network if no epoch is finished yet.
    on_epoch : callable or None
        Called with the rows of all finished epochs after each one, when its checkpoint is written.
    on_step : callable or None
        As for `fit`.
    teacher : Teacher or None
    answers : Answers or None

    Returns
    -------
    list of dict
        As that of `fit`.
    """
    import keras

    keras.utils.set_random_seed(config.seed)
    from training.fitting.batches import Batches

    steps = len(Batches(dataset, split.fit, config, epoch=0))
    model = compiled_model(config, steps)
    found = load_checkpoint(run, model)
    history = found.history
    if not found.epoch and initialise is not None:
        initialise(model)
    average = None
    if config.average_decay:
        average = WeightAverage(model, config.average_decay, found.average, found.updates)
    for epoch in range(found.epoch, until):
        if has_ended(history, config):
            break
        pictures = _Pictures(
            Batches(dataset, split.fit, config, epoch, teacher, answers),
            Batches(dataset, split.held_back, config),
            Batches(dataset, split.fit, replace(config, mixup=0.0), epoch),
        )
        history.append(_fit_epoch(model, pictures, config, epoch, average, on_step))
        if best_epoch(history) == epoch + 1:
            measured = model.variables if average is None else average.state
            save_best(run, [np.asarray(value) for value in measured], epoch + 1)
        save_checkpoint(run, model, epoch + 1, history, average)
        if on_epoch is not None:
            on_epoch(history)
    return history


def best_epoch(history: Sequence[Mapping[str, Any]]) -> int:
    """The epoch with the lowest held-back loss; 0 where there is none."""
    return min(history, key=lambda row: row["held_back_loss"], default={"epoch": 0})["epoch"]


def has_ended(history: Sequence[Mapping[str, Any]], config: FitConfig) -> bool:
    """Whether a fit is over: all epochs are finished, or its patience is."""
    waited = len(history) - best_epoch(history)
    return len(history) == config.epochs or 0 < config.patience <= waited


def compiled_model(config: FitConfig, steps: int) -> keras.Model:
    """Build the network and its optimizer; `steps` is the number of batches in an epoch."""
    import keras

    from training.networks.architectures import build
    from training.networks.shared import FER_HEAD, FERPLUS_HEAD

    model = build(config, fitting=True, precision=config.precision)
    if config.sharpness:
        from training.networks.sharpness import SharpnessAware

        model = SharpnessAware(model, config.sharpness)
    warmup = round(steps * config.epochs * config.warmup_share)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else config.learning_rate,
        decay_steps=max(1, steps * config.epochs - warmup),
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
        alpha=config.final_rate,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=config.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    losses = keras.losses
    model.compile(
        optimizer,
        loss={
            FER_HEAD: losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=config.label_smoothing
            ),
            FERPLUS_HEAD: losses.CategoricalCrossentropy(from_logits=True),
        },
        weighted_metrics={
            head: [keras.metrics.CategoricalAccuracy(name="accuracy")]
            for head in (FER_HEAD, FERPLUS_HEAD)
        },
        loss_weights={
            FER_HEAD: 0.0 if config.heads == "ferplus" else 1.0,
            FERPLUS_HEAD: 0.0 if config.heads == "fer" else 1.0,
        },
        # XLA is several times slower than TensorFlow's own kernels on a CPU.
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    optimizer.build(model.trainable_variables)
    return model


@dataclass(frozen=True)
class _Pictures:
    """Of one epoch; batch normalisation gets the statistics of those that are not mixed."""

    fitted: Batches
    held_back: Batches
    unmixed: Batches


def _fit_epoch(
    model: keras.Model,
    pictures: _Pictures,
    config: FitConfig,
    epoch: int,
    average: WeightAverage | None,
    on_step: Callable[[int, int], None] | None,
) -> dict[str, Any]:
    import keras

    start = time.monotonic()
    steps = len(pictures.fitted)

    def step_done(batch: int, logs: Any = None) -> None:  # noqa: ARG001 (Keras names it)
        if average is not None:
            average.after_step(batch)
        if on_step is not None:
            on_step(epoch * steps + batch + 1, config.epochs * steps)

    # One call for each epoch: shuffling and augmentation then depend on seed and epoch alone,
    # and a resumed fit sees the same batches as one that was never interrupted.
    # (Keras would shuffle the batches once more, by a state that no checkpoint holds.)
    fitted = model.fit(
        pictures.fitted,
        epochs=epoch + 1,
        initial_epoch=epoch,
        shuffle=False,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=step_done)],
    ).history
    with nullcontext() if average is None else average.applied(first_pictures(pictures.unmixed)):
        measured = model.evaluate(pictures.held_back, verbose=0, return_dict=True)
    row: dict[str, Any] = {"epoch": epoch + 1}
    row |= {name: round(float(values[0]), 5) for name, values in fitted.items()}
    row |= {f"held_back_{name}": round(float(value), 5) for name, value in measured.items()}
    row["learning_rate"] = float(model.optimizer.learning_rate)
    row["seconds"] = round(time.monotonic() - start, 1)
    return row
