"""The operators of TFLite: for each, how it becomes drafts. One table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cosearch.networks.onnx_in.draft import Drafts
from cosearch.networks.tflite_in.elementwise import (
    BINARY,
    CLIPPED,
    UNARY,
    binary,
    elementwise,
    softmax,
    unary,
)
from cosearch.networks.tflite_in.movement import (
    concat,
    grow,
    move,
    pad,
    same,
    split,
    transpose,
    view,
)
from cosearch.networks.tflite_in.products import (
    batch_matmul,
    conv,
    depthwise,
    fully_connected,
    transpose_conv,
)
from cosearch.networks.tflite_in.step import Activation, Step
from cosearch.networks.tflite_in.windows import pool, reduce

Handler = Callable[[Drafts, Step], Activation | tuple[Activation, ...]]

HANDLERS: Final[dict[str, Handler]] = {
    "AVERAGE_POOL_2D": pool,
    "BATCH_MATMUL": batch_matmul,
    "CONCATENATION": concat,
    "CONV_2D": conv,
    "DEPTHWISE_CONV_2D": depthwise,
    "FULLY_CONNECTED": fully_connected,
    "L2_POOL_2D": pool,
    "MAX_POOL_2D": pool,
    "PAD": pad,
    "PADV2": pad,
    "SOFTMAX": softmax,
    "SPLIT": split,
    "SPLIT_V": split,
    "TRANSPOSE": transpose,
    "TRANSPOSE_CONV": transpose_conv,
    **dict.fromkeys(("CAST", "DEQUANTIZE", "FAKE_QUANT", "QUANTIZE"), same),
    **dict.fromkeys(("EXPAND_DIMS", "RESHAPE", "SQUEEZE"), view),
    **dict.fromkeys(
        ("ARG_MAX", "ARG_MIN", "MEAN", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "SUM"), reduce
    ),
    **dict.fromkeys(
        (
            "BROADCAST_TO",
            "MIRROR_PAD",
            "RESIZE_BILINEAR",
            "RESIZE_NEAREST_NEIGHBOR",
            "SLICE",
            "TILE",
        ),
        grow,
    ),
    **dict.fromkeys(
        (
            "BATCH_TO_SPACE_ND",
            "DEPTH_TO_SPACE",
            "GATHER",
            "GATHER_ND",
            "PACK",
            "REVERSE_V2",
            "SPACE_TO_BATCH_ND",
            "SPACE_TO_DEPTH",
            "STRIDED_SLICE",
        ),
        move,
    ),
    **dict.fromkeys(
        (
            "L2_NORMALIZATION",
            "LOCAL_RESPONSE_NORMALIZATION",
            "LOG_SOFTMAX",
            "RSQRT",
            "SELECT",
            "SELECT_V2",
            "SQUARE",
            "SQUARED_DIFFERENCE",
        ),
        elementwise,
    ),
    **dict.fromkeys((*UNARY, *CLIPPED), unary),
    **dict.fromkeys(BINARY, binary),
}
