"""The network as annotation runs it: three named outputs, in OpenVINO's format."""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Collection
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from training.data.outputs import FER_OUTPUT, FERPLUS_OUTPUT, OUTPUT_LABELS, SHIPPED
from training.data.targets import TO_EMOTIONS

if TYPE_CHECKING:
    import keras
    import openvino


_KEPT_IN_FLOAT: Final = [
    *("ReduceMean", "SquaredDifference", "Subtract", "Sqrt", "Power", "Divide"),
    *("Multiply", "Add", "MatMul", "Interpolate"),
]
"""Standardisation, enlargement and heads, which cost next to nothing. In steps of 8 bits the
variance of a dark picture would be 0."""


def with_shipped_outputs(model: keras.Model) -> keras.Model:
    """Give a fitted network the outputs of a bundle.

    The shipped output is the FER+ head without contempt, in the order of ``EMOTIONS``: the
    softmax over what remains is the distribution given that it is not contempt.

    Parameters
    ----------
    model : keras.Model
        Of `training.networks.architectures.build`.

    Returns
    -------
    keras.Model
        Shares the layers below the heads; outputs ``logits`` (n, 7), ``fer_logits`` (n, 7) and
        ``ferplus_logits`` (n, 8).
    """
    import keras

    from training.networks.shared import FER_HEAD, FERPLUS_HEAD

    features = model.get_layer(FERPLUS_HEAD).input
    fer = model.get_layer(FER_HEAD).get_weights()
    kernel, bias = model.get_layer(FERPLUS_HEAD).get_weights()
    columns = list(TO_EMOTIONS)
    weights = {
        SHIPPED: [kernel[:, columns], bias[columns]],
        FER_OUTPUT: fer,
        FERPLUS_OUTPUT: [kernel, bias],
    }
    outputs = {}
    for name, values in weights.items():
        head = keras.layers.Dense(values[1].size, dtype="float32", name=name)
        outputs[name] = head(features)
        head.set_weights(values)
    return keras.Model(model.input, outputs, name=model.name)


def write_openvino(
    model: keras.Model,
    path: Path,
    faces: NDArray[np.uint8] | None = None,
    outputs: Collection[str] = OUTPUT_LABELS,
) -> None:
    """Write a network as OpenVINO IR.

    Parameters
    ----------
    model : keras.Model
    path : Path
        ``….xml``; the weights come beside it as ``….bin``.
    faces : ndarray [shape=(n, side, side), uint8, 0-255] or None
        With some hundred, from whose activations the ranges are taken, the convolutions compute
        in 8 bits. Without, weights are kept in half precision and computed with in single.
    outputs : collection of str
        Their names, in the order that they are to have; those of a bundle by default.
    """
    import openvino

    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.xml"
        model.export(str(raw), format="openvino", verbose=False)
        converted = openvino.Core().read_model(raw)
    # The converter adds names of its own and sorts the outputs.
    results = {}
    for output in converted.outputs:
        (name,) = output.names & set(outputs)
        output.tensor.set_names({name})
        results[name] = output.node
    ordered = openvino.Model(
        [results[name] for name in outputs], converted.get_parameters(), model.name
    )
    _enlarge_by_products(ordered)
    if faces is not None:
        ordered = _in_eight_bits(ordered, faces)
    openvino.save_model(ordered, path, compress_to_fp16=True)


def _enlarge_by_products(network: openvino.Model) -> None:
    """Enlarge pictures by two matrix products, which OpenVINO computes faster than the original."""
    from openvino import opset13

    for node in network.get_ops():
        if node.get_type_name() != "Interpolate":
            continue
        source = node.input_value(0)
        side, wanted = (
            port.get_partial_shape()[1].get_length() for port in (source, node.output(0))
        )
        weights = _enlarging(side, wanted)
        channel = opset13.constant(np.array([3], np.int64))
        plane = opset13.squeeze(source, channel)
        wider = opset13.matmul(plane, opset13.constant(weights), False, True)
        larger = opset13.matmul(opset13.constant(weights), wider, False, False)
        result = opset13.unsqueeze(larger, channel)
        for target in list(node.output(0).get_target_inputs()):
            target.replace_source_output(result.output(0))
    network.validate_nodes_and_infer_types()


def _enlarging(side: int, wanted: int) -> NDArray[np.float32]:
    """Weights of a row's `side` pixels in each of `wanted`: bilinear between pixels' centres."""
    centres = np.clip((np.arange(wanted) + 0.5) * side / wanted - 0.5, 0, side - 1)
    distance = np.abs(centres[:, None] - np.arange(side))
    return np.asarray(np.maximum(1 - distance, 0), np.float32)


def _in_eight_bits(network: openvino.Model, faces: NDArray[np.uint8]) -> openvino.Model:
    """Compute convolutions with 8-bit activations and weights (arXiv:1712.05877), heads as before.

    Weights are given 7 of the 8 bits. Processors without VNNI add two products in 16 bits, which
    overflow with 8; a network that used them would answer otherwise there.
    """
    import nncf

    nncf.set_log_level(logging.ERROR)
    data = nncf.Dataset([face[None, ..., None].astype(np.float32) for face in faces])
    with redirect_stdout(io.StringIO()):  # progress bars
        quantized: openvino.Model = nncf.quantize(
            network,
            data,
            preset=nncf.QuantizationPreset.PERFORMANCE,
            subset_size=len(faces),
            ignored_scope=nncf.IgnoredScope(types=_KEPT_IN_FLOAT, validate=False),
            advanced_parameters=nncf.AdvancedQuantizationParameters(
                overflow_fix=nncf.OverflowFix.ENABLE
            ),
        )
    return quantized


def keras_outputs(
    model: keras.Model, crops: NDArray[np.uint8], batch_size: int = 64
) -> dict[str, NDArray[np.float32]]:
    """Run the Keras form, as the reference for parity.

    Parameters
    ----------
    model : keras.Model
        Of `with_shipped_outputs`.
    crops : ndarray [shape=(n, side, side), uint8, 0-255]

    Returns
    -------
    dict of str to ndarray [shape=(n, k), float32]
        Logits by output name.
    """
    inputs = crops[..., None].astype(np.float32)
    outputs = model.predict(inputs, batch_size=batch_size, verbose=0)
    return {name: np.asarray(value, np.float32) for name, value in outputs.items()}
