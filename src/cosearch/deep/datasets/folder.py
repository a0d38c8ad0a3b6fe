"""One's own images: one sub-folder per class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy import ndarray
from PIL import Image, ImageOps

from cosearch.deep.datasets.images import (
    TEST_SHARE,
    VALIDATION_SHARE,
    ImageData,
    as_split,
    divide,
)
from cosearch.errors import CosearchError

DEFAULT_SIZE: Final = 32
LEAST_PER_CLASS: Final = 5  # 3 to train, 1 to validate, 1 to test
WIDE_MODES: Final = ("I", "I;16", "I;16B", "I;16L")  # 16 bits: Pillow would clip, not scale


def folder(path: Path, size: int | None) -> ImageData:
    """Images of any size and colour, scaled to `size` square and divided 60/20/20.

    Grey if every image is grey. Files that have no image's suffix, or start with a dot, are
    passed over; a file that has one and cannot be decoded is an error.
    """
    files = image_files(path)
    _check_each(path, files)
    images = [read_image(file, size or DEFAULT_SIZE) for group in files.values() for file in group]
    labels = np.repeat(np.arange(len(files)), [len(group) for group in files.values()])
    pixels = np.stack(images).transpose(0, 3, 1, 2)
    grey = bool((pixels == pixels[:, :1]).all())
    everything = as_split(pixels[:, :1] if grey else pixels, labels)
    parts = divide(everything, test=TEST_SHARE, validation=VALIDATION_SHARE)
    # grey sets are often letters, digits or scans, where a mirror image is another thing
    return ImageData(f"folder:{path}", tuple(files), *parts, mirror=not grey)


def image_files(path: Path) -> dict[str, list[Path]]:
    """Class name -> its images, both sorted; raises `CosearchError` for a class without any."""
    if not path.is_dir():
        raise CosearchError(f"data folder {str(path)!r}: no such folder")
    suffixes = {
        suffix for suffix, kind in Image.registered_extensions().items() if kind in Image.OPEN
    }
    files = {
        group.name: sorted(f for f in group.iterdir() if _is_image(f, suffixes))
        for group in sorted(path.iterdir())
        if group.is_dir() and not group.name.startswith(".")
    }
    _check(path, files)
    return files


def _is_image(file: Path, suffixes: set[str]) -> bool:
    return file.is_file() and not file.name.startswith(".") and file.suffix.lower() in suffixes


def _check(path: Path, files: dict[str, list[Path]]) -> None:
    if not any(files.values()):
        raise CosearchError(
            f"data folder {str(path)!r} has no images: expected one sub-folder per class with "
            "PNG, JPEG or other image files"
        )
    if len(files) < 2:
        raise CosearchError(
            f"data folder {str(path)!r} has one class ({next(iter(files))!r}): "
            "at least 2 sub-folders with images are needed"
        )
    if empty := [name for name, group in files.items() if not group]:
        raise CosearchError(
            f"class {empty[0]!r} in {str(path)!r} has no images, {len(empty)} of {len(files)} "
            "classes have none: fill or remove their folders"
        )


def _check_each(path: Path, files: dict[str, list[Path]]) -> None:
    for name, group in files.items():
        if len(group) < LEAST_PER_CLASS:
            raise CosearchError(
                f"class {name!r} in {str(path)!r} has {len(group)} images: "
                f"at least {LEAST_PER_CLASS} are needed"
            )


def read_image(path: Path, size: int) -> ndarray:
    """Decode one file to (size, size, 3) uint8; the picture is stretched if it is not square."""
    with opened(path) as image:
        return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The picture, upright, in colour, 8 bits a channel; `CosearchError` names a broken file."""
    try:
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)  # phones store turned photos with a note
            yield _eight_bits(upright).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CosearchError(f"unreadable image {str(path)!r}: {error}") from error


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode not in WIDE_MODES:
        return image
    return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
