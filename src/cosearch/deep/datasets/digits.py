"""The handwritten digits scikit-learn ships: UCI "Optical Recognition of Handwritten Digits"."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from cosearch.deep.datasets.images import (
    TEST_SHARE,
    VALIDATION_SHARE,
    ImageData,
    as_split,
    divide,
)

LEVELS = 16  # pixels count set bits of a 4x4 cell: 0 to 16


def digits() -> ImageData:
    """1,797 grey images of 8x8, divided 60/20/20."""
    source = load_digits()
    images = np.round(source.images[:, None] * (255 / LEVELS)).astype(np.uint8)
    everything = as_split(images, source.target)
    parts = divide(everything, test=TEST_SHARE, validation=VALIDATION_SHARE)
    return ImageData("digits", tuple("0123456789"), *parts)
