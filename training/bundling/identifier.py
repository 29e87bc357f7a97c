"""The network that tells people apart: the weights that know faces, as they were fitted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_core.faces.crop import CROP_NAME
from emotion_core.faces.faces import EMBEDDING_LENGTH
from emotion_core.files import hash_file, reported_for
from emotion_core.identities.identifier_folder import (
    CARD_FORMAT,
    EMBEDDING,
    KIND,
    IdentifierFolder,
    load_identifier,
)
from training.bundling.card import software_versions
from training.bundling.inference_form import write_openvino
from training.data.dataset import SIDE, USAGES, load_dataset
from training.errors import DatasetError
from training.files import write_json
from training.networks.face_weights import PACKAGE, TERMS

if TYPE_CHECKING:
    import keras

ENLARGEMENT: Final = 3
"""As in the classifier."""

FACES: Final = 1_500
FACES_FOR_RANGES: Final = 512
BATCH: Final = 64

INTENDED_USE: Final = (
    "Telling which tracks and faces of one run of annotate show the same person in the same "
    "sitting. Its output describes a face so that the person can be recognised, which makes it "
    "biometric data (Regulation (EU) 2016/679, Art. 9): annotate writes it into no result."
)


def export_identifier(weights: Path, data: Path, output: Path) -> IdentifierFolder:
    """Write the folder that ``annotate --identities`` takes.

    Pooled features are whitened on the axes along which faces of `data` differ most.

    Parameters
    ----------
    weights : Path
        Of ``emotion-training initial-weights``.
    data : Path
        A data set; `FACES` of its Training pictures are used, and no label.
    output : Path
        Folder.

    Raises
    ------
    DatasetError, WeightsError
        An input cannot be read, or the data set has too few pictures.
    OutputError
        The output cannot be written.
    """
    dataset = load_dataset(data)
    rows = np.flatnonzero(dataset.usage == USAGES.index("Training"))
    if len(rows) < FACES:
        message = f"has {len(rows)} Training pictures, and an identifier needs {FACES}"
        raise DatasetError(data, message)
    rows = np.random.default_rng(0).choice(rows, FACES, replace=False)
    faces = dataset.images[rows]
    network = _embedder(weights, faces)
    with reported_for(output):
        output.mkdir(parents=True, exist_ok=True)
    write_openvino(network, output / "model.xml", faces[:FACES_FOR_RANGES], (EMBEDDING,))
    write_json(output / "card.json", _card(output, weights))
    return load_identifier(output)


def _embedder(weights: Path, faces: NDArray[np.uint8]) -> keras.Model:
    import keras

    from training.networks.mobilenet import mobilenet, start_from

    network = mobilenet(enlargement=ENLARGEMENT)
    start_from(network, weights, faces[:FACES_FOR_RANGES])
    pooled = network.get_layer("pool").output
    features = _run(keras.Model(network.input, pooled), faces)
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    _, sizes, axes = np.linalg.svd((features - mean) / spread, full_matrices=False)
    # As spread out along each axis: the largest ones are light and pose, not the person.
    deviations = sizes[:EMBEDDING_LENGTH, None] / np.sqrt(len(faces))
    kernel = (axes[:EMBEDDING_LENGTH] / spread / deviations).T
    head = keras.layers.Dense(EMBEDDING_LENGTH, dtype="float32", name=EMBEDDING)
    model = keras.Model(network.input, {EMBEDDING: head(pooled)}, name="identifier")
    head.set_weights([kernel, -mean @ kernel])
    return model


def _run(model: keras.Model, faces: NDArray[np.uint8]) -> NDArray[np.float64]:
    parts = [
        np.asarray(model.predict_on_batch(faces[at : at + BATCH, ..., None].astype(np.float32)))
        for at in range(0, len(faces), BATCH)
    ]
    return np.concatenate(parts).astype(np.float64)


def _card(folder: Path, weights: Path) -> dict[str, Any]:
    return {
        "kind": KIND,
        "format": CARD_FORMAT,
        "name": f"vggface2-mobilenet-{SIDE}",
        "files": {name: hash_file(folder / name) for name in ("model.xml", "model.bin")},
        "input": {"size": SIDE, "channels": 1, "range": [0, 255], "crop": CROP_NAME},
        "length": EMBEDDING_LENGTH,
        "precision": "f32",
        "initial_weights": {"package": PACKAGE, "sha256": hash_file(weights)},
        "software": software_versions(),
        "licence": TERMS,
        "intended_use": INTENDED_USE,
    }
