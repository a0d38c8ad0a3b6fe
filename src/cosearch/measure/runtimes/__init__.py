"""The runtimes that can be measured: a row here, a file beside it, an extra in the package."""

from collections.abc import Mapping
from typing import Final

from cosearch.errors import unknown
from cosearch.measure.runtime import Runtime

_BOTH: Final = ("fp32", "int8")
_ROWS: Final = (
    Runtime("onnxruntime", "onnx_runtime", "onnxruntime", "onnxruntime", (".onnx",), _BOTH),
    Runtime("openvino", "open_vino", "openvino", "openvino", (".onnx",), _BOTH),
    Runtime("litert", "lite_rt", "ai_edge_litert", "litert", (".tflite",), _BOTH),
    Runtime("torch", "torch_eager", "torch", "deep", (), ("fp32",), ("cpu", "cuda")),
    Runtime("torch-compiled", "torch_compiled", "torch", "deep", (), ("fp32",), ("cpu", "cuda")),
)

RUNTIMES: Final[Mapping[str, Runtime]] = {row.name: row for row in _ROWS}


def find_runtime(name: str) -> Runtime:
    """The row of that name."""
    if name not in RUNTIMES:
        raise unknown("runtime", name, RUNTIMES)
    return RUNTIMES[name]
