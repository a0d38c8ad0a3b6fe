"""One TFLite operator with its tensors resolved, and what all handlers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosearch.errors import CosearchError
from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import Drafts, Value, put, volume
from cosearch.networks.onnx_in.pointwise import IDENTITY, Pointwise
from cosearch.networks.onnx_in.views import reshape
from cosearch.networks.tflite_in.file import Tensor

# as the schema's ActivationFunctionType numbers them
FUSED: Final[tuple[Pointwise, ...]] = (
    IDENTITY,
    IDENTITY.unary("Relu", {}),
    IDENTITY.clip(-1, 1),
    IDENTITY.clip(0, 6),
    IDENTITY.unary("Tanh", {}),
)


@dataclass(frozen=True)
class Activation:
    """What the network computes for a tensor; the draft's shape is an image's, or the file's."""

    value: Value
    tensor: Tensor
    image: bool  # (channels, height, width), else the file's order without the batch


@dataclass(frozen=True)
class Step:
    """Inputs that the network computes are activations, constants are tensors."""

    name: str
    op: str
    inputs: tuple[Activation | Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    options: dict[str, Any]

    def refuse(self, why: str) -> CosearchError:
        """The error that names this operator and `why` it cannot be read."""
        return CosearchError(f"operator {self.name!r} ({self.op}): {why}")

    @property
    def out(self) -> Tensor:
        """The first output."""
        return self.outputs[0]

    def has(self, index: int) -> bool:
        """Whether the optional input `index` is given."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def activation(self, index: int = 0) -> Activation:
        """Input `index`, which the network must compute."""
        source = self.inputs[index] if index < len(self.inputs) else None
        if not isinstance(source, Activation):
            raise self.refuse(f"input {index} must be an activation, not a constant or missing")
        return source

    def constant(self, index: int, what: str) -> Tensor:
        """Input `index`, which must be in the file."""
        source = self.inputs[index] if index < len(self.inputs) else None
        if not isinstance(source, Tensor):
            raise self.refuse(f"its {what} (input {index}) must be a constant")
        return source

    def values(self, index: int, what: str) -> NDArray[Any]:
        """The values of a small constant."""
        value = self.constant(index, what).value
        if value is None:
            raise self.refuse(f"the values of its {what} (input {index}) are not known")
        return np.atleast_1d(value)

    def option(self, name: str) -> Any:
        """A field of the operator's options, which the file must have."""
        if name not in self.options:
            raise self.refuse(f"{name} is missing")
        return self.options[name]

    def fused(self, value: Value) -> Value:
        """`value` with the activation that the operator ends in."""
        number = int(self.options.get("FusedActivationFunction", 0))
        if number >= len(FUSED):
            raise self.refuse(f"activation {number} is not supported")
        if value.function.is_identity:
            return Value(value.base, FUSED[number], value.at)
        raise self.refuse("an activation after another")


def image_shape(shape: Shape) -> Shape:
    """(1, height, width, channels) as (channels, height, width)."""
    return (shape[3], shape[1], shape[2])


def as_image(drafts: Drafts, step: Step, index: int = 0) -> tuple[Value, Shape]:
    """Input `index` as an image, and its shape."""
    source = step.activation(index)
    shape = source.tensor.shape
    if len(shape) != 4 or shape[0] != 1:
        raise step.refuse(f"input of shape {shape}: only images of batch 1 are supported")
    wanted = image_shape(shape)
    if source.image:
        return source.value, wanted
    return reshape(drafts, f"{step.name}.image", source.value, wanted), wanted


def as_stored(drafts: Drafts, step: Step, index: int = 0) -> Value:
    """Input `index` in the file's order of axes; the reordering is not counted."""
    source = step.activation(index)
    if not source.image:
        return source.value
    return reshape(drafts, f"{step.name}.view", source.value, volume(source.tensor.shape))


def done(drafts: Drafts, step: Step, image: bool, value: Value) -> Activation:
    """The first output, computed by `value`."""
    made = Value(value.base, value.function, len(drafts))
    return Activation(step.fused(made) if step.options else made, step.out, image)


def draft(
    drafts: Drafts, step: Step, op: str, inputs: tuple[Value, ...], shape: Shape, **attributes: Any
) -> Value:
    """Append a draft named after the operator's output."""
    return put(drafts, step.name, op, inputs, shape, **attributes)


def one_pass(drafts: Drafts, step: Step, op: str) -> Activation:
    """All inputs read, the output written: `op` is "move", or "elementwise" where it computes."""
    sources = [source for source in step.inputs if isinstance(source, Activation)]
    image = bool(sources) and sources[0].image and len(step.out.shape) == 4
    shape = image_shape(step.out.shape) if image else volume(step.out.shape)
    values = tuple(source.value for source in sources)
    made = draft(drafts, step, op, values, shape, operator=step.op.lower())
    return done(drafts, step, image, made)
