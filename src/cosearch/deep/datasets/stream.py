"""Images too many for memory: read from their files as training needs them.

A folder as ImageNet's is laid out: `train` and `val`, in each one sub-folder per class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Int, UInt8
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from cosearch.deep.datasets.crops import centre_crop, random_crop
from cosearch.deep.datasets.folder import image_files
from cosearch.errors import CosearchError


@dataclass(frozen=True)
class FolderImages:
    """Labelled files. What is cut out of one depends on the seed, the epoch and its place alone,
    so any number of workers gives the same batches.
    """

    files: Sequence[Path]
    labels: Int[Tensor, " n"]
    size: int  # pixels a side
    vary: bool  # cut out at random (training), or the middle
    workers: int = 0  # processes that decode; 0: this one

    def __len__(self) -> int:
        return len(self.files)

    def read(
        self, batches: Sequence[Int[Tensor, " m"]], key: tuple[int, int]
    ) -> Iterator[UInt8[Tensor, "m c h w"]]:
        """Decoded batches, in order; raises `CosearchError` for a file that cannot be decoded."""
        loader = DataLoader(
            _Reading(self, key),
            batch_sampler=[index.tolist() for index in batches],
            num_workers=self.workers,
            collate_fn=_stacked,
            prefetch_factor=4 if self.workers else None,
        )
        for found in loader:
            if isinstance(found, str):
                raise CosearchError(found)
            yield found


@dataclass(frozen=True)
class Streamed:
    """A folder's two parts."""

    name: str
    classes: tuple[str, ...]
    train: FolderImages
    validation: FolderImages

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one image, (channels, height, width)."""
        return 3, self.train.size, self.train.size


def stream(path: Path, size: int, *, workers: int = 0) -> Streamed:
    """The images below `path`; raises `CosearchError` for a class that a part lacks."""
    train, validation = (image_files(path / part) for part in ("train", "val"))
    for part, files, others in (("val", validation, train), ("train", train, validation)):
        if missing := sorted(others.keys() - files.keys()):
            raise CosearchError(
                f"data folder {str(path / part)!r} has no sub-folder for {len(missing)} of "
                f"{len(others)} classes, {missing[0]!r} first"
            )
    return Streamed(
        f"stream:{path}",
        tuple(train),
        _images(train, size, True, workers),
        _images(validation, size, False, workers),
    )


def _images(files: dict[str, list[Path]], size: int, vary: bool, workers: int) -> FolderImages:
    labels = [label for label, group in enumerate(files.values()) for _ in group]
    every = [file for group in files.values() for file in group]
    return FolderImages(every, torch.tensor(labels), size, vary, workers)


@dataclass(frozen=True)
class _Reading(Dataset):
    """One epoch's view of the files."""

    images: FolderImages
    key: tuple[int, int]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, place: int) -> Tensor | str:
        """(3, size, size) uint8, or what is wrong: an exception would cross over as a page."""
        source = self.images
        file, size = source.files[place], source.size
        try:
            if source.vary:
                pixels = random_crop(file, size, [*self.key, place])
            else:
                pixels = centre_crop(file, size)
        except CosearchError as error:
            return str(error)
        return torch.from_numpy(pixels).permute(2, 0, 1)


def _stacked(images: list[Tensor | str]) -> Tensor | str:
    for image in images:
        if isinstance(image, str):
            return image
    return torch.stack([image for image in images if isinstance(image, Tensor)])
