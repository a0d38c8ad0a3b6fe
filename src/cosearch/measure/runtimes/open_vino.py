"""OpenVINO on the CPU: ONNX files; int8 from the same QDQ file that ONNX Runtime gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openvino as ov

from cosearch.errors import CosearchError
from cosearch.measure.feed import closed, filled
from cosearch.measure.onnx_files import onnx_file
from cosearch.measure.runtime import Model
from cosearch.measure.settings import Settings


@dataclass(frozen=True)
class OpenVinoSession:
    """One request, its inputs set."""

    request: Any

    def run(self) -> None:
        """Wait for the outputs."""
        self.request.infer()


def versions() -> Mapping[str, str]:
    """Of OpenVINO."""
    return {"openvino": ov.__version__}


def prepare(model: Model, settings: Settings) -> OpenVinoSession:
    """Compile for one request at a time."""
    with onnx_file(model, settings) as path:
        compiled = _compiled(path, settings)
    request = compiled.create_infer_request()
    for port in compiled.inputs:
        dtype = port.get_element_type().to_dtype()
        array = filled(port.get_any_name(), tuple(port.get_shape()), dtype)
        request.set_tensor(port, ov.Tensor(array))
    return OpenVinoSession(request)


def _compiled(path: Path, settings: Settings) -> Any:
    options = {
        # some CPUs would run fp32 in bf16 without a word
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": settings.threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False,  # we pin, or nobody does
    }
    try:
        read = _core().read_model(str(path))
        read.reshape({port: _shape(port, settings) for port in read.inputs})
        return _core().compile_model(read, "CPU", options)
    except RuntimeError as error:
        raise CosearchError(f"OpenVINO cannot load {path}: {_reason(error)}") from error


@cache
def _core() -> Any:
    return ov.Core()


def _shape(port: Any, settings: Settings) -> list[int]:
    sizes = [size.get_length() if size.is_static else None for size in port.get_partial_shape()]
    return list(closed(port.get_any_name(), sizes, settings))


def _reason(error: RuntimeError) -> str:
    """What stands behind its bullets, which names operators; else the last line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    bullets = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    return "; ".join(bullets) or lines[-1]
