"""LiteRT (formerly TensorFlow Lite) on the CPU: .tflite files, and networks written as such."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

from ai_edge_litert.interpreter import Interpreter

from cosearch.errors import CosearchError
from cosearch.measure.feed import closed, filled
from cosearch.measure.runtime import Model
from cosearch.measure.settings import Settings
from cosearch.measure.tflite_files import tflite_content


@dataclass(frozen=True)
class LiteRtSession:
    """An interpreter with its inputs set."""

    interpreter: Interpreter

    def run(self) -> None:
        """Until the outputs are there."""
        self.interpreter.invoke()


def versions() -> Mapping[str, str]:
    """Of LiteRT."""
    return {"ai-edge-litert": version("ai-edge-litert")}


def prepare(model: Model, settings: Settings) -> LiteRtSession:
    """Load with the delegate that LiteRT takes by itself (XNNPACK)."""
    with _hushed():
        interpreter = _loaded(model, settings)
    _check_precision(interpreter, model.name, settings)
    for each in interpreter.get_input_details():
        array = filled(each["name"], tuple(each["shape"].tolist()), each["dtype"])
        interpreter.set_tensor(each["index"], array)
    return LiteRtSession(interpreter)


def _loaded(model: Model, settings: Settings) -> Interpreter:
    content = tflite_content(model, settings)
    try:
        interpreter = Interpreter(model_content=content, num_threads=settings.threads)
        for each in interpreter.get_input_details():
            sizes = [size if size > 0 else None for size in each["shape_signature"].tolist()]
            shape = closed(each["name"], sizes or each["shape"].tolist(), settings)
            interpreter.resize_tensor_input(each["index"], shape)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise CosearchError(f"LiteRT cannot load {model.name}: {error}") from error
    return interpreter


@contextmanager
def _hushed() -> Iterator[None]:
    """Hold back what the library itself, not Python, says on stderr when it loads a file."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _check_precision(interpreter: Interpreter, name: str, settings: Settings) -> None:
    """A file is what it is: it must be what was asked for."""
    kinds = {each["dtype"].__name__ for each in interpreter.get_tensor_details()}
    found = "int8" if kinds & {"int8", "uint8"} else "fp32"
    if found != settings.precision:
        raise CosearchError(f"{name} is {found}: measure it with that precision")
