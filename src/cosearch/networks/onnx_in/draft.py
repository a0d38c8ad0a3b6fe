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
    at: int = field(default=0, compare=False)  # drafts there were when the function was complete


@dataclass(frozen=True)
class Constant:
    """A tensor known before the network runs; only small ones keep their value."""

    shape: Shape
    value: NDArray[Any] | None = None
    of_range: bool = False  # scale or zero point that a quantiser works out as it runs


@dataclass
class Draft:
    """A node to be; `inputs` may still carry functions for the fold to place."""

    name: str
    op: str
    inputs: tuple[Value, ...]
    shape: Shape
    attributes: dict[str, Any] = field(default_factory=dict)


Drafts = dict[str, Draft]
Result = Value | Constant


def put(
    drafts: Drafts, name: str, op: str, inputs: tuple[Value, ...], shape: Shape, **attributes: Any
) -> Value:
    """Append a draft under `name`, or a number added to it where the name is taken."""
    unique, count = name, 1
    while unique in drafts:
        count += 1
        unique = f"{name}_{count}"
    drafts[unique] = Draft(unique, op, inputs, shape, attributes)
    return Value(unique)


@dataclass(frozen=True)
class Step:
    """One ONNX node with its inputs resolved. Shapes are the file's, batch included."""

    name: str
    op: str
    inputs: tuple[Value | Constant | None, ...]
    input_shapes: tuple[Shape, ...]
    shapes: tuple[Shape, ...]  # of the outputs
    attributes: dict[str, Any]

    @property
    def shape(self) -> Shape:
        """Shape of the first output."""
        return self.shapes[0]

    def has(self, index: int) -> bool:
        """Whether the optional input `index` is given."""
        return index < len(self.inputs) and self.inputs[index] is not None

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

    def axes(self, index: int = 1) -> tuple[int, ...] | None:
        """Attribute or input `axes`, counted from 0; None if not given."""
        axes = self.attributes.get("axes")
        if axes is None and self.has(index):
            axes = self.values(index, "axes")
        rank = max(len(self.input_shapes[0]), 1)
        return None if axes is None else tuple(sorted(int(a) % rank for a in np.atleast_1d(axes)))

    def values(self, index: int, what: str) -> NDArray[Any]:
        """The values of input `index`."""
        value = self.constant(index, what).value
        if value is None:
            raise self.refuse(f"the values of its {what} (input {index}) are not known")
        return value

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


def lead(shape: Shape) -> int:
    """1 if the first axis is the batch, else 0: the difference of their axes and ours."""
    return int(len(shape) > 1 and shape[0] == 1)


def volume(shape: Shape) -> Shape:
    """The file's shape without the batch; a scalar is one channel."""
    return shape[lead(shape) :] or (1,)
