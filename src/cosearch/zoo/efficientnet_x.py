"""EfficientNet-X (Li et al., CVPR 2021, arXiv 2102.05610), in its three scalings.

Table of tensorflow/tpu, models/official/efficientnet/tpu/efficientnet_x_builder.py.
"""

from dataclasses import replace
from typing import Final

from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo.efficientnet import SCALING
from cosearch.zoo.entry import Entry
from cosearch.zoo.staged import entry, round_repeats, scaled
from cosearch.zoo.table import Row, Table

# operator, kernel, stride, expansion, channels, repeats, squeeze, activation. The stride of the
# first of these is the space-to-depth's, whose four times the width it does not count.
_REST: Final = (
    Row("fused", 3, 1, 6, 24, 2, 0.25, "swish", source=16),
    Row("fused", 5, 2, 6, 40, 2, 0.25, "swish"),
    Row("ibn", 3, 2, 6, 80, 3, 0.25),
    Row("ibn", 5, 1, 6, 112, 3, 0.25),
    Row("ibn", 5, 2, 6, 192, 4, 0.25),
    Row("ibn", 3, 1, 6, 320, 1, 0.25),
)
# width, depth, resolution, found by measured latency (LACS)
_TPU_SCALING: Final = {
    "tpu-b1": (1.05, 1.09, 229),
    "tpu-b2": (1.13, 1.29, 244),
    "tpu-b3": (1.27, 1.62, 263),
    "tpu-b4": (1.54, 2.38, 299),
    "tpu-b5": (1.96, 2.76, 332),
    "tpu-b6": (2.75, 3.01, 328),
    "tpu-b7": (3.26, 3.44, 350),
}
_GPU_SCALING: Final = {
    "gpu-b1": (1.05, 1.09, 229),
    "gpu-b2": (1.13, 1.24, 237),
    "gpu-b3": (1.31, 1.63, 255),
    "gpu-b4": (1.63, 2.40, 282),
    "gpu-b5": (1.94, 3.29, 306),
    "gpu-b6": (2.25, 4.28, 328),
    "gpu-b7": (2.58, 5.46, 350),
}
_SQUEEZE_FACTOR: Final = {"b0": 4, "b1": 2}  # 1 in the others


def efficientnet_x(width: float, depth: float, squeeze_factor: int) -> Table:
    """EfficientNet-X: fused blocks early, squeeze wider in the smallest networks."""
    rows = (*_reshaped(width, depth), *(scaled(row, width, depth) for row in _REST))
    squeeze = tuple(_widen(row, squeeze_factor) for row in rows)
    return Table(divisible(32 * width), squeeze, divisible(1280 * width))


def _reshaped(width: float, depth: float) -> tuple[Row, ...]:
    """Space-to-depth: a quarter of the pixels, four times the channels, kernels of half the reach.

    The squeeze of the first block is as wide as without it.
    """
    channels = 4 * divisible(16 * width)
    return (
        Row("conv", 2, 2, 1, 4 * divisible(32 * width)),
        Row("ibn", 2, 1, 1, channels, 1, 0.25 / 4),
        *[Row("ibn", 2, 1, 1, channels, 1, 0.25)] * (round_repeats(1, depth) - 1),
    )


def _widen(row: Row, factor: int) -> Row:
    return replace(row, squeeze=row.squeeze * factor)


ENTRIES: Final[tuple[Entry, ...]] = tuple(
    entry(
        f"efficientnet-x-{name}",
        "efficientnet-x",
        size,
        "arXiv 2102.05610; tensorflow/tpu, models/official/efficientnet/tpu",
        efficientnet_x(width, depth, _SQUEEZE_FACTOR.get(name[-2:], 1)),
    )
    for name, (width, depth, size) in {**SCALING, **_TPU_SCALING, **_GPU_SCALING}.items()
)
