"""Load a data set by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cosearch.deep.catalogue import DATASETS
from cosearch.deep.datasets.cifar10 import cifar10
from cosearch.deep.datasets.digits import digits
from cosearch.deep.datasets.fashion import fashion_mnist
from cosearch.deep.datasets.folder import folder
from cosearch.deep.datasets.images import ImageData, Split
from cosearch.deep.datasets.stream import Streamed, stream
from cosearch.errors import CosearchError, unknown

__all__ = ["ImageData", "Split", "Streamed", "load", "load_or_stream"]

IMAGENET_SIZE: Final = 224

SIZES: Final = range(8, 513)

LOADERS: Final[dict[str, Callable[[], ImageData]]] = {
    "digits": digits,
    "cifar10": cifar10,
    "fashion-mnist": fashion_mnist,
}


def load(name: str, *, size: int | None = None) -> ImageData:
    """The data set `name` (see `catalogue.DATASETS`), images scaled to `size` pixels if given.

    Always the same division into train, validation and test. Raises `CosearchError`.
    """
    if size is not None and size not in SIZES:
        raise CosearchError(
            f"image size {size}: allowed are {SIZES.start} to {SIZES.stop - 1} pixels"
        )
    kind, colon, path = name.partition(":")
    if kind == "folder" and colon:
        return folder(Path(path).expanduser(), size)
    if name not in LOADERS:
        raise unknown("data set", name, DATASETS)
    data = LOADERS[name]()
    return data if size is None else data.resized(size)


def load_or_stream(name: str, *, size: int | None = None, workers: int = 0) -> ImageData | Streamed:
    """A data set by name, or stream:PATH, whose images are read from disk as they are needed."""
    kind, _, path = name.partition(":")
    if kind != "stream":
        return load(name, size=size)
    return stream(Path(path).expanduser(), size or IMAGENET_SIZE, workers=workers)
