"""Operators that move data, or only look at it in another shape."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise

from cosearch.networks.onnx_in.draft import Drafts, lead, volume
from cosearch.networks.onnx_in.views import reshape
from cosearch.networks.tflite_in.step import (
    Activation,
    Step,
    as_stored,
    done,
    draft,
    image_shape,
    one_pass,
)


def same(drafts: Drafts, step: Step) -> Activation:
    """What changes nothing that counts: quantisers and their inverses."""
    source = step.activation()
    return Activation(source.value, step.out, source.image)


def view(drafts: Drafts, step: Step) -> Activation:
    """The same elements under another shape."""
    source = step.activation()
    if math.prod(source.tensor.shape) != math.prod(step.out.shape):
        raise step.refuse(f"shape {source.tensor.shape} cannot become {step.out.shape}")
    value = reshape(drafts, step.name, source.value, volume(step.out.shape))
    return Activation(value, step.out, False)


def move(drafts: Drafts, step: Step) -> Activation:
    """A copy of a kind the graph has no operator of its own for."""
    return one_pass(drafts, step, "move")


def grow(drafts: Drafts, step: Step) -> Activation:
    """Resize, repeat or cut: nothing at all where the shape stays."""
    kept = step.out.shape == step.activation().tensor.shape
    return same(drafts, step) if kept else move(drafts, step)


def pad(drafts: Drafts, step: Step) -> Activation:
    """Zeros around an image go into the convolution that reads them."""
    made = move(drafts, step)
    edges = step.values(1, "paddings").reshape(-1, 2).tolist()
    zeros = step.op == "PAD" and len(edges) == 4 and edges[0] == edges[3] == [0, 0]
    if made.image and zeros and min(map(min, edges)) >= 0:
        (top, bottom), (left, right) = edges[1:3]
        attributes = {"pad": (top, left, bottom, right), "value": 0.0}
        drafts[made.value.base].attributes.update(attributes)
    return made


def concat(drafts: Drafts, step: Step) -> Activation:
    """Join activations along any axis but the batch's."""
    if not all(isinstance(source, Activation) for source in step.inputs):
        return move(drafts, step)
    rank = len(step.out.shape)
    axis = int(step.option("Axis")) % max(rank, 1)
    image = rank == 4 and all(step.activation(i).image for i in range(len(step.inputs)))
    if axis < lead(step.out.shape):
        raise step.refuse("joins along the batch")
    count = range(len(step.inputs))
    if image:
        values = tuple(step.activation(i).value for i in count)
        shape, ours = image_shape(step.out.shape), axis % 3
    else:
        values = tuple(as_stored(drafts, step, i) for i in count)
        shape, ours = volume(step.out.shape), axis - lead(step.out.shape)
    made = draft(drafts, step, "concat", values, shape, axis=ours, activation="none")
    return done(drafts, step, image, made)


def split(drafts: Drafts, step: Step) -> tuple[Activation, ...]:
    """Views of consecutive parts; the axis is an input."""
    at = 0 if step.op == "SPLIT" else 2
    source = step.activation(1 - at // 2)
    shape = source.tensor.shape
    axis = int(step.values(at, "axis")[0]) % max(len(shape), 1)
    ends = list(accumulate((out.shape[axis] for out in step.outputs), initial=0))
    if ends[-1] != shape[axis] or axis < lead(shape):
        raise step.refuse(f"its parts do not add up to {shape}")
    ours = axis % 3 if source.image else axis - lead(shape)
    parts = []
    for out, (start, stop) in zip(step.outputs, pairwise(ends), strict=True):
        sizes = image_shape(out.shape) if source.image else volume(out.shape)
        made = draft(
            drafts, step, "slice", (source.value,), sizes, axis=ours, start=start, stop=stop
        )
        parts.append(Activation(made, out, source.image))
    return tuple(parts)


def transpose(drafts: Drafts, step: Step) -> Activation:
    """A copy in another order, or a view where only axes of size 1 move."""
    shape = step.activation().tensor.shape
    perm = [int(axis) for axis in step.values(1, "perm")]
    if sorted(perm) != list(range(len(shape))):
        raise step.refuse(f"perm {perm} does not order {len(shape)} axes")
    wide = [axis for axis in perm if shape[axis] > 1]
    source = as_stored(drafts, step)
    if wide == sorted(wide):
        value = reshape(drafts, step.name, source, volume(step.out.shape))
        return Activation(value, step.out, False)
    order = sorted(wide)
    source = reshape(drafts, f"{step.name}.squeeze", source, tuple(shape[a] for a in order))
    turned = tuple(order.index(axis) for axis in wide)
    made = draft(drafts, step, "transpose", (source,), tuple(shape[a] for a in wide), perm=turned)
    value = reshape(drafts, f"{step.name}.view", made, volume(step.out.shape))
    return Activation(value, step.out, False)
