"""What a correction sees of networks: which operators they run, and the time a model gives each.

Networks of a space share most of their operators, so a batch of cost rows is told as a table of
distinct operators and, per network, the modelled seconds spent in each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.networks import Kind, Layers

_GROUPED: Final = len(Kind)  # a class of its own beside the kinds


@dataclass(frozen=True)
class OperatorTimes:
    """Modelled seconds of n networks in each of d distinct operators.

    An operator has a class (its kind, or grouped convolution) and the log2 of its sizes: outputs,
    inputs a group, positions, taps, stride, operands.
    """

    seconds: Float[ndarray, "n d"]
    classes: Int[ndarray, " d"]
    sizes: Float[ndarray, "d 6"]

    @property
    def total_s(self) -> Float[ndarray, " n"]:
        """Of whole networks."""
        return self.seconds.sum(axis=1)

    def __getitem__(self, rows: ndarray | slice) -> OperatorTimes:
        return OperatorTimes(self.seconds[rows], self.classes, self.sizes)

    def __len__(self) -> int:
        return len(self.seconds)


def operator_times(layers: Layers, latency_s: Float[ndarray, "n l"]) -> OperatorTimes:
    """Layers (n, L) and a model's time per row, added up over rows of the same operator.

    Networks that are to be compared must come in one call: the operators are those of the batch.
    """
    running = layers.repeat > 0
    columns = [np.broadcast_to(column, layers.shape)[running] for column in _sizes(layers)]
    radices = tuple(int(column.max()) + 1 for column in columns)
    codes, inverse = np.unique(np.ravel_multi_index(columns, radices), return_inverse=True)
    distinct = np.stack(np.unravel_index(codes, radices), axis=1)
    shape = (layers.shape[0], len(codes))
    cells = np.nonzero(running)[0] * shape[1] + inverse.reshape(-1)
    seconds = np.bincount(cells, latency_s[running], minlength=shape[0] * shape[1])
    return OperatorTimes(seconds.reshape(shape), distinct[:, 0], np.log2(distinct[:, 1:]))


def _sizes(layers: Layers) -> tuple[Int[ndarray, "n l"], ...]:
    """The class, then the sizes."""
    grouped = (layers.kind == Kind.MAC) & (layers.groups > 1)
    return (
        np.where(grouped, _GROUPED, layers.kind),
        layers.groups * layers.out_channels,
        layers.in_channels,
        layers.out_y * layers.out_x,
        layers.kernel_y * layers.kernel_x,
        layers.stride,
        layers.operands,
    )
