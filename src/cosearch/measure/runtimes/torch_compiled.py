"""torch.compile: networks only, on the CPU or a CUDA device. Compiling takes seconds to minutes."""

from __future__ import annotations

from dataclasses import replace

import torch

from cosearch.errors import CosearchError
from cosearch.measure.runtime import Model
from cosearch.measure.runtimes.torch_eager import TorchSession, versions
from cosearch.measure.runtimes.torch_eager import prepare as prepare_eager
from cosearch.measure.settings import Settings
from cosearch.quiet import quiet

__all__ = ["prepare", "versions"]


def prepare(model: Model, settings: Settings) -> TorchSession:
    """The eager module, compiled with the shape of its one batch known."""
    eager = prepare_eager(model, settings)
    compiled = replace(eager, module=torch.compile(eager.module, dynamic=False))
    try:
        with quiet():
            compiled.run()
    except Exception as error:  # those of the compiler, of its back end, of the C++ compiler
        raise CosearchError(f"torch cannot compile {model.name}: {_first_line(error)}") from error
    return compiled


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
