"""`Layers`: the loop bounds of a network's operators as columns, the cost models' only input."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.columns import Columns


class Kind(IntEnum):
    """What a row computes with: the MAC array, or the vector units only."""

    MAC = 0  # convolution of any grouping, fully connected, matrix product
    POOL = 1  # window reduction without weights
    ELEMENTWISE = 2  # add, multiply, activation, norm, softmax, data movement
    MATMUL = 3  # as MAC, but the "weights" are activations too (attention)


@dataclass(frozen=True)
class Layers(Columns):
    """Loop bounds, shape (..., L). `repeat = 0` pads ragged depth.

    A MAC row computes, for each group g, out[k, y, x] += weight[k, c, r, s] * in[c, y', x'].
    Depthwise is c = k = 1 with groups = channels; fully connected has y = x = r = s = 1.
    The taps of a kernel are `dilation` apart.
    Sizes are in elements; the cost model decides how many bytes an element has.
    """

    kind: Int[ndarray, "*b"]
    groups: Int[ndarray, "*b"]
    out_channels: Int[ndarray, "*b"]  # per group
    in_channels: Int[ndarray, "*b"]  # per group
    out_y: Int[ndarray, "*b"]
    out_x: Int[ndarray, "*b"]
    in_y: Int[ndarray, "*b"]
    in_x: Int[ndarray, "*b"]
    kernel_y: Int[ndarray, "*b"]
    kernel_x: Int[ndarray, "*b"]
    stride: Int[ndarray, "*b"]
    dilation: Int[ndarray, "*b"]
    operands: Int[ndarray, "*b"]  # activation inputs read (2 for an addition)
    repeat: Int[ndarray, "*b"]

    @property
    def macs(self) -> Int[ndarray, "*b"]:
        """Multiply-accumulates, repeats counted; 0 for pooling and elementwise rows."""
        multiplies = (self.kind == Kind.MAC) | (self.kind == Kind.MATMUL)
        window = _product(self.in_channels, self.kernel_y, self.kernel_x, self.repeat)
        return np.where(multiplies, self.outputs * window, 0)

    @property
    def weights(self) -> Int[ndarray, "*b"]:
        """Weight elements, repeats counted, without biases."""
        window = _product(self.kernel_y, self.kernel_x, self.in_channels, self.out_channels)
        return np.where(self.kind == Kind.MAC, window * self.groups * self.repeat, 0)

    @property
    def inputs(self) -> Int[ndarray, "*b"]:
        """Activation elements read by one repeat, each operand counted."""
        return _product(self.groups, self.in_channels, self.in_y, self.in_x, self.operands)

    @property
    def outputs(self) -> Int[ndarray, "*b"]:
        """Activation elements written by one repeat."""
        return _product(self.groups, self.out_channels, self.out_y, self.out_x)


def _product(*columns: Int[ndarray, "..."]) -> Int[ndarray, "..."]:
    """In int64, though families decode to int32 columns: counts outgrow those."""
    total = np.asarray(columns[0], dtype=np.int64)
    for column in columns[1:]:
        total = total * column
    return total


LAYER_FIELDS = tuple(Layers.__dataclass_fields__)


def unpack(table: Int[ndarray, "*b f"]) -> Layers:
    """Inverse of `Layers.table(np.int64)`: columns as views of a packed table."""
    return Layers(*np.moveaxis(table, -1, 0))
