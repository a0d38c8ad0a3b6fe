"""Numbers of 16 bits where they are good enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch

from cosearch.errors import CosearchError

TYPES: Final = {"bf16": torch.bfloat16, "fp16": torch.float16}


def scaler_of(precision: str, device: torch.device) -> Any:
    """Keeps small gradients of fp16 from vanishing; does nothing for the others."""
    if precision == "fp16" and device.type != "cuda":
        raise CosearchError(
            "training precision 'fp16': needs a GPU; allowed on a CPU are fp32, bf16"
        )
    return torch.amp.GradScaler(device.type, enabled=precision == "fp16")


@contextmanager
def narrowed(precision: str, device: torch.device) -> Iterator[None]:
    """Convolutions and products inside are done in the precision; weights stay as they are."""
    dtype = TYPES.get(precision)
    with torch.autocast(device.type, dtype=dtype, enabled=dtype is not None):
        yield
