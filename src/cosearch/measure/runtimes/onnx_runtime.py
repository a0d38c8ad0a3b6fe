"""ONNX Runtime on the CPU: ONNX files; int8 as pairs of quantise and dequantise (QDQ)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy import ndarray

from cosearch.deep.runtime import session
from cosearch.errors import CosearchError, unknown
from cosearch.measure.feed import closed, filled
from cosearch.measure.onnx_files import onnx_file
from cosearch.measure.runtime import Model
from cosearch.measure.settings import Settings

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(bool)": "bool",
}


@dataclass(frozen=True)
class OnnxSession:
    """A session of the CPU provider, with its inputs."""

    session: ort.InferenceSession
    feed: Mapping[str, ndarray]

    def run(self) -> Any:
        """All outputs, in host memory."""
        return self.session.run(None, self.feed)


def versions() -> Mapping[str, str]:
    """Of ONNX Runtime."""
    return {"onnxruntime": ort.__version__}


def prepare(model: Model, settings: Settings) -> OnnxSession:
    """Load with so many threads within an operator and one between operators."""
    with onnx_file(model, settings) as path:
        loaded = session(path, threads=settings.threads)
    feed = {each.name: _array(each, settings) for each in loaded.get_inputs()}
    return _tried(OnnxSession(loaded, feed), model)


def _tried(made: OnnxSession, model: Model) -> OnnxSession:
    """A file may refuse sizes that it leaves open: it only shows when it runs."""
    try:
        if isinstance(model, Path):
            made.run()
    except Exception as error:  # its exceptions share no base class
        why = " ".join(str(error).split())
        raise CosearchError(f"ONNX Runtime cannot run {model.name}: {why}") from error
    return made


def _array(value: Any, settings: Settings) -> ndarray:
    if value.type not in _DTYPES:
        raise unknown(f"type of input {value.name!r}", value.type, _DTYPES)
    shape = closed(value.name, value.shape, settings)
    return filled(value.name, shape, np.dtype(_DTYPES[value.type]))
