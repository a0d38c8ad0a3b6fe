"""Pools and reductions, and what convolutions share with them: strides and padding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import Drafts, Step, Value, lead, put, volume
from cosearch.networks.onnx_in.views import reshape


def one_of(step: Step, name: str, *, where: Sequence[bool] = (True, True)) -> int:
    """The one value of an attribute with a value per axis; it counts only on axes `where`."""
    values = step.integers(name, (1, 1))
    counted = {value for value, counts in zip(values, where, strict=True) if counts}
    if min(values) < 1 or len(counted) > 1:
        raise step.refuse(f"{name} {list(values)}: must be equal and at least 1")
    return counted.pop() if counted else 1


def frame(step: Step, kernel: tuple[int, int], dilation: int = 1) -> dict[str, Any]:
    """Stride, and `pad` as (top, left) where that says it all, else (top, left, bottom, right)."""
    stride = one_of(step, "strides", where=[size > 1 for size in step.shape[2:]])
    pads = step.integers("pads", (0, 0, 0, 0))
    if step.attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        pads = _same_pads(step, stride, [(taps - 1) * dilation + 1 for taps in kernel])
    return {"stride": stride, "pad": pads[:2] if pads[:2] == pads[2:] else pads}


def _same_pads(step: Step, stride: int, reach: list[int]) -> tuple[int, ...]:
    """What SAME_UPPER and SAME_LOWER work out to."""
    sizes = zip(step.input_shapes[0][2:], step.shape[2:], reach, strict=True)
    total = [max((out - 1) * stride + window - size, 0) for size, out, window in sizes]
    small, large = [t // 2 for t in total], [t - t // 2 for t in total]
    upper = step.attributes["auto_pad"] == "SAME_UPPER"
    return (*small, *large) if upper else (*large, *small)


def pool(drafts: Drafts, step: Step) -> Value:
    """Largest or mean (or p-norm, as costly as a mean) of a window."""
    _check_image(step)
    if step.integers("dilations", (1, 1)) != (1, 1):
        raise step.refuse(f"dilations {step.attributes['dilations']}: only [1, 1] is supported")
    if "kernel_shape" not in step.attributes:
        raise step.refuse("kernel_shape is missing")
    kernel = step.integers("kernel_shape", (1, 1))
    if min(kernel) < 1:
        raise step.refuse(f"kernel_shape {list(kernel)}: must be at least 1")
    op = "max_pool" if step.op == "MaxPool" else "avg_pool"
    attributes = {"kernel": kernel, **frame(step, (kernel[0], kernel[1]))}
    return put(drafts, step.name, op, (step.activation(),), step.shape[1:], **attributes)


def _check_image(step: Step) -> Shape:
    shape = step.input_shapes[0]
    if len(shape) != 4:
        raise step.refuse(f"input of shape {shape}: only 2-D pooling is supported")
    if shape[0] != 1:
        raise step.refuse(f"input of shape {shape}: the batch must stay 1")
    return shape


def global_pool(drafts: Drafts, step: Step) -> Value:
    """Over height and width, to (channels, 1, 1)."""
    shape = _check_image(step)
    op = "max_pool" if step.op in ("GlobalMaxPool", "ReduceMax") else "avg_pool"
    made = put(
        drafts,
        step.name,
        op,
        (step.activation(),),
        (shape[1], 1, 1),
        kernel=shape[2:],
        stride=1,
        pad=(0, 0),
    )
    return reshape(drafts, f"{step.name}.view", made, volume(step.shape))


def reduce(drafts: Drafts, step: Step) -> Value:
    """Mean, sum, largest, norm or index over any axes."""
    shape, source = step.input_shapes[0], step.activation()
    axes = step.axes()
    if "axis" in step.attributes:  # ArgMax and ArgMin
        axes = (int(step.attributes["axis"]) % len(shape),)
    if axes == (2, 3) and len(shape) == 4 and step.op in ("ReduceMean", "ReduceMax"):
        return global_pool(drafts, step)
    if not axes:
        axes = () if step.attributes.get("noop_with_empty_axes") else tuple(range(len(shape)))
    if math.prod(shape[axis] for axis in axes) == 1:
        return reshape(drafts, step.name, source, volume(step.shape))
    ours = tuple(axis - lead(shape) for axis in axes if axis >= lead(shape))
    operator = step.op.removeprefix("Reduce").lower()
    return put(
        drafts, step.name, "reduce", (source,), volume(step.shape), axes=ours, operator=operator
    )


WINDOWS: Final[dict[str, Any]] = {
    "AveragePool": pool,
    "GlobalAveragePool": global_pool,
    "GlobalLpPool": global_pool,
    "GlobalMaxPool": global_pool,
    "LpPool": pool,
    "MaxPool": pool,
    **dict.fromkeys(
        (
            "ArgMax",
            "ArgMin",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSum",
            "ReduceSumSquare",
        ),
        reduce,
    ),
}
