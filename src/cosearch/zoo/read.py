"""A network as a person names it: a file, or a published one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cosearch.errors import CosearchError
from cosearch.networks import Network
from cosearch.zoo import find_network


def is_file(model: str) -> bool:
    """Whether a file is meant: there is one, or the name looks like one."""
    path = Path(model)
    return path.exists() or path.suffix.lower() in (".onnx", ".tflite") or len(path.parts) > 1


def read_network(model: str, shapes: Sequence[str] = (), *, allow_unknown: bool = False) -> Network:
    """An ONNX or TFLite file, or a network of the zoo.

    `shapes` fix an ONNX input's open sizes, NAME=1x3x224x224 each. Raises `CosearchError`.
    """
    from cosearch.networks.onnx_in import read_onnx
    from cosearch.networks.tflite_in import read_tflite

    tflite = Path(model).suffix.lower() == ".tflite"
    if is_file(model) and not tflite:
        sizes = dict(_shape(text) for text in shapes)
        return read_onnx(Path(model), shapes=sizes, allow_unknown=allow_unknown)
    if shapes:
        raise CosearchError(f"--shape is for ONNX files: the input of {model} has a fixed shape")
    if is_file(model):
        return read_tflite(Path(model), allow_unknown=allow_unknown)
    try:
        return find_network(model)
    except CosearchError as error:
        raise CosearchError(f"no file {model}, and {error}; see cosearch list networks") from error


def _shape(text: str) -> tuple[str, tuple[int, ...]]:
    """NAME=1x3x224x224 as (name, sizes)."""
    name, _, sizes = text.rpartition("=")
    parts = sizes.split("x")
    if not name or not all(part.isdecimal() and 0 < int(part) < 2**31 for part in parts):
        raise CosearchError(f"--shape {text}: needs the form NAME=1x3x224x224")
    return name, tuple(int(part) for part in parts)
