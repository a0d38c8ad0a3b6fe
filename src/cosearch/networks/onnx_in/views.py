"""Operators that move data, or only look at it in another shape."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import Constant, Drafts, Result, Step, Value, lead, put, volume

# ---- views


def reshape(drafts: Drafts, name: str, source: Value, shape: Shape) -> Value:
    """The same elements under another shape: `source` itself if it has that shape."""
    if drafts[source.base].shape == shape:
        return source
    op = "flatten" if len(shape) == 1 else "reshape"
    return put(drafts, name, op, (source,), shape)


def same(drafts: Drafts, step: Step) -> Value:
    """What changes nothing that counts."""
    return step.activation()


def view(drafts: Drafts, step: Step) -> Value:
    """Reshape, squeeze and the like."""
    if math.prod(step.shape) != math.prod(step.input_shapes[0]):
        raise step.refuse(f"shape {step.input_shapes[0]} cannot become {step.shape}")
    return reshape(drafts, step.name, step.activation(), volume(step.shape))


def shape_of(drafts: Drafts, step: Step) -> Constant:
    """The shape of an activation is known before the network runs."""
    return Constant(step.shape)


# ---- parts


def split(drafts: Drafts, step: Step) -> tuple[Value, ...]:
    """Views of consecutive parts."""
    axis = int(step.attributes.get("axis", 0)) % max(len(step.input_shapes[0]), 1)
    ends = list(accumulate((shape[axis] for shape in step.shapes), initial=0))
    if ends[-1] != step.input_shapes[0][axis]:
        raise step.refuse(f"its parts do not add up to {step.input_shapes[0]}")
    source = step.activation()
    return tuple(
        _part(drafts, step, source, step.input_shapes[0], axis, start, stop)
        for start, stop in pairwise(ends)
    )


def _part(
    drafts: Drafts, step: Step, source: Value, shape: Shape, axis: int, start: int, stop: int
) -> Value:
    """Elements `start` to `stop` of an axis of the file's `shape`."""
    if (start, stop) == (0, shape[axis]):
        return source
    ours = list(volume(shape))
    axis -= lead(shape)
    ours[axis] = stop - start
    return put(
        drafts, step.name, "slice", (source,), tuple(ours), axis=axis, start=start, stop=stop
    )


def slice_(drafts: Drafts, step: Step) -> Value:
    """A view, or with steps a copy of what is picked."""
    shape, source = step.input_shapes[0], step.activation()
    given = _slices(step)
    if given is None or any(stride != 1 for *_, stride in given):
        return move(drafts, step)
    for axis, start, stop, _ in given:
        size = shape[axis]
        start, stop = (min(max(at + size if at < 0 else at, 0), size) for at in (start, stop))
        if start >= stop:
            raise step.refuse(f"takes {start} to {stop} of {size}")
        source = _part(drafts, step, source, shape, axis, start, stop)
        shape = (*shape[:axis], stop - start, *shape[axis + 1 :])
    if shape != step.shape:
        raise step.refuse(f"makes {shape}, not {step.shape}")
    return source


def _slices(step: Step) -> list[tuple[int, int, int, int]] | None:
    """(axis, start, stop, stride) per axis that is cut; None where they are not known."""
    names = ("starts", "ends", "axes", "steps")
    lists: list[Any] = [step.attributes.get(name) for name in names]
    for index, name in enumerate(names, 1):
        if lists[index - 1] is None and step.has(index):
            lists[index - 1] = step.constant(index, name).value
            if lists[index - 1] is None:
                return None
    starts, stops = lists[:2]
    if starts is None or stops is None:
        raise step.refuse("starts or ends are missing")
    rank = len(step.input_shapes[0])
    axes = range(len(starts)) if lists[2] is None else lists[2]
    strides = [1] * len(starts) if lists[3] is None else lists[3]
    rows = zip(axes, starts, stops, strides, strict=True)
    return [(int(axis) % rank, int(a), int(b), int(s)) for axis, a, b, s in rows]


def gather(drafts: Drafts, step: Step) -> Result:
    """One index, or consecutive ones, are a view; others a copy."""
    if isinstance(step.inputs[0], Constant):  # an embedding: rows picked from a table
        return put(
            drafts, step.name, "move", (step.activation(1),), volume(step.shape), operator="gather"
        )
    shape = step.input_shapes[0]
    axis = int(step.attributes.get("axis", 0)) % max(len(shape), 1)
    index = step.constant(1, "indices").value
    if index is None or index.size < 1:
        return move(drafts, step)
    picked = [int(i) % shape[axis] for i in index.reshape(-1)]
    if picked != list(range(picked[0], picked[0] + len(picked))):
        return move(drafts, step)
    part = _part(drafts, step, step.activation(), shape, axis, picked[0], picked[-1] + 1)
    return reshape(drafts, f"{step.name}.view", part, volume(step.shape))


# ---- copies


def move(drafts: Drafts, step: Step) -> Value:
    """Data movement of a kind the graph has no operator of its own for."""
    sources = tuple(source for source in step.inputs if isinstance(source, Value))
    return put(drafts, step.name, "move", sources, volume(step.shape), operator=step.op.lower())


def grow(drafts: Drafts, step: Step) -> Value:
    """Resize or repeat: nothing at all where the shape stays."""
    if step.shape == step.input_shapes[0]:
        return step.activation()
    return move(drafts, step)


def concat(drafts: Drafts, step: Step) -> Value:
    """Join activations; a constant row before tokens is a class token."""
    axis = int(step.attributes.get("axis", 1)) % max(len(step.shape), 1)
    if axis < lead(step.shape) or any(not s for s in step.input_shapes):
        raise step.refuse("joins along the batch")
    inputs = tuple(source for source in step.inputs if isinstance(source, Value))
    ours, shape = axis - lead(step.shape), volume(step.shape)
    if len(inputs) == 1 and _is_class_token(step, axis):
        return put(drafts, step.name, "class_token", inputs, shape)
    if len(inputs) < len(step.inputs):
        return move(drafts, step)
    if len(inputs) == 1:
        return inputs[0]
    return put(drafts, step.name, "concat", inputs, shape, axis=ours, activation="none")


def _is_class_token(step: Step, axis: int) -> bool:
    tokens = len(step.shape) == 3 and axis == 1 and len(step.inputs) == 2
    return tokens and isinstance(step.inputs[0], Constant) and step.input_shapes[0][1] == 1


def transpose(drafts: Drafts, step: Step) -> Value:
    """A copy in another order, or a view where only axes of size 1 move."""
    shape, source = step.input_shapes[0], step.activation()
    perm = tuple(step.attributes.get("perm", range(len(shape))[::-1]))
    if sorted(perm) != list(range(len(shape))):
        raise step.refuse(f"perm {list(perm)} does not order {len(shape)} axes")
    wide = [axis for axis in perm if shape[axis] > 1]
    if wide == sorted(wide):
        return reshape(drafts, step.name, source, volume(step.shape))
    skip = lead(shape)
    if lead(step.shape) == skip and perm[0] == 0:
        ours = tuple(axis - skip for axis in perm[skip:])
        return put(drafts, step.name, "transpose", (source,), volume(step.shape), perm=ours)
    order = sorted(wide)
    x = reshape(drafts, f"{step.name}.squeeze", source, tuple(shape[axis] for axis in order))
    ours = tuple(order.index(axis) for axis in wide)
    made = put(drafts, step.name, "transpose", (x,), tuple(shape[axis] for axis in wide), perm=ours)
    return reshape(drafts, f"{step.name}.view", made, volume(step.shape))


def blocks(drafts: Drafts, step: Step) -> Value:
    """Depth to space and back: an image cut into blocks, its axes reordered."""
    shape, (size,) = step.input_shapes[0], step.integers("blocksize", (1,))
    if len(shape) != 4 or shape[0] != 1 or size < 1:
        raise step.refuse(f"input of shape {shape}, blocks of {size}")
    channels, height, width = shape[1:]
    if step.op == "SpaceToDepth":
        cut = (channels, height // size, size, width // size, size)
        perm = (2, 4, 0, 1, 3)
    elif step.attributes.get("mode", "DCR") == "CRD":
        cut, perm = (channels // size**2, size, size, height, width), (0, 3, 1, 4, 2)
    else:
        cut, perm = (size, size, channels // size**2, height, width), (2, 3, 0, 4, 1)
    if math.prod(cut) != math.prod(shape):
        raise step.refuse(f"input of shape {shape}, blocks of {size}")
    x = reshape(drafts, f"{step.name}.cut", step.activation(), cut)
    turned = tuple(cut[axis] for axis in perm)
    x = put(drafts, step.name, "transpose", (x,), turned, perm=perm)
    return reshape(drafts, f"{step.name}.join", x, volume(step.shape))


def pad(drafts: Drafts, step: Step) -> Value:
    """Zeros (or the lowest number) around an image go into the windows that read them."""
    rank = len(step.input_shapes[0])
    pads = step.attributes.get("pads", step.attributes.get("paddings"))
    if pads is None:
        pads = step.values(1, "pads")
    edges = np.zeros(2 * rank, dtype=np.int64)
    axes = range(rank)
    if step.has(3):
        axes = [int(axis) % rank for axis in step.values(3, "axes")]  # type: ignore[assignment]
    if len(pads) != 2 * len(axes):
        raise step.refuse(f"pads {list(pads)} for {len(axes)} axes")
    for at, axis in enumerate(axes):
        edges[axis], edges[axis + rank] = pads[at], pads[at + len(axes)]
    if step.shape == step.input_shapes[0]:
        return step.activation()
    if edges.max() <= 0:
        return _crop(drafts, step, edges.tolist())
    made = move(drafts, step)
    value = step.attributes.get("value", 0.0)
    if step.has(2):
        value = step.number(step.constant(2, "value"))
    mode = step.attributes.get("mode", "constant")
    image = rank == 4 and not edges[[0, 1, 4, 5]].any() and edges.min() >= 0
    if image and mode == "constant":
        draft = drafts[made.base].attributes
        draft["pad"] = tuple(int(edge) for edge in edges[[2, 3, 6, 7]])
        draft["value"] = float(value)
    return made


def _crop(drafts: Drafts, step: Step, edges: list[int]) -> Value:
    """Negative padding: a view."""
    source, shape = step.activation(), step.input_shapes[0]
    for axis, size in enumerate(shape):
        start, stop = -edges[axis], size + edges[axis + len(shape)]
        if not 0 <= start < stop:
            raise step.refuse(f"takes {start} to {stop} of {size}")
        source = _part(drafts, step, source, shape, axis, start, stop)
        shape = (*shape[:axis], stop - start, *shape[axis + 1 :])
    return source


VIEWS: Final[dict[str, Any]] = {
    "Cast": same,
    "CastLike": same,
    "Concat": concat,
    "DepthToSpace": blocks,
    "DequantizeLinear": same,
    "Dropout": same,
    "Expand": grow,
    "Flatten": view,
    "Gather": gather,
    "GatherElements": move,
    "GatherND": move,
    "Identity": same,
    "Pad": pad,
    "QuantizeLinear": same,
    "Reshape": view,
    "Resize": grow,
    "ReverseSequence": move,
    "ScatterElements": move,
    "ScatterND": move,
    "Shape": shape_of,
    "Size": shape_of,
    "Slice": slice_,
    "SpaceToDepth": blocks,
    "Split": split,
    "Squeeze": view,
    "Tile": grow,
    "TopK": move,
    "Transpose": transpose,
    "Trilu": move,
    "Unsqueeze": view,
    "Upsample": grow,
}
