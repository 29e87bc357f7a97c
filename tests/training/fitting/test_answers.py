from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from emotion_core.emotions.calibrate import softmax
from emotion_core.errors import UsageError
from emotion_core.files import hash_file
from training.bundling.card import terms_of
from training.bundling.fitted import load_fitted
from training.data.dataset import load_dataset, save_dataset
from training.data.split import split_training
from training.errors import RunError, WeightsError
from training.files import read_json
from training.fitting.answers import Answers, load_answers, write_answers
from training.fitting.batches import Batches
from training.fitting.fit import fit, usable_split
from training.fitting.run_folder import CONFIG, load_best
from training.networks.architectures import build
from training.networks.face_weights import SHA256, TERMS


@pytest.fixture(scope="module")
def crossed(finished: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Two fits, each without one half, and their answers to it."""
    folder = tmp_path_factory.mktemp("crossed")
    config = replace(finished.config, folds=2, epochs=2, channels=(4, 8))
    runs = [folder / "1", folder / "2"]
    configs = [replace(config, fold=fold) for fold in (1, 2)]
    for run, of_fold in zip(runs, configs, strict=True):
        fit(finished.data, run, of_fold, tensorboard=False)
    path = folder / "answers.npz"
    count = write_answers(runs, finished.data, path)
    return SimpleNamespace(path=path, count=count, runs=runs, configs=configs)


def test_every_row_is_answered_by_the_network_that_left_it_out(
    finished: SimpleNamespace, crossed: SimpleNamespace
) -> None:
    answers, known = load_answers(crossed.path, finished.data, finished.config)
    split = split_training(finished.dataset, finished.config.held_back_share)
    assert crossed.count == len(answers.rows)
    assert sorted(answers.rows) == sorted(split.fit)
    for run, config in zip(crossed.runs, crossed.configs, strict=True):
        network = build(config)
        load_best(run, network)
        rows = usable_split(finished.dataset, config, finished.data).held_back[:16]
        images = finished.dataset.images[rows][..., None].astype("f4")
        places = np.searchsorted(answers.rows, rows)
        for head, given in (("fer", answers.fer), ("ferplus", answers.ferplus)):
            seen = softmax(np.asarray(network(images)[head]), 1.0)
            mirrored = softmax(np.asarray(network(images[:, :, ::-1])[head]), 1.0)
            np.testing.assert_allclose(given[places], (seen + mirrored) / 2, atol=1e-4)
    assert [network["config"]["fold"] for network in known["networks"]] == [1, 2]
    assert known["sha256"] == hash_file(crossed.path)


def test_what_a_network_with_a_fold_says_of_itself_counts_the_rows_that_it_learned(
    finished: SimpleNamespace, crossed: SimpleNamespace
) -> None:
    split = split_training(finished.dataset, finished.config.held_back_share)
    counts = [
        load_fitted(run, finished.data).provenance(finished.dataset, split)["rows_fitted"]
        for run in crossed.runs
    ]
    assert sum(counts) == len(split.fit)
    assert all(0.3 < count / len(split.fit) < 0.7 for count in counts)


def test_several_answers_to_a_row_are_averaged(
    finished: SimpleNamespace, crossed: SimpleNamespace, tmp_path: Path
) -> None:
    once, _ = load_answers(crossed.path, finished.data, finished.config)
    write_answers([*crossed.runs, crossed.runs[0]], finished.data, tmp_path / "again.npz")
    again, _ = load_answers(tmp_path / "again.npz", finished.data, finished.config)
    np.testing.assert_allclose(once.fer, again.fer, atol=1e-6)
    np.testing.assert_allclose(again.ferplus.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_targets_lie_between_labels_and_answers(finished: SimpleNamespace, share: float) -> None:
    rows = np.arange(64)
    config = replace(finished.config, batch_size=64)
    rng = np.random.default_rng(0)
    answered = rng.permutation(rows)[:40]
    answers = Answers(
        answered,
        rng.dirichlet(np.ones(7), 40).astype("f4"),
        rng.dirichlet(np.ones(8), 40).astype("f4"),
        share,
    )
    images, labels, weights = Batches(finished.dataset, rows, config, 3)[0]
    same, targets, same_weights = Batches(finished.dataset, rows, config, 3, answers=answers)[0]
    np.testing.assert_array_equal(images, same)
    order = np.random.default_rng((config.seed, 3)).permutation(rows)
    for head, given in (("fer", answers.fer), ("ferplus", answers.ferplus)):
        np.testing.assert_array_equal(weights[head], same_weights[head])
        expected = labels[head].copy()
        for place, row in enumerate(order):
            if row in answered:
                answer = given[list(answered).index(row)]
                expected[place] = (1 - share) * expected[place] + share * answer
        np.testing.assert_allclose(targets[head], expected, atol=1e-6)
    measured = Batches(finished.dataset, rows, config, answers=answers)[0][1]
    np.testing.assert_array_equal(measured["fer"].max(axis=1), 1)


def test_a_fit_with_answers_says_so_and_goes_on_with_the_same_only(
    finished: SimpleNamespace, crossed: SimpleNamespace, tmp_path: Path
) -> None:
    config = replace(finished.config, epochs=1, channels=(4, 8), limit=64, teacher_share=0.5)
    fit(finished.data, tmp_path / "run", config, answers=crossed.path)
    record = read_json(tmp_path / "run" / CONFIG)["answers"]
    assert record["sha256"] == hash_file(crossed.path)
    assert [network["epoch_of_these_weights"] for network in record["networks"]]
    with pytest.raises(RunError, match="with other answers, or without any"):
        fit(finished.data, tmp_path / "run", config)


def test_answers_that_do_not_belong_are_refused(
    finished: SimpleNamespace, crossed: SimpleNamespace, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match="rows that this fit holds back"):
        load_answers(crossed.path, finished.data, replace(finished.config, held_back_share=0.2))
    other = tmp_path / "other.npz"
    dataset = load_dataset(finished.data)
    save_dataset(replace(dataset, emotion=dataset.emotion * 0), other)
    with pytest.raises(WeightsError, match="are answers to other data"):
        load_answers(crossed.path, other, finished.config)
    with pytest.raises(RunError, match="was fitted on other data"):
        write_answers(crossed.runs, other, tmp_path / "out.npz")
    for content in (b"", b"PK\x03\x04 cut off", crossed.path.read_bytes()[:2000]):
        (tmp_path / "broken.npz").write_bytes(content)
        with pytest.raises(WeightsError, match="no answers of 'answers'"):
            load_answers(tmp_path / "broken.npz", finished.data, finished.config)
    with pytest.raises(RunError, match="has left out no fold: fit it with --folds"):
        write_answers([finished.run], finished.data, tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize("fold", [0, 3])
def test_a_fold_that_there_is_not_is_refused(
    finished: SimpleNamespace, tmp_path: Path, fold: int
) -> None:
    config = replace(finished.config, folds=2, fold=fold)
    with pytest.raises(UsageError, match="fold"):
        fit(finished.data, tmp_path / "run", config)
    assert not (tmp_path / "run").exists()


def test_weights_that_answers_go_back_to_have_their_terms_in_the_card() -> None:
    start = {"name": "faces.weights.h5", "sha256": SHA256}
    answers = {"networks": [{"initial_weights": start}, {"initial_weights": "none (random)"}]}
    fitted = {"initial_weights": "none (random)", "answers": answers}
    assert terms_of({"networks": [fitted]}) == TERMS
    assert terms_of({"networks": [fitted | {"answers": {"networks": []}}]}) != TERMS
