"""The operators of TFLite: for each, how it becomes drafts."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any, Final

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import Drafts, Value, lead, volume
from cosearch.networks.onnx_in.pointwise import combine
from cosearch.networks.onnx_in.products import behind
from cosearch.networks.onnx_in.views import reshape
from cosearch.networks.tflite_in.file import Tensor
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

# ---- products


def conv(drafts: Drafts, step: Step) -> Activation:
    """Grouped where the weights have fewer channels than the image."""
    source, shape = as_image(drafts, step)
    weight = step.constant(1, "weight").shape
    if len(weight) != 4 or not weight[3] or shape[0] % weight[3]:
        raise step.refuse(f"weight of shape {weight} does not fit {shape[0]} channels")
    out, *taps, per_group = weight
    groups = shape[0] // per_group
    if out % groups:
        raise step.refuse(f"{groups} groups do not divide {out} channels")
    return _conv(drafts, step, source, (shape, out, (taps[0], taps[1]), groups))


def depthwise(drafts: Drafts, step: Step) -> Activation:
    """One or more filters per channel."""
    source, shape = as_image(drafts, step)
    weight = step.constant(1, "weight").shape
    if len(weight) != 4 or weight[3] % shape[0]:
        raise step.refuse(f"weight of shape {weight} does not fit {shape[0]} channels")
    return _conv(drafts, step, source, (shape, weight[3], weight[1:3], shape[0]))


def _conv(
    drafts: Drafts, step: Step, source: Value, what: tuple[Shape, int, Shape, int]
) -> Activation:
    shape, out, taps, groups = what
    made_shape = image_shape(step.out.shape) if len(step.out.shape) == 4 else ()
    if not made_shape or made_shape[0] != out or min(taps) < 1:
        raise step.refuse(f"{out} channels do not make an output of shape {step.out.shape}")
    wide = [size > 1 for size in taps]
    dilation = _one(step, ("DilationHFactor", "DilationWFactor"), wide)
    reach = tuple((size - 1) * dilation + 1 for size in taps)
    made = draft(
        drafts,
        step,
        "conv",
        (source,),
        made_shape,
        kernel=tuple(taps),
        **_frame(step, shape, reach),
        groups=groups,
        activation="none",
        norm=False,
        bias=step.has(2),
        **({"dilation": dilation} if dilation > 1 else {}),
    )
    return done(drafts, step, True, made)


def _one(step: Step, names: tuple[str, str], counts: list[bool]) -> int:
    """The one value of two options; that of an axis where it has no effect does not count."""
    values = [int(step.option(name)) for name in names]
    counted = {value for value, counted in zip(values, counts, strict=True) if counted}
    if min(values) < 1 or len(counted) > 1:
        raise step.refuse(f"{' and '.join(names)} are {values}: must be equal and at least 1")
    return counted.pop() if counted else 1


def _frame(step: Step, source: Shape, reach: Shape) -> dict[str, Any]:
    """Stride, and `pad` as (top, left) where that says it all, else (top, left, bottom, right)."""
    out = step.out.shape[1:3]
    stride = _one(step, ("StrideH", "StrideW"), [size > 1 for size in out])
    pad: Shape = (0, 0)
    if step.option("Padding") == SAME:
        axes = zip(source[1:], out, reach, strict=True)
        total = [max((made - 1) * stride + window - size, 0) for size, made, window in axes]
        pads = (*(t // 2 for t in total), *(t - t // 2 for t in total))
        pad = pads[:2] if pads[:2] == pads[2:] else pads
    return {"stride": stride, "pad": pad}


def transpose_conv(drafts: Drafts, step: Step) -> Activation:
    """Weights (out, height, width, in), then the image."""
    source, shape = as_image(drafts, step, 2)
    weight, made = step.constant(1, "weight").shape, step.out.shape
    if len(weight) != 4 or len(made) != 4 or weight[3] != shape[0] or weight[0] != made[3]:
        raise step.refuse(f"weight of shape {weight}, image {shape}, output {made}")
    stride = _one(step, ("StrideH", "StrideW"), [True, True])
    pads = [
        max((size - 1) * stride + taps - out, 0) // 2
        for size, taps, out in zip(shape[1:], weight[1:3], made[1:3], strict=True)
    ]
    value = draft(
        drafts,
        step,
        "conv_transpose",
        (source,),
        image_shape(made),
        kernel=weight[1:3],
        stride=stride,
        pad=tuple(pads),
        groups=1,
        activation="none",
        norm=False,
        bias=step.has(3),
    )
    return done(drafts, step, True, value)


def fully_connected(drafts: Drafts, step: Step) -> Activation:
    """Of one token `linear`, of several `dense`."""
    source, shape = as_stored(drafts, step), step.activation().tensor.shape
    weight = step.constant(1, "weight").shape
    if len(weight) != 2 or not shape or not weight[1] or math.prod(shape) % weight[1]:
        raise step.refuse(f"weight of shape {weight} does not fit an input of shape {shape}")
    units, features = weight
    tokens = math.prod(shape) // features
    attributes = {"bias": step.has(2), "activation": "none"}
    if tokens == 1:
        made = draft(drafts, step, "linear", (behind(drafts, source),), (units,), **attributes)
        made = reshape(drafts, f"{step.name}.view", made, volume(step.out.shape))
        return done(drafts, step, False, made)
    if shape[-1] != features:
        source = reshape(drafts, f"{step.name}.tokens", source, (tokens, features))
    made = draft(drafts, step, "dense", (source,), (tokens, units), **attributes)
    made = reshape(drafts, f"{step.name}.view", made, volume(step.out.shape))
    return done(drafts, step, False, made)


def batch_matmul(drafts: Drafts, step: Step) -> Activation:
    """Of two activations, or of tokens and a matrix of weights."""
    out = step.out.shape
    if len(out) < 2:
        raise step.refuse(f"output of shape {out}")
    first = as_stored(drafts, step)
    a = step.activation().tensor.shape
    depth = a[-2 if step.option("AdjX") else -1]
    lead_shape = volume(out) if len(volume(out)) > 1 else out
    if isinstance(step.inputs[1], Tensor):
        if len(step.inputs[1].shape) != 2:
            raise step.refuse("weights of their own per batch or head are not supported")
        made = draft(drafts, step, "dense", (first,), lead_shape, bias=False, activation="none")
        return done(drafts, step, False, made)
    second = as_stored(drafts, step, 1)
    first = reshape(drafts, f"{step.name}.first", first, (*lead_shape[:-1], depth))
    shape = (*lead_shape[:-2], depth, lead_shape[-1])
    second = reshape(drafts, f"{step.name}.second", second, shape)
    return done(drafts, step, False, draft(drafts, step, "matmul", (first, second), lead_shape))


# ---- windows


def pool(drafts: Drafts, step: Step) -> Activation:
    """Largest, mean or norm of a window."""
    source, shape = as_image(drafts, step)
    kernel = (int(step.option("FilterHeight")), int(step.option("FilterWidth")))
    if min(kernel) < 1 or len(step.out.shape) != 4:
        raise step.refuse(f"a window of {kernel}, output {step.out.shape}")
    op = "max_pool" if step.op == "MAX_POOL_2D" else "avg_pool"
    frame = _frame(step, shape, kernel)
    shape = image_shape(step.out.shape)
    return done(
        drafts, step, True, draft(drafts, step, op, (source,), shape, kernel=kernel, **frame)
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


# ---- elementwise

UNARY: Final = {
    "ABS": "Abs",
    "ELU": "Elu",
    "EXP": "Exp",
    "GELU": "Gelu",
    "HARD_SWISH": "HardSwish",
    "LEAKY_RELU": "LeakyRelu",
    "LOG": "Log",
    "LOGISTIC": "Sigmoid",
    "NEG": "Neg",
    "PRELU": "PRelu",
    "RELU": "Relu",
    "SQRT": "Sqrt",
    "TANH": "Tanh",
}
CLIPPED: Final = {"RELU6": (0.0, 6.0), "RELU_N1_TO_1": (-1.0, 1.0), "RELU_0_TO_1": (0.0, 1.0)}
BINARY: Final = {
    "ADD": "Add",
    "DIV": "Div",
    "MAXIMUM": "Max",
    "MINIMUM": "Min",
    "MUL": "Mul",
    "POW": "Pow",
    "SUB": "Sub",
}
_AFFINE: Final = {"Add": "bias", "Sub": "bias", "Mul": "scale", "Div": "scale"}


def unary(drafts: Drafts, step: Step) -> Activation:
    """A function of one number."""
    source = step.activation()
    function = source.value.function
    if step.op in CLIPPED:
        function = function.clip(*CLIPPED[step.op])
    else:
        alpha = {"alpha": step.options["Alpha"]} if "Alpha" in step.options else {}
        function = function.unary(UNARY[step.op], alpha)
    return Activation(Value(source.value.base, function, len(drafts)), step.out, source.image)


def elementwise(drafts: Drafts, step: Step) -> Activation:
    """One pass of a kind the graph has no operator of its own for."""
    sources = [source for source in step.inputs if isinstance(source, Activation)]
    image = bool(sources) and sources[0].image and len(step.out.shape) == 4
    shape = image_shape(step.out.shape) if image else volume(step.out.shape)
    values = tuple(source.value for source in sources)
    made = draft(drafts, step, "elementwise", values, shape, operator=step.op.lower())
    return done(drafts, step, image, made)


def binary(drafts: Drafts, step: Step) -> Activation:
    """Of two activations, or of one and a constant."""
    op, (first, second) = BINARY[step.op], step.inputs[:2]
    if isinstance(first, Activation) and isinstance(second, Activation):
        return _meet(drafts, step, op)
    turned = not isinstance(first, Activation)
    source = step.activation(int(turned))
    constant = step.constant(int(not turned), "constant")
    function = source.value.function
    if (
        constant.value is not None
        and constant.value.size == 1
        and not step.options.get("FusedActivationFunction")
    ):
        number = float(constant.value.reshape(()))
        sides = (number, function) if turned else (function, number)
        value = Value(source.value.base, combine(op, *sides), len(drafts))
        return Activation(value, step.out, source.image)
    shape = drafts[source.value.base].shape
    if step.out.shape != source.tensor.shape:
        return elementwise(drafts, step)
    if op in _AFFINE and math.prod(constant.shape) == step.out.shape[-1] and not turned:
        made = draft(drafts, step, "activation", (source.value,), shape, activation=_AFFINE[op])
    elif op == "Add" and math.prod(constant.shape) == math.prod(step.out.shape):
        made = draft(drafts, step, "position", (source.value,), shape)
    else:
        return elementwise(drafts, step)
    return done(drafts, step, source.image, made)


def _meet(drafts: Drafts, step: Step, op: str) -> Activation:
    sides = [step.activation(0), step.activation(1)]
    twice = op == "Add" and sides[0].value.function.key == sides[1].value.function.key
    if sides[0].value.base == sides[1].value.base and not twice:
        function = combine(op, sides[0].value.function, sides[1].value.function)
        made = Value(sides[0].value.base, function, len(drafts))
        return Activation(step.fused(made), step.out, sides[0].image)
    sides.sort(key=lambda side: side.tensor.shape != step.out.shape)
    if op not in ("Add", "Mul") or sides[0].tensor.shape != step.out.shape:
        return elementwise(drafts, step)
    image = sides[0].image
    values = tuple(side.value for side in sides)
    shape = drafts[values[0].base].shape
    made = draft(drafts, step, op.lower(), values, shape, activation="none")
    return done(drafts, step, image, made)


def softmax(drafts: Drafts, step: Step) -> Activation:
    """Over the last axis of the file, the channels of images."""
    if math.prod(step.out.shape[1:3]) > 1 and step.activation().image:
        return elementwise(drafts, step)
    source = as_stored(drafts, step)
    return done(
        drafts, step, False, draft(drafts, step, "softmax", (source,), volume(step.out.shape))
    )


# ---- data movement


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
    sources = [source for source in step.inputs if isinstance(source, Activation)]
    image = bool(sources) and sources[0].image and len(step.out.shape) == 4
    shape = image_shape(step.out.shape) if image else volume(step.out.shape)
    values = tuple(source.value for source in sources)
    made = draft(drafts, step, "move", values, shape, operator=step.op.lower())
    return done(drafts, step, image, made)


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
