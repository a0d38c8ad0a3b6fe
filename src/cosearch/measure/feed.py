"""What a model is fed while it is timed."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.measure.settings import Settings


def filled(name: str, shape: tuple[int, ...], dtype: np.dtype) -> ndarray:
    """Images in [0, 1] where floats are wanted; whole numbers are 0, valid as any index.

    Not all alike: some kernels look at their data.
    """
    if any(size < 1 for size in shape):
        raise CosearchError(f"input {name!r} has shape {shape}: every size must be at least 1")
    if np.issubdtype(dtype, np.floating):
        return np.random.default_rng(0).random(shape, dtype=np.float32).astype(dtype)
    return np.zeros(shape, dtype)


def closed(name: str, shape: list[int | str | None], settings: Settings) -> tuple[int, ...]:
    """`shape` with its open sizes set: the first is the batch, the others are `settings.shape`.

    What the file says stays: other sizes than its own are refused.
    """
    asked = (settings.batch, *settings.shape)
    sizes = [size if isinstance(size, int) and size > 0 else None for size in shape]
    if settings.shape and len(sizes) != len(asked):
        raise _unlike(name, shape, settings.shape)
    sizes = [new if old is None else old for old, new in zip_longest(sizes, asked[: len(sizes)])]
    if None in sizes:
        raise CosearchError(
            f"input {name!r} has shape {shape}: only the first size may be open, unless --shape "
            "says the others"
        )
    if sizes and sizes[0] != settings.batch:
        raise CosearchError(
            f"input {name!r} has a fixed batch of {sizes[0]}, asked is {settings.batch}"
        )
    if settings.shape and sizes[1:] != list(settings.shape):
        raise _unlike(name, shape, settings.shape)
    return tuple(size for size in sizes if size is not None)


def _unlike(name: str, shape: list[int | str | None], asked: tuple[int, ...]) -> CosearchError:
    """Sizes are asked for in the file's own order."""
    said = ",".join(map(str, asked))
    return CosearchError(f"input {name!r} has shape {shape}, batch first: {said} does not fit")
