"""The data sets by name, for people; imports no torch, so that the command line may list them."""

from __future__ import annotations

from typing import Final

DATASETS: Final[dict[str, str]] = {
    "digits": "1,797 handwritten digits, 8x8 grey, 10 classes; comes with scikit-learn",
    "cifar10": "60,000 photos, 32x32 colour, 10 classes; 170 MB, or in COSEARCH_DATA",
    "fashion-mnist": "70,000 clothes, 28x28 grey, 10 classes; 31 MB, or in COSEARCH_DATA",
    "folder:PATH": "your own images: one sub-folder per class, any size, grey or colour",
}
