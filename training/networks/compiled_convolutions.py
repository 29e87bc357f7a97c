"""Convolutions as sums and products of matrices, which XLA compiles well for a GPU.

Their layers have the same variables as Keras's, so that weights fit the originals, which are what
a finished model is saved with.
"""

from __future__ import annotations

from typing import Any

from keras import layers, ops


class ShiftedDepthwise(layers.DepthwiseConv2D):  # type: ignore[misc]
    """A depthwise one without bias, padded to the same size: the sum of shifted pictures."""

    def call(self, inputs: Any) -> Any:
        """Convolve a batch of shape (n, h, w, c)."""
        kernel = ops.cast(self.kernel, self.compute_dtype)
        shifts = _shifts(inputs, self.kernel_size, self.strides[0])
        weights = ops.reshape(kernel[..., 0], (-1, kernel.shape[2]))
        return sum(shifted * weights[i] for i, shifted in enumerate(shifts))


class MatrixConvolution(layers.Conv2D):  # type: ignore[misc]
    """One without bias, padded to the same size: a product of matrices."""

    def call(self, inputs: Any) -> Any:
        """Convolve a batch of shape (n, h, w, c)."""
        kernel = ops.cast(self.kernel, self.compute_dtype)
        shifts = _shifts(inputs, self.kernel_size, self.strides[0])
        columns = ops.concatenate(shifts, axis=-1) if len(shifts) > 1 else shifts[0]
        return ops.matmul(columns, ops.reshape(kernel, (-1, kernel.shape[-1])))


def _shifts(inputs: Any, size: tuple[int, int], step: int) -> list[Any]:
    """What each weight of a kernel meets, in the order of its rows and columns."""
    sides = inputs.shape[1:3]
    reach = [(-(-side // step) - 1) * step + 1 for side in sides]
    lost = [max(r + k - 1 - side, 0) for r, k, side in zip(reach, size, sides, strict=True)]
    around = [(total // 2, total - total // 2) for total in lost]
    padded = ops.pad(inputs, [(0, 0), *around, (0, 0)]) if any(lost) else inputs
    height, width = reach
    return [
        padded[:, i : i + height : step, j : j + width : step]
        for i in range(size[0])
        for j in range(size[1])
    ]
