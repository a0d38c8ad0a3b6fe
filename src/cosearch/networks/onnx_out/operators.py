"""Every operator of `ops.OPS` and the function that spells it in ONNX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cosearch.networks.onnx_out import plain, products, windows
from cosearch.networks.onnx_out.step import Step

OPERATORS: Final[dict[str, Callable[[Step], str]]] = {
    "conv": products.conv,
    "conv_transpose": products.conv_transpose,
    "linear": products.linear,
    "dense": products.dense,
    "matmul": products.matmul,
    "max_pool": windows.pool,
    "avg_pool": windows.pool,
    "add": plain.elementwise,
    "mul": plain.elementwise,
    "activation": plain.activation,
    "batch_norm": plain.batch_norm,
    "layer_norm": plain.layer_norm,
    "softmax": plain.softmax,
    "scale": plain.scale,
    "elementwise": plain.costed_only,
    "reduce": windows.reduce,
    "class_token": plain.class_token,
    "position": plain.position,
    "concat": plain.concat,
    "move": plain.costed_only,
    "transpose": plain.transpose,
    "slice": plain.part,
    "reshape": plain.reshape,
    "flatten": plain.reshape,
}
