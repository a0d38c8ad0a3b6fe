"""What a model is fed while it is timed."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from cosearch.errors import CosearchError


def filled(name: str, shape: tuple[int, ...], dtype: np.dtype) -> ndarray:
    """Images in [0, 1] where floats are wanted; whole numbers are 0, valid as any index.

    Not all alike: some kernels look at their data.
    """
    if any(size < 1 for size in shape):
        raise CosearchError(f"input {name!r} has shape {shape}: every size must be at least 1")
    if np.issubdtype(dtype, np.floating):
        return np.random.default_rng(0).random(shape, dtype=np.float32).astype(dtype)
    return np.zeros(shape, dtype)


def closed(name: str, shape: list[int | str | None], batch: int) -> tuple[int, ...]:
    """`shape` with its first, open size set to `batch`; other open sizes are refused."""
    sizes = [size if isinstance(size, int) and size > 0 else None for size in shape]
    if sizes and sizes[0] is None:
        sizes[0] = batch
    if None in sizes:
        raise CosearchError(f"input {name!r} has shape {shape}: only the first size may be open")
    if sizes and sizes[0] != batch:
        raise CosearchError(f"input {name!r} has a fixed batch of {sizes[0]}, asked is {batch}")
    return tuple(size for size in sizes if size is not None)
