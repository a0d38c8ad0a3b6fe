"""Our operators that can be written as TFLite's. One table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cosearch.networks.tflite_out.graph import Tensor
from cosearch.networks.tflite_out.plain import (
    activation,
    batch_norm,
    concat,
    cut,
    elementwise,
    reshape,
    scale,
    softmax,
    transpose,
)
from cosearch.networks.tflite_out.products import conv, dense, linear
from cosearch.networks.tflite_out.step import Step
from cosearch.networks.tflite_out.windows import pool

OPERATORS: Final[Mapping[str, Callable[[Step], Tensor]]] = {
    "activation": activation,
    "add": elementwise,
    "avg_pool": pool,
    "batch_norm": batch_norm,
    "concat": concat,
    "conv": conv,
    "dense": dense,
    "flatten": reshape,
    "linear": linear,
    "max_pool": pool,
    "mul": elementwise,
    "reshape": reshape,
    "scale": scale,
    "slice": cut,
    "softmax": softmax,
    "transpose": transpose,
}
