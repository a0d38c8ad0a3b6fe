"""A TFLite flatbuffer as plain data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from cosearch.errors import CosearchError
from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.constants import KEEP

T = TypeVar("T")

DTYPES: Final = {"FLOAT32": "<f4", "INT32": "<i4", "INT64": "<i8", "INT8": "i1", "UINT8": "u1"}

WINDOW: Final = ("Padding", "StrideH", "StrideW")
ACTIVATED: Final = ("FusedActivationFunction",)
DILATED: Final = ("DilationHFactor", "DilationWFactor")
_BINARY: Final = {
    name: (f"{name.capitalize()}Options", ACTIVATED) for name in ("ADD", "SUB", "MUL", "DIV")
}
_POOL: Final = ("Pool2DOptions", (*WINDOW, "FilterHeight", "FilterWidth", *ACTIVATED))

# operator -> its table of options, and the fields that count
OPTIONS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    **_BINARY,
    "AVERAGE_POOL_2D": _POOL,
    "BATCH_MATMUL": ("BatchMatMulOptions", ("AdjX", "AdjY")),
    "CONCATENATION": ("ConcatenationOptions", ("Axis", *ACTIVATED)),
    "CONV_2D": ("Conv2DOptions", (*WINDOW, *DILATED, *ACTIVATED)),
    "DEPTHWISE_CONV_2D": ("DepthwiseConv2DOptions", (*WINDOW, *DILATED, *ACTIVATED)),
    "DEPTH_TO_SPACE": ("DepthToSpaceOptions", ("BlockSize",)),
    "FULLY_CONNECTED": ("FullyConnectedOptions", ("KeepNumDims", *ACTIVATED)),
    "GATHER": ("GatherOptions", ("Axis",)),
    "LEAKY_RELU": ("LeakyReluOptions", ("Alpha",)),
    "L2_POOL_2D": _POOL,
    "MAX_POOL_2D": _POOL,
    "PACK": ("PackOptions", ("Axis",)),
    "SPACE_TO_DEPTH": ("SpaceToDepthOptions", ("BlockSize",)),
    "STRIDED_SLICE": (
        "StridedSliceOptions",
        ("BeginMask", "EndMask", "EllipsisMask", "NewAxisMask", "ShrinkAxisMask"),
    ),
    "TRANSPOSE_CONV": ("TransposeConvOptions", (*WINDOW, *ACTIVATED)),
    "UNPACK": ("UnpackOptions", ("Axis",)),
}


@dataclass(frozen=True)
class Tensor:
    """Shape as in the file, batch first and channels last; `value` if small and constant."""

    name: str
    shape: Shape
    constant: bool
    value: NDArray[Any] | None = None


@dataclass(frozen=True)
class Operator:
    """One operator; tensors by number, -1 for one left out."""

    op: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Any]


@dataclass(frozen=True)
class Graph:
    """The first subgraph of a file."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def load(path: Path) -> Graph:
    """Read `path`; `CosearchError` if it is no TFLite model, or a damaged one."""
    try:
        import tflite
    except ImportError:
        raise CosearchError(
            f"reading {path} needs the package tflite: pip install cosearch[tflite]"
        ) from None
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CosearchError(f"cannot read {path}: {error.strerror}") from error
    if data[4:8] != b"TFL3":
        raise CosearchError(f"{path} is not a TFLite model")
    return _attempt(path, lambda: _graph(tflite, data))


def _attempt(path: Path, action: Callable[[], T]) -> T:
    """Flatbuffers are read in place: damage shows as errors of many kinds."""
    try:
        return action()
    except Exception as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise CosearchError(f"{path} is damaged, or not a TFLite model: {why[:200]}") from error


def _graph(tflite: Any, data: bytes) -> Graph:
    model = tflite.Model.GetRootAs(data, 0)
    if model.SubgraphsLength() < 1:
        raise ValueError("it has no graph")
    graph = model.Subgraphs(0)
    counts = (graph.TensorsLength(), graph.OperatorsLength(), model.OperatorCodesLength())
    if max(counts) > len(data):
        raise ValueError("it claims more tensors or operators than it has bytes")
    codes = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}
    types = {v: k for k, v in vars(tflite.TensorType).items() if isinstance(v, int)}
    names = [_code(model.OperatorCodes(i), codes) for i in range(counts[2])]
    tensors = tuple(_tensor(model, graph.Tensors(i), types, len(data)) for i in range(counts[0]))
    operators = tuple(_operator(tflite, graph.Operators(i), names) for i in range(counts[1]))
    graph_ends = (_numbers(graph.InputsAsNumpy()), _numbers(graph.OutputsAsNumpy()))
    for number in (n for o in operators for n in (*o.inputs, *o.outputs)):
        if not -1 <= number < counts[0]:
            raise ValueError(f"there is no tensor {number}")
    if any(not 0 <= number < counts[0] for number in (*graph_ends[0], *graph_ends[1])):
        raise ValueError("an input or output does not exist")
    return Graph(tensors, operators, *graph_ends)


def _code(code: Any, codes: dict[int, str]) -> str:
    """Old files number operators in a byte, newer ones in an integer."""
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if codes.get(number) == "CUSTOM":
        return str((code.CustomCode() or b"CUSTOM").decode())
    return codes.get(number, f"operator {number}")


def _numbers(array: Any) -> tuple[int, ...]:
    return () if isinstance(array, int) else tuple(int(number) for number in array)


def _tensor(model: Any, tensor: Any, types: dict[int, str], limit: int) -> Tensor:
    shape = _numbers(tensor.ShapeAsNumpy())
    buffer = model.Buffers(tensor.Buffer())
    length = buffer.DataLength() if buffer is not None else 0
    name = (tensor.Name() or b"").decode()
    if not length:
        return Tensor(name, shape, False)
    if length > limit:
        raise ValueError(f"tensor {name!r} claims {length} bytes")
    dtype = DTYPES.get(types.get(tensor.Type(), ""))
    if dtype is None or math.prod(shape) > KEEP:
        return Tensor(name, shape, True)
    value = np.frombuffer(buffer.DataAsNumpy().tobytes(), dtype).reshape(shape)
    return Tensor(name, shape, True, value)


def _operator(tflite: Any, operator: Any, names: list[str]) -> Operator:
    op = names[operator.OpcodeIndex()]
    options: dict[str, Any] = {}
    table = operator.BuiltinOptions()
    if op in OPTIONS and table is not None:
        kind, fields = OPTIONS[op]
        read = getattr(tflite, kind)()
        read.Init(table.Bytes, table.Pos)
        options = {field: getattr(read, field)() for field in fields}
    ends = (_numbers(operator.InputsAsNumpy()), _numbers(operator.OutputsAsNumpy()))
    return Operator(op, *ends, options)
