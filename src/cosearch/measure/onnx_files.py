"""The ONNX file a runtime is given: of a network or a file, in the precision asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.measure.feed import closed, filled
from cosearch.measure.model_hash import model_hash
from cosearch.measure.runtime import Model
from cosearch.measure.settings import Settings
from cosearch.networks import Network

_INT8: Final = "network.int8.onnx"


@contextmanager
def onnx_file(model: Model, settings: Settings) -> Iterator[Path]:
    """A file that lives as long as the block: runtimes read it whole when they load it.

    Weights are random where a network is given, and so are the images by which int8 ranges are
    set: neither changes what is computed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = model if isinstance(model, Path) else _written(model, Path(folder), settings)
        quantised = isinstance(model, Path) and _is_quantised(_load(path))
        if settings.precision == "fp32" and quantised:
            raise CosearchError(f"{path} is quantised: measure it with precision int8")
        if settings.precision == "fp32" or quantised:
            yield path
            return
        beside = Path(folder, _INT8)
        out = _int8_path(model, settings) if isinstance(model, Network) else beside
        yield _int8(path, out, settings)


def _written(network: Network, folder: Path, settings: Settings) -> Path:
    from cosearch.networks.onnx_out import write_onnx

    path = folder / "network.onnx"
    write_onnx(network, path, batch=settings.batch)
    return path


def _int8_path(network: Network, settings: Settings) -> Path:
    """Where a network's int8 file is kept: to make it takes far longer than to measure it."""
    return Path(_kept().name, f"{model_hash(network)}-{settings.batch}.onnx")


@lru_cache(maxsize=1)
def _kept() -> tempfile.TemporaryDirectory[str]:
    """Of this process; gone with it."""
    return tempfile.TemporaryDirectory()


def _int8(path: Path, quantised: Path, settings: Settings) -> Path:
    """Made from `path`, unless it is there."""
    from cosearch.networks.onnx_out.quantise import quantise

    if quantised.exists():
        return quantised
    feed = {value.name: _input(value, settings) for value in _load(path).graph.input}
    try:
        quantise(path, quantised, feed)
    except CosearchError:
        raise
    except Exception as error:  # those of ONNX Runtime, which runs the file, share no base class
        why = " ".join(str(error).split())
        raise CosearchError(f"{path.name} cannot be quantised: {why}") from error
    return quantised


def _input(value: Any, settings: Settings) -> ndarray:
    sizes = [size.dim_value or size.dim_param for size in value.type.tensor_type.shape.dim]
    return filled(value.name, closed(value.name, sizes, settings), np.dtype(np.float32))


def _is_quantised(model: Any) -> bool:
    """Whether there are pairs of quantise and dequantise, or operators on integers."""
    return any("Quantize" in node.op_type or "QLinear" in node.op_type for node in model.graph.node)


def _load(path: Path) -> Any:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        return onnx.load(path, load_external_data=False)
    except (DecodeError, OSError) as error:
        raise CosearchError(f"{path}: is no ONNX file: {error}") from error
