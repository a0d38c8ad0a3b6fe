"""Fashion-MNIST (Xiao et al. 2017, arXiv 1708.07747): idx files, as MNIST's."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy import ndarray

from cosearch.deep.datasets.images import ImageData, as_split, divide
from cosearch.downloads import download, local_copy
from cosearch.errors import CosearchError

URL: Final = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
MD5: Final = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
CLASSES: Final = (
    "T-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
UINT8: Final = 8  # the idx code of unsigned bytes


def fashion_mnist() -> ImageData:
    """60,000 + 10,000 grey images of 28x28; a tenth of the first part is for validation."""
    arrays = [read_idx(_find(name)) for name in MD5]
    training = as_split(arrays[0][:, None], arrays[1])
    train, validation, _ = divide(training, test=0, validation=0.1)
    test = as_split(arrays[2][:, None], arrays[3])
    return ImageData("fashion-mnist", CLASSES, train, validation, test)


def _find(name: str) -> Path:
    """A local copy, packed or not (Debian packs with another gzip: no hash to check), or ours."""
    return local_copy((name, name.removesuffix(".gz"))) or download(URL + name, f"md5:{MD5[name]}")


def read_idx(path: Path) -> ndarray:
    """A file of the idx format with unsigned bytes, gzip-packed if its name ends in .gz."""
    try:
        raw = path.read_bytes()
        data = gzip.decompress(raw) if path.suffix == ".gz" else raw
        if data[:3] != bytes([0, 0, UINT8]):
            raise ValueError(f"starts with {data[:3].hex()}, not 000008")
        axes = data[3]
        shape = np.frombuffer(data, ">u4", axes, offset=4)
        return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape).copy()  # writable
    except (OSError, EOFError, ValueError, IndexError, zlib.error) as error:
        raise CosearchError(f"{path}: not an idx file of bytes ({error})") from error
