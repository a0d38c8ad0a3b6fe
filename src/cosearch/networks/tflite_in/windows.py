"""Pools and reductions, and what convolutions share with them: strides and padding."""

from __future__ import annotations

from typing import Any, Final

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import Drafts, lead, volume
from cosearch.networks.onnx_in.views import reshape
from cosearch.networks.tflite_in.step import (
    Activation,
    Step,
    as_image,
    as_stored,
    done,
    draft,
    image_shape,
)

SAME: Final = 0  # of the schema's Padding


def one_of(step: Step, names: tuple[str, str], counts: list[bool]) -> int:
    """The one value of two options; that of an axis where it has no effect does not count."""
    values = [int(step.option(name)) for name in names]
    counted = {value for value, counted in zip(values, counts, strict=True) if counted}
    if min(values) < 1 or len(counted) > 1:
        raise step.refuse(f"{' and '.join(names)} are {values}: must be equal and at least 1")
    return counted.pop() if counted else 1


def frame(step: Step, source: Shape, reach: Shape) -> dict[str, Any]:
    """Stride, and `pad` as (top, left) where that says it all, else (top, left, bottom, right)."""
    out = step.out.shape[1:3]
    stride = one_of(step, ("StrideH", "StrideW"), [size > 1 for size in out])
    pad: Shape = (0, 0)
    if step.option("Padding") == SAME:
        axes = zip(source[1:], out, reach, strict=True)
        total = [max((made - 1) * stride + window - size, 0) for size, made, window in axes]
        pads = (*(t // 2 for t in total), *(t - t // 2 for t in total))
        pad = pads[:2] if pads[:2] == pads[2:] else pads
    return {"stride": stride, "pad": pad}


def pool(drafts: Drafts, step: Step) -> Activation:
    """Largest, mean or norm of a window."""
    source, shape = as_image(drafts, step)
    kernel = (int(step.option("FilterHeight")), int(step.option("FilterWidth")))
    if min(kernel) < 1 or len(step.out.shape) != 4:
        raise step.refuse(f"a window of {kernel}, output {step.out.shape}")
    op = "max_pool" if step.op == "MAX_POOL_2D" else "avg_pool"
    window = frame(step, shape, kernel)
    shape = image_shape(step.out.shape)
    return done(
        drafts, step, True, draft(drafts, step, op, (source,), shape, kernel=kernel, **window)
    )


def reduce(drafts: Drafts, step: Step) -> Activation:
    """Over height and width a pool, else over any axes."""
    shape = step.activation().tensor.shape
    axes = sorted(int(axis) % max(len(shape), 1) for axis in step.values(1, "axes").reshape(-1))
    if axes == [1, 2] and len(shape) == 4 and step.op in ("MEAN", "REDUCE_MAX"):
        source, image = as_image(drafts, step)
        op = "avg_pool" if step.op == "MEAN" else "max_pool"
        made = draft(
            drafts,
            step,
            op,
            (source,),
            (image[0], 1, 1),
            kernel=image[1:],
            stride=1,
            pad=(0, 0),
        )
        kept = len(step.out.shape) == 4
        if not kept:
            made = reshape(drafts, f"{step.name}.view", made, volume(step.out.shape))
        return done(drafts, step, kept, made)
    source = as_stored(drafts, step)
    ours = tuple(axis - lead(shape) for axis in axes if axis >= lead(shape))
    operator = step.op.removeprefix("REDUCE_").lower()
    made = draft(
        drafts, step, "reduce", (source,), volume(step.out.shape), axes=ours, operator=operator
    )
    return done(drafts, step, False, made)
