"""torch, operator by operator: networks only, on the CPU or a CUDA device."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cosearch.deep.module import to_module
from cosearch.deep.threads import threads
from cosearch.errors import CosearchError
from cosearch.measure.feed import filled
from cosearch.measure.runtime import Model
from cosearch.measure.settings import Settings
from cosearch.networks import Network


@dataclass(frozen=True)
class TorchSession:
    """A module in eval mode and one batch of images."""

    module: Callable[[Tensor], Any]
    images: Tensor
    threads: int

    def run(self) -> None:
        """Wait for the device as well: it works on after the call returns."""
        with torch.inference_mode(), threads(self.threads):
            self.module(self.images)
            if self.images.is_cuda:
                torch.cuda.synchronize(self.images.device)


def versions() -> Mapping[str, str]:
    """Of torch, and of the CUDA device where there is one."""
    found = {"torch": torch.__version__, "python": platform.python_version()}
    if torch.cuda.is_available():
        found |= {"cuda": str(torch.version.cuda), "gpu": torch.cuda.get_device_name()}
    return found


def prepare(model: Model, settings: Settings) -> TorchSession:
    """Build the module of a network, its batch norms not folded, as people run it."""
    assert isinstance(model, Network)  # the runtime's row names no files
    if settings.device == "cuda" and not torch.cuda.is_available():
        raise CosearchError("device cuda: torch sees no CUDA device here")
    shape = (settings.batch, *model.input_shape)
    images = torch.from_numpy(filled("images", shape, np.dtype(np.float32)))
    module = to_module(model).eval().to(settings.device)
    return TorchSession(module, images.to(settings.device), settings.threads)
