"""Fit the network on the Training rows, with a checkpoint after every epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import UsageError
from emotion_core.files import hash_file
from training.config import FitConfig
from training.data.dataset import Dataset, load_dataset
from training.data.split import Split, split_training
from training.errors import RunError, WeightsError
from training.files import read_json, write_json
from training.fitting.averaging import WeightAverage
from training.fitting.history_plot import write_history_plot
from training.fitting.run_folder import CONFIG, load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    import keras

    from training.fitting.batches import Batches

FACES_FOR_STATISTICS: Final = 512
"""By which initial weights with folded batch normalisation get statistics."""

PICTURES_FOR_STATISTICS: Final = 2048
"""By which the average of the weights gets statistics, changed at random as in fitting."""


def fit(
    data: Path,
    run: Path,
    config: FitConfig,
    initial_weights: Path | None = None,
    on_epoch: Callable[[dict[str, Any]], None] | None = None,
    on_step: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Fit, or go on from the last finished epoch of the same fit.

    Parameters
    ----------
    data : Path
        Data set of ``emotion-training prepare``.
    run : Path
        Folder of the run; made if it is missing.
    config : FitConfig
    initial_weights : Path or None
        ``model.keras`` of a bundle with the same network, or for ``mobilenet`` the
        ``….weights.h5`` of ``emotion-training initial-weights``; random without.
    on_epoch : callable or None
        Called with the figures of each epoch, when its checkpoint is written.
    on_step : callable or None
        Called after each batch with the number of batches done and the number of all epochs
        together.

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
        If there are too few rows.
    OutputError
        If the run cannot be written.
    WeightsError
        If the initial weights are missing or belong to another network.
    RunError
        If the folder holds a fit of another configuration or other data.
    """
    import keras

    dataset = load_dataset(data)
    split = _limited(split_training(dataset, config.held_back_share), config.limit)
    _check_split(split, config, data)
    _claim(run, config, data, initial_weights)

    keras.utils.set_random_seed(config.seed)
    from training.fitting.batches import Batches

    steps = len(Batches(dataset, split.fit, config, epoch=0))
    model = compiled_model(config, steps)
    found = load_checkpoint(run, model)
    history = found.history
    if not found.epoch and initial_weights is not None:
        _initialise(model, initial_weights, dataset, split)
    average = None
    if config.average_decay:
        average = WeightAverage(model, config.average_decay, found.average, found.updates)
    for epoch in range(found.epoch, config.epochs):
        history.append(_fit_epoch(model, dataset, split, config, epoch, average, on_step))
        save_checkpoint(run, model, epoch + 1, history, average)
        write_history_plot(run, history)
        if on_epoch is not None:
            on_epoch(history[-1])
    return history


def compiled_model(config: FitConfig, steps: int) -> keras.Model:
    """Build the network and its optimizer; `steps` is the number of batches in an epoch."""
    import keras

    from training.networks.architectures import build
    from training.networks.shared import FER_HEAD, FERPLUS_HEAD

    model = build(config, fitting=True, precision=config.precision)
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


def _fit_epoch(
    model: keras.Model,
    dataset: Dataset,
    split: Split,
    config: FitConfig,
    epoch: int,
    average: WeightAverage | None,
    on_step: Callable[[int, int], None] | None,
) -> dict[str, Any]:
    import keras

    from training.fitting.batches import Batches

    start = time.monotonic()
    batches = Batches(dataset, split.fit, config, epoch)
    steps = len(batches)

    def step_done(batch: int, logs: Any = None) -> None:  # noqa: ARG001 (Keras names it)
        if average is not None:
            average.after_step(batch)
        if on_step is not None:
            on_step(epoch * steps + batch + 1, config.epochs * steps)

    # One call for each epoch: shuffling and augmentation then depend on seed and epoch alone,
    # and a resumed fit sees the same batches as one that was never interrupted.
    # (Keras would shuffle the batches once more, by a state that no checkpoint holds.)
    fitted = model.fit(
        batches,
        epochs=epoch + 1,
        initial_epoch=epoch,
        shuffle=False,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=step_done)],
    ).history
    with nullcontext() if average is None else average.applied(_first_pictures(batches)):
        held_back = model.evaluate(
            Batches(dataset, split.held_back, config), verbose=0, return_dict=True
        )
    row: dict[str, Any] = {"epoch": epoch + 1}
    row |= {name: round(float(values[0]), 5) for name, values in fitted.items()}
    row |= {f"held_back_{name}": round(float(value), 5) for name, value in held_back.items()}
    row["learning_rate"] = float(model.optimizer.learning_rate)
    row["seconds"] = round(time.monotonic() - start, 1)
    return row


def _first_pictures(batches: Batches) -> Iterator[NDArray[np.float32]]:
    count = min(len(batches), PICTURES_FOR_STATISTICS // batches.batch_size + 1)
    return (batches[i][0] for i in range(count))


def _initialise(model: keras.Model, weights: Path, dataset: Dataset, split: Split) -> None:
    if weights.suffix == ".keras":
        _go_on_from(model, weights)
        return
    if model.name != "mobilenet":
        raise WeightsError(weights, f"cannot start {model.name}: it has no weights of that kind")
    from training.networks.mobilenet import start_from

    rng = np.random.default_rng(0)
    rows = rng.choice(split.fit, min(FACES_FOR_STATISTICS, len(split.fit)), replace=False)
    start_from(model, weights, dataset.images[rows])


def _go_on_from(model: keras.Model, weights: Path) -> None:
    import keras

    try:
        source = keras.saving.load_model(weights, compile=False, safe_mode=True)
        model.set_weights(source.get_weights())
    except Exception as error:  # Keras and h5py have many for a file that does not fit
        raise WeightsError(weights, f"is not the same network as {model.name}: {error}") from error


def _limited(split: Split, limit: int | None) -> Split:
    if limit is None:
        return split
    return Split(split.fit[:limit], split.held_back[:limit], split.dropped)


def _check_split(split: Split, config: FitConfig, data: Path) -> None:
    if len(split.fit) < config.batch_size:
        message = f"{len(split.fit)} usable Training rows are fewer than one batch"
        raise UsageError(data, f"{message} of {config.batch_size}")
    if not len(split.held_back):
        raise UsageError(data, "no Training rows are left for validation")


def _claim(run: Path, config: FitConfig, data: Path, initial_weights: Path | None) -> None:
    """Write the configuration, or check that the folder holds the same one."""
    settings = asdict(config)
    settings["channels"] = list(config.channels)
    entry: dict[str, Any] = {"config": settings, "data": _identity(data)}
    if initial_weights is not None:
        if not initial_weights.is_file():
            raise WeightsError(initial_weights, "is missing: docs/model.md says how to make it")
        entry["initial_weights"] = _origin(initial_weights)
    path = run / CONFIG
    if not path.exists():
        write_json(path, entry)
        return
    found = read_json(path)
    if found.get("config") != settings:
        old = found.get("config") or {}
        other = [name for name in settings if old.get(name) != settings[name]]
        message = f"was made with another {', '.join(other)}; use another folder for this fit"
        raise RunError(run, message)
    if found.get("data", {}).get("sha256") != entry["data"]["sha256"]:
        raise RunError(run, "was made with another data set; use another folder for this fit")
    if found.get("initial_weights") != entry.get("initial_weights"):
        raise RunError(run, "was begun with other initial weights; use another folder")


def _origin(weights: Path) -> dict[str, Any]:
    """What is known of initial weights; of those of a bundle, also how they were fitted."""
    origin: dict[str, Any] = _identity(weights)
    card = weights.parent / "card.json"
    if weights.suffix == ".keras" and card.is_file():
        origin["training"] = read_json(card).get("training", {})
    return origin


def _identity(path: Path) -> dict[str, str]:
    return {"name": path.name, "sha256": hash_file(path)}
