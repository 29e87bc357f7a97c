"""Inference with OpenVINO on one thread, with static shapes and an explicit precision.

With these three held, outputs are bitwise the same at any batch size and position, so a timeline
does not depend on how its frames were grouped.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# Importing OpenVINO reports to Google Analytics through this package; without it, a stub is used.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
import openvino as ov  # noqa: E402
from openvino.preprocess import PrePostProcessor  # noqa: E402

COMPILED_SHAPES_KEPT: Final = 8


class Network:
    """A network of one input, a batch of pictures.

    Parameters
    ----------
    path : Path
        OpenVINO IR or ONNX.
    batch : int
        Inputs of one inference; a remainder is inferred one by one.
    channels_first : bool
        The network's own input is (n, channels, height, width).
    precision : {'f32', 'bf16'}
        Arithmetic; OpenVINO's own choice would be bf16 where the processor has it.
    """

    def __init__(
        self, path: Path, *, batch: int, channels_first: bool = False, precision: str = "f32"
    ) -> None:
        self._core = ov.Core()
        self._path = path
        self._batch = batch
        self._layout = "NCHW" if channels_first else "NHWC"
        # Conversion within the network costs a sixth of one by NumPy; but what the network has to
        # transpose as well it would copy three times, and floats not once.
        self._type = np.float32 if channels_first else np.uint8
        self._config = {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": precision,
            "PERFORMANCE_HINT": "LATENCY",
            # Each process would pin its thread to the same core.
            "ENABLE_CPU_PINNING": False,
        }
        self._requests: OrderedDict[tuple[int, ...], _Request] = OrderedDict()

    def infer(self, inputs: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Outputs by name, each of shape (n, …).

        Parameters
        ----------
        inputs : ndarray [shape=(n, height, width, channels), uint8]
        """
        parts: list[dict[str, NDArray[np.float32]]] = []
        start = 0
        while start < len(inputs):
            count = self._batch if len(inputs) - start >= self._batch else 1
            some = inputs[start : start + count]
            parts.append(self._request(some.shape).infer(some))
            start += count
        if len(parts) == 1:
            return parts[0]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _request(self, shape: tuple[int, ...]) -> _Request:
        if shape in self._requests:
            self._requests.move_to_end(shape)
            return self._requests[shape]
        model = self._core.read_model(self._path)
        n, height, width, channels = shape
        first = self._layout == "NCHW"
        model.reshape([n, channels, height, width] if first else list(shape))
        # Compiling adds names of its own, so the file's are read before.
        names = [output.get_any_name() for output in model.outputs]
        steps = PrePostProcessor(model)
        given = steps.input().tensor().set_element_type(ov.Type(self._type))
        given.set_layout(ov.Layout("NHWC"))
        steps.input().model().set_layout(ov.Layout(self._layout))
        model = steps.build()
        compiled = self._core.compile_model(model, "CPU", self._config)
        self._requests[shape] = _Request(compiled, names, np.empty(shape, self._type))
        if len(self._requests) > COMPILED_SHAPES_KEPT:
            self._requests.popitem(last=False)
        return self._requests[shape]


class _Request:
    """A compiled network with memory of its own: handing over arrays costs a tenth of a search."""

    def __init__(self, compiled: Any, names: list[str], given: NDArray[Any]) -> None:
        self._names = names
        self._given = given
        self._request = compiled.create_infer_request()
        self._request.set_input_tensor(ov.Tensor(given, shared_memory=True))

    def infer(self, inputs: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        np.copyto(self._given, inputs)
        self._request.infer(share_outputs=True)
        results = {}
        for name, output in zip(self._names, self._request.model_outputs, strict=True):
            value = self._request.get_tensor(output).data
            # Networks that flatten their batch give (1, n * anchors, c), batch-major.
            results[name] = value.reshape(len(inputs), -1, value.shape[-1]).copy()
        return results
