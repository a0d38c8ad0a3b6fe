"""What the operators of a file are read into, before norms and activations are folded."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosearch.errors import CosearchError
from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.pointwise import IDENTITY, Pointwise

LARGEST: Final = 2**31  # elements of one tensor; keeps products of sizes within int64


@dataclass(frozen=True)
class Value:
    """An activation tensor: a pointwise function of what the draft `base` computes."""

    base: str
    function: Pointwise = IDENTITY


@dataclass(frozen=True)
class Constant:
    """A tensor known before the network runs; only small ones keep their value."""

    shape: Shape
    value: NDArray[Any] | None = None


@dataclass
class Draft:
    """A node to be; `inputs` may still carry functions for the fold to place."""

    name: str
    op: str
    inputs: tuple[Value, ...]
    shape: Shape
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One ONNX node with its inputs resolved. Shapes are the file's, batch included."""

    name: str
    op: str
    inputs: tuple[Value | Constant | None, ...]
    input_shapes: tuple[Shape, ...]
    shape: Shape
    attributes: dict[str, Any]

    def refuse(self, why: str) -> CosearchError:
        """The error that names this node, its operator and `why` it cannot be read."""
        return CosearchError(f"node {self.name!r} ({self.op}): {why}")

    def activation(self, index: int = 0) -> Value:
        """Input `index`, which must be computed by the network."""
        source = self.inputs[index] if index < len(self.inputs) else None
        if not isinstance(source, Value):
            raise self.refuse(f"input {index} must be an activation, not a constant or missing")
        return source

    def constant(self, index: int, what: str) -> Constant:
        """Input `index`, which must be known before the network runs."""
        source = self.inputs[index] if index < len(self.inputs) else None
        if not isinstance(source, Constant):
            raise self.refuse(f"its {what} (input {index}) must be a constant")
        check_size(source.shape, f"{what} of node {self.name!r} ({self.op})")
        return source

    def number(self, constant: Constant) -> float:
        """The value of a constant of one element."""
        if constant.value is None or constant.value.size != 1:
            raise self.refuse(
                f"the value of a constant (shape {constant.shape}) is not in the file"
            )
        return float(constant.value.reshape(()))

    def integers(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """An attribute that is a list of integers as long as its default."""
        given = self.attributes.get(name)
        value = default if given is None else tuple(int(v) for v in np.atleast_1d(given))
        if len(value) != len(default):
            raise self.refuse(f"{name} {list(value)} has {len(value)} values: needs {len(default)}")
        return value


def check_size(shape: Shape, what: str) -> None:
    """Refuse tensors that are empty or absurd."""
    if any(size < 1 for size in shape):
        raise CosearchError(f"{what} is empty: shape {shape}")
    if math.prod(shape) > LARGEST:
        raise CosearchError(f"{what} has shape {shape}: more than {LARGEST} elements")


def volume(shape: Shape) -> Shape:
    """The file's shape without the batch; a scalar is one channel."""
    if len(shape) > 1 and shape[0] == 1:
        return shape[1:]
    return shape or (1,)
