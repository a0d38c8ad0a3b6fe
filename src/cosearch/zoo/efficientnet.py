"""EfficientNet (arXiv 1905.11946), EfficientNet-Lite and EfficientNet-EdgeTPU.

Tables and scaling of tensorflow/tpu, models/official/efficientnet. The MACs printed for Lite
include three operations per convolution output, for norm and activation.
"""

from dataclasses import replace
from typing import Final

from cosearch.zoo.entry import Entry
from cosearch.zoo.staged import compound_scaled, entry, scaled
from cosearch.zoo.table import Row, Table

# operator, kernel, stride, expansion, channels, repeats, squeeze
B0: Final = (
    Row("ibn", 3, 1, 1, 16, 1, 0.25),
    Row("ibn", 3, 2, 6, 24, 2, 0.25),
    Row("ibn", 5, 2, 6, 40, 2, 0.25),
    Row("ibn", 3, 2, 6, 80, 3, 0.25),
    Row("ibn", 5, 1, 6, 112, 3, 0.25),
    Row("ibn", 5, 2, 6, 192, 4, 0.25),
    Row("ibn", 3, 1, 6, 320, 1, 0.25),
)
# The stem is 32 wide, yet the first block expands as if it were 24.
_EDGETPU: Final = (
    Row("fused", 3, 1, 4, 24, shortcut="none", source=24),
    Row("fused", 3, 2, 8, 32, 2),
    Row("fused", 3, 2, 8, 48, 4),
    Row("ibn", 5, 2, 8, 96, 5),
    Row("ibn", 5, 1, 8, 144, 4),
    Row("ibn", 5, 2, 8, 192, 2),
)

# width, depth, resolution
SCALING: Final = {
    "b0": (1.0, 1.0, 224),
    "b1": (1.0, 1.1, 240),
    "b2": (1.1, 1.2, 260),
    "b3": (1.2, 1.4, 300),
    "b4": (1.4, 1.8, 380),
    "b5": (1.6, 2.2, 456),
    "b6": (1.8, 2.6, 528),
    "b7": (2.0, 3.1, 600),
}
_LITE_SCALING: Final = {
    "lite0": (1.0, 1.0, 224),
    "lite1": (1.0, 1.1, 240),
    "lite2": (1.1, 1.2, 260),
    "lite3": (1.2, 1.4, 280),
    "lite4": (1.4, 1.8, 300),
}
_EDGETPU_SCALING: Final = {
    "edgetpu-s": (1.0, 1.0, 224),
    "edgetpu-m": (1.0, 1.1, 240),
    "edgetpu-l": (1.2, 1.4, 300),
}


def efficientnet(width: float, depth: float) -> Table:
    """EfficientNet: everything scales."""
    return compound_scaled(Table(32, B0, activation="swish"), width, depth)


def lite(width: float, depth: float) -> Table:
    """EfficientNet-Lite: no squeeze, ReLU6; stem, head and the depth of both ends do not scale."""
    deep = [depth] * len(B0)
    deep[0] = deep[-1] = 1.0
    rows = (scaled(row, width, d) for row, d in zip(B0, deep, strict=True))
    return Table(32, tuple(replace(row, squeeze=0) for row in rows), activation="relu6")


def edgetpu(width: float, depth: float) -> Table:
    """EfficientNet-EdgeTPU: ReLU, no squeeze, a background class."""
    return compound_scaled(Table(32, _EDGETPU, classes=1001), width, depth)


_TPU: Final = "tensorflow/tpu, models/official/efficientnet"
_EDGETPU_SOURCE: Final = f"{_TPU}/edgetpu; Gupta and Akin, arXiv 2003.02838"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    entry(f"efficientnet-{name}", family, size, source, table(width, depth))
    for family, source, table, scaling in (
        ("efficientnet", "arXiv 1905.11946", efficientnet, SCALING),
        ("efficientnet-lite", f"{_TPU}/lite", lite, _LITE_SCALING),
        ("efficientnet-edgetpu", _EDGETPU_SOURCE, edgetpu, _EDGETPU_SCALING),
    )
    for name, (width, depth, size) in scaling.items()
)
