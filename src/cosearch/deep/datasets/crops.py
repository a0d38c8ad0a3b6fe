"""One file to one square of pixels, as networks for ImageNet are trained and judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy import ndarray
from PIL import Image

from cosearch.deep.datasets.folder import opened

Box = tuple[float, float, float, float]
_AREAS: Final = (0.08, 1.0)  # of what is cut out, as a share of the image (Inception)
_RATIOS: Final = (3 / 4, 4 / 3)  # of its width to its height
_MIDDLE: Final = 0.875  # of the shorter side, when judged
_TRIES: Final = 10


def random_crop(path: Path, size: int, key: Sequence[int]) -> ndarray:
    """(size, size, 3) uint8: a box of random area and shape (Szegedy et al., arXiv 1409.4842)."""
    with opened(path) as image:
        return _scaled(image, size, _random_box(image.width, image.height, key))


def centre_crop(path: Path, size: int) -> ndarray:
    """(size, size, 3) uint8: seven eighths of the shorter side, from the middle."""
    with opened(path) as image:
        half = _MIDDLE * min(image.size) / 2
        x, y = image.width / 2, image.height / 2
        return _scaled(image, size, (x - half, y - half, x + half, y + half))


def _random_box(width: int, height: int, key: Sequence[int]) -> Box:
    rng = np.random.default_rng(key)
    for _ in range(_TRIES):
        area = width * height * rng.uniform(*_AREAS)
        ratio = math.exp(rng.uniform(*np.log(_RATIOS)))
        w, h = math.sqrt(area * ratio), math.sqrt(area / ratio)
        if w <= width and h <= height:
            x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
            return x, y, x + w, y + h
    return 0, 0, width, height


def _scaled(image: Image.Image, size: int, box: Box) -> ndarray:
    scaled = image.resize((size, size), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    return np.asarray(scaled).copy()  # of Pillow's memory nothing may be written to
