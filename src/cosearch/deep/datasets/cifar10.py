"""CIFAR-10 (Krizhevsky 2009): the original archive, or a JPEG-coded copy."""

from __future__ import annotations

import io
import itertools
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy import ndarray
from PIL import Image

from cosearch.deep.datasets.images import ImageData, Split, as_split, divide
from cosearch.downloads import check_md5, download, local_copy
from cosearch.errors import CosearchError

ARCHIVE: Final = "cifar-10-python.tar.gz"
URL: Final = f"https://www.cs.toronto.edu/~kriz/{ARCHIVE}"
MD5: Final = "c58f30108f718f92721af3b95e74349a"
JPEG_COPIES: Final = ("images/cifar10_jpeg.npz", "cifar10_jpeg.npz")
BATCHES: Final = tuple(f"data_batch_{i}" for i in range(1, 6))


def cifar10() -> ImageData:
    """50,000 + 10,000 photos of 32x32; a tenth of the first part is for validation.

    A JPEG-coded copy says so in its name: its figures do not compare with published ones.
    """
    archive = local_copy([ARCHIVE])
    if archive:
        return _from_archive(check_md5(archive, MD5))
    jpeg = local_copy(JPEG_COPIES)
    return _from_jpeg(jpeg) if jpeg else _from_archive(download(URL, f"md5:{MD5}"))


def _from_archive(path: Path) -> ImageData:
    with tarfile.open(path) as tar:
        classes = _member(tar, "batches.meta")[b"label_names"]
        batches = [_member(tar, name) for name in BATCHES]
        test = _member(tar, "test_batch")
    images = np.concatenate([batch[b"data"] for batch in batches])
    labels = np.concatenate([batch[b"labels"] for batch in batches])
    training = _photos(images, labels)
    names = tuple(name.decode() for name in classes)
    return _data("cifar10", names, training, _photos(test[b"data"], test[b"labels"]))


def _member(tar: tarfile.TarFile, name: str) -> Any:
    """Unpickle one file: safe, for the archive's hash has been checked."""
    file = tar.extractfile(f"cifar-10-batches-py/{name}")
    assert file is not None
    return pickle.load(file, encoding="bytes")


def _photos(rows: ndarray, labels: ndarray) -> Split:
    return as_split(rows.reshape(-1, 3, 32, 32), labels)


def _from_jpeg(path: Path) -> ImageData:
    try:
        with np.load(path, allow_pickle=False) as file:
            parts = [
                as_split(
                    decode(file[f"{part}_jpeg"], file[f"{part}_offset"]), file[f"{part}_label"]
                )
                for part in ("train", "test")
            ]
            classes = tuple(str(name) for name in file["classes"])
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise CosearchError(f"{path}: not a JPEG-coded copy of CIFAR-10 ({error})") from error
    return _data("cifar10 (JPEG)", classes, *parts)


def decode(data: ndarray, offsets: ndarray) -> ndarray:
    """JPEG files laid end to end, file i at data[offsets[i]:offsets[i + 1]], to (n, 3, h, w)."""
    files = (data[a:b].tobytes() for a, b in itertools.pairwise(offsets))
    images = [np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) for file in files]
    return np.stack(images).transpose(0, 3, 1, 2)


def _data(name: str, classes: tuple[str, ...], training: Split, test: Split) -> ImageData:
    train, validation, _ = divide(training, test=0, validation=0.1)
    return ImageData(name, classes, train, validation, test, mirror=True)
