"""An identifier of the real format that needs no weights: random views of a crop's pixels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openvino
from openvino import opset13

from emotion_core.faces.crop import CROP_NAME
from emotion_core.faces.faces import EMBEDDING_LENGTH
from emotion_core.files import hash_file
from emotion_core.identities.identifier_folder import CARD_FORMAT, EMBEDDING, KIND

SIDE = 48


def write_identifier(folder: Path) -> Path:
    """Write one, whose embeddings are alike where the pixels less their mean are."""
    pixels = SIDE * SIDE
    weights = np.random.default_rng(0).normal(size=(pixels, EMBEDDING_LENGTH))
    # Light falls out: the mean of the pixels has no view.
    weights -= weights.mean(axis=0)
    faces = opset13.parameter([-1, SIDE, SIDE, 1], np.float32, name="faces")
    row = opset13.reshape(faces, opset13.constant(np.array([0, pixels])), special_zero=True)
    embedding = opset13.matmul(row, opset13.constant(weights.astype(np.float32)), False, False)
    network = openvino.Model([embedding], [faces], "identifier")
    network.output(0).tensor.set_names({EMBEDDING})
    folder.mkdir(parents=True)
    openvino.save_model(network, folder / "model.xml", compress_to_fp16=False)
    card = {
        "kind": KIND,
        "format": CARD_FORMAT,
        "name": "random",
        "files": {name: hash_file(folder / name) for name in ("model.xml", "model.bin")},
        "input": {"size": SIDE, "channels": 1, "range": [0, 255], "crop": CROP_NAME},
        "length": EMBEDDING_LENGTH,
        "precision": "f32",
    }
    (folder / "card.json").write_text(json.dumps(card))
    return folder
