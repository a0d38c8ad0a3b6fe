"""`Graph`: TFLite tensors and operators as they are added, in float32 or int8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy import ndarray

from cosearch.networks.network import Shape

Ranges = Mapping[str, tuple[float, float]]  # smallest and largest value of activations, by name

INT8: Final = 127
ACTIVATIONS: Final = {"none": 0, "relu": 1, "relu6": 3}  # those that operators hold: schema's codes
_UNIT: Final = (1 / 256, -128)  # scale and zero point that LOGISTIC and SOFTMAX must have


@dataclass(frozen=True)
class Tensor:
    """`shape` with the batch in front and channels last."""

    number: int
    name: str
    shape: Shape
    scale: float = 0.0  # of int8; 0 in a file of float32
    zero: int = 0


class Graph:
    """Grows operator by operator. With `ranges` everything is int8, without them float32."""

    def __init__(self, schema: Any, ranges: Ranges | None) -> None:
        self.schema = schema
        self.ranges = ranges
        self.tensors: list[Any] = []
        self.buffers: list[Any] = [schema.BufferT()]  # the first is everybody's empty one
        self.operators: list[Any] = []
        self.codes: list[int] = []
        self._names: set[str] = set()

    def activation(self, name: str, shape: Shape, like: Tensor | None = None) -> Tensor:
        """What an operator makes; with the scale of `like`, where the two must be equal."""
        name = self._fresh(name)
        scale, zero = (like.scale, like.zero) if like else self._covering(name)
        return self._tensor(name, shape, scale, zero)

    def unit(self, name: str, shape: Shape) -> Tensor:
        """What an operator makes whose results lie between 0 and 1."""
        return self._tensor(self._fresh(name), shape, *(_UNIT if self.ranges else (0.0, 0)))

    def constant(self, values: ndarray, name: str) -> Tensor:
        """Float constants of elementwise operators: one scale for all."""
        if self.ranges is None:
            return self._stored(values.astype(np.float32), name)
        scale = float(np.abs(values).max()) / INT8 or 1.0
        return self._stored(np.rint(values / scale).astype(np.int8), name, [scale])

    def filler(self, value: float, like: Tensor, name: str) -> Tensor:
        """A single value of the scale of `like`; the lowest there is for minus infinity."""
        if self.ranges is None:
            return self._stored(np.array([value], dtype=np.float32), name)
        step = max(value / like.scale + like.zero, -INT8 - 1)
        return self._stored(np.array([step], dtype=np.int8), name, [like.scale], zero=like.zero)

    def integers(self, values: Any, name: str) -> Tensor:
        """Axes, sizes, paddings."""
        return self._stored(np.array(values, dtype=np.int32), name)

    def weights(
        self, weight: ndarray, bias: ndarray, source: Tensor, axis: int, name: str
    ) -> tuple[Tensor, Tensor]:
        """Filters with a scale for each output channel, those along `axis`, and their bias."""
        if self.ranges is None:
            stored = self._stored(weight, f"{name}.weight")
            return stored, self._stored(bias, f"{name}.bias")
        others = tuple(i for i in range(weight.ndim) if i != axis)
        scales = np.maximum(np.abs(weight).max(axis=others), 1e-9) / INT8
        spread = scales.reshape([-1 if i == axis else 1 for i in range(weight.ndim)])
        whole = np.rint(weight / spread).astype(np.int8)
        sums = scales * source.scale
        limit = np.iinfo(np.int32).max
        ints = np.clip(np.rint(bias / sums), -limit, limit).astype(np.int32)
        return (
            self._stored(whole, f"{name}.weight", scales.tolist(), axis),
            self._stored(ints, f"{name}.bias", sums.tolist()),
        )

    def add(self, op: str, inputs: list[Tensor], made: Tensor, options: Any = None) -> Tensor:
        """An operator of one output, by its name in the schema."""
        code = getattr(self.schema.BuiltinOperator, op)
        if code not in self.codes:
            self.codes.append(code)
        operator = self.schema.OperatorT()
        operator.opcodeIndex = self.codes.index(code)
        operator.inputs = [each.number for each in inputs]
        operator.outputs = [made.number]
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(self.schema.BuiltinOptions, kind)
            operator.builtinOptions = options
        self.operators.append(operator)
        return made

    def options(self, kind: str, **fields: Any) -> Any:
        """The schema's table of options `kind`, these fields set."""
        made = getattr(self.schema, f"{kind}OptionsT")()
        for field, value in fields.items():
            setattr(made, field, value)
        return made

    def _covering(self, name: str) -> tuple[float, int]:
        """Scale and zero point of 256 steps over the range and 0."""
        if self.ranges is None:
            return 0.0, 0
        low, high = self.ranges[name]
        low, high = min(low, 0.0), max(high, 0.0)
        scale = (high - low) / 255 or 1.0
        return scale, round(-128 - low / scale)

    def _tensor(self, name: str, shape: Shape, scale: float = 0.0, zero: int = 0) -> Tensor:
        kind = self.schema.TensorType
        self._append(name, shape, kind.INT8 if self.ranges else kind.FLOAT32, 0)
        if self.ranges:
            self._quantised([scale], [zero])
        return Tensor(len(self.tensors) - 1, name, shape, scale, zero)

    def _stored(
        self,
        values: ndarray,
        name: str,
        scales: list[float] | None = None,
        axis: int = 0,
        zero: int = 0,
    ) -> Tensor:
        buffer = self.schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        self.buffers.append(buffer)
        kind = getattr(self.schema.TensorType, values.dtype.name.upper())
        name = self._fresh(name)
        self._append(name, values.shape, kind, len(self.buffers) - 1)
        if scales:
            self._quantised(scales, [zero] * len(scales), axis)
        scale = scales[0] if scales else 0.0
        return Tensor(len(self.tensors) - 1, name, values.shape, scale)

    def _append(self, name: str, shape: Shape, kind: int, buffer: int) -> None:
        tensor = self.schema.TensorT()
        tensor.name, tensor.shape = name.encode(), list(shape)
        tensor.type, tensor.buffer = kind, buffer
        self.tensors.append(tensor)

    def _quantised(self, scales: list[float], zeros: list[int], axis: int = 0) -> None:
        table = self.schema.QuantizationParametersT()
        table.scale, table.zeroPoint, table.quantizedDimension = scales, zeros, axis
        self.tensors[-1].quantization = table

    def _fresh(self, name: str) -> str:
        """`name`, or that with a number if it is taken."""
        count, wanted = 1, name
        while name in self._names:
            count += 1
            name = f"{wanted}_{count}"
        self._names.add(name)
        return name
