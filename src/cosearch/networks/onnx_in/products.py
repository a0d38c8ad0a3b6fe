"""Convolutions and matrix products."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in import einsum
from cosearch.networks.onnx_in.draft import Constant, Drafts, Step, Value, put, volume
from cosearch.networks.onnx_in.pointwise import combine
from cosearch.networks.onnx_in.views import reshape
from cosearch.networks.onnx_in.windows import frame, one_of

FUSED: Final = ("HardSigmoid", "LeakyRelu", "Relu", "Sigmoid", "Tanh")


def conv(drafts: Drafts, step: Step) -> Value:
    """2-D convolution of any grouping, dilation and padding; one stride for both axes."""
    weight = _kernel(step)
    (groups,) = step.integers("group", (1,))
    out, per_group, *taps = weight
    channels = step.input_shapes[0][1]
    if groups < 1 or per_group * groups != channels or out % groups or step.shape[1] != out:
        raise step.refuse(f"weight {weight}, {groups} groups, {channels} input channels")
    dilation = one_of(step, "dilations", where=[size > 1 for size in taps])
    window = frame(step, (taps[0], taps[1]), dilation)
    return _fused(step, _convolved(drafts, step, "conv", taps, window, groups, dilation))


def _convolved(
    drafts: Drafts,
    step: Step,
    op: str,
    taps: list[int],
    window: dict[str, Any],
    groups: int,
    dilation: int,
) -> Value:
    """As files have it: without norm and activation; `window` has stride and padding."""
    return put(
        drafts,
        step.name,
        op,
        (step.activation(),),
        step.shape[1:],
        kernel=tuple(taps),
        **window,
        groups=groups,
        activation="none",
        norm=False,
        bias=step.has(2),
        **({"dilation": dilation} if dilation > 1 else {}),
    )


def _kernel(step: Step) -> Shape:
    weight = step.constant(1, "weight").shape
    if len(weight) != 4 or len(step.input_shapes[0]) != 4 or len(step.shape) != 4:
        raise step.refuse(f"weight of shape {weight}: only 2-D convolutions are supported")
    if step.input_shapes[0][0] != 1:
        raise step.refuse(f"input of shape {step.input_shapes[0]}: the batch must stay 1")
    return weight


def _fused(step: Step, made: Value) -> Value:
    """The activation that onnxruntime merges into a product."""
    name = step.attributes.get("activation")
    if name not in FUSED:
        if name is not None:
            raise step.refuse(f"activation {name!r}: supported are {', '.join(FUSED)}")
        return made
    given = step.attributes.get("activation_params", ())
    alpha = dict(zip(("alpha", "beta"), given, strict=False))
    return Value(made.base, made.function.unary(name, alpha))


def conv_transpose(drafts: Drafts, step: Step) -> Value:
    """2-D transposed convolution."""
    weight = _kernel(step)
    (groups,) = step.integers("group", (1,))
    channels, per_group, *taps = weight
    out = per_group * groups
    if groups < 1 or channels % groups or channels != step.input_shapes[0][1]:
        raise step.refuse(f"weight {weight}, {groups} groups, input {step.input_shapes[0]}")
    if out != step.shape[1]:
        raise step.refuse(f"weight {weight}, {groups} groups, {step.shape[1]} output channels")
    dilation = one_of(step, "dilations", where=[size > 1 for size in taps])
    pads = step.integers("pads", (0, 0, 0, 0))
    pad = pads[:2] if pads[:2] == pads[2:] else pads
    window = {"stride": one_of(step, "strides"), "pad": pad}
    return _convolved(drafts, step, "conv_transpose", taps, window, groups, dilation)


def gemm(drafts: Drafts, step: Step) -> Value:
    """Fully connected, or the product of two matrices that the network computes."""
    if step.attributes.get("transA", 0):
        raise step.refuse("transA = 1 is not supported")
    if isinstance(step.inputs[1], Value):
        raise step.refuse("its weight (input 1) must be a constant")
    weight = step.constant(1, "weight").shape
    if step.attributes.get("transB", 0):
        weight = weight[::-1]
    return dense(drafts, step, weight, bias=step.has(2))


def matmul(drafts: Drafts, step: Step) -> Value:
    """Of tokens with weights, of weights with tokens, or of two activations."""
    first, second = step.inputs[:2]
    if isinstance(first, Value) and isinstance(second, Value):
        return product(drafts, step, first, second)
    if isinstance(first, Value):
        return dense(drafts, step, step.constant(1, "weight").shape, bias=False)
    return _weights_first(drafts, step, step.constant(0, "weight").shape)


def dense(drafts: Drafts, step: Step, weight: Shape, *, bias: bool) -> Value:
    """Fully connected over the last axis: of one token `linear`, of several `dense`."""
    source, shape = step.activation(), step.input_shapes[0]
    weight = weight[-2:] if math.prod(weight[:-2]) == 1 else weight
    if len(weight) != 2 or not shape or shape[-1] != weight[0]:
        raise step.refuse(f"weight of shape {weight} does not fit an input of shape {shape}")
    units = weight[1]
    attributes = {"bias": bias, "activation": "none"}
    if math.prod(shape[:-1]) > 1:
        return put(drafts, step.name, "dense", (source,), volume(step.shape), **attributes)
    made = put(drafts, step.name, "linear", (behind(drafts, source),), (units,), **attributes)
    return reshape(drafts, f"{step.name}.view", made, volume(step.shape))


def behind(drafts: Drafts, source: Value) -> Value:
    """`linear` flattens by itself: look behind a view."""
    while drafts[source.base].op in ("flatten", "reshape") and source.function.is_identity:
        (source,) = drafts[source.base].inputs
    return source


def _weights_first(drafts: Drafts, step: Step, weight: Shape) -> Value:
    """Weights (m, k) times tokens (k, n): a 1x1 convolution whose channels are the tokens."""
    source, shape = step.activation(1), step.input_shapes[1]
    fits = len(weight) == 2 and len(shape) > 1 and shape[-2] == weight[1]
    if not fits or math.prod(shape[:-2]) != 1:
        raise step.refuse(f"weight of shape {weight} does not fit an input of shape {shape}")
    columns = reshape(drafts, f"{step.name}.columns", source, (weight[1], shape[-1], 1))
    made = put(
        drafts,
        step.name,
        "conv",
        (columns,),
        (weight[0], shape[-1], 1),
        kernel=(1, 1),
        stride=1,
        pad=(0, 0),
        groups=1,
        activation="none",
        norm=False,
        bias=False,
    )
    return reshape(drafts, f"{step.name}.view", made, volume(step.shape))


def product(drafts: Drafts, step: Step, first: Value, second: Value) -> Value:
    """(..., m, k) x (..., k, n), both computed by the network."""
    a, b = step.input_shapes[:2]
    if min(len(a), len(b), len(step.shape)) < 2 or a[-1] != b[-2]:
        raise step.refuse(f"shapes {a} and {b} are no matrices that fit")
    shapes = [volume(s) if len(volume(s)) > 1 else s for s in (a, b, step.shape)]
    sides = [
        reshape(drafts, f"{step.name}.matrix", side, shape)
        for side, shape in zip((first, second), shapes[:2], strict=True)
    ]
    return put(drafts, step.name, "matmul", tuple(sides), shapes[2])


def fused_matmul(drafts: Drafts, step: Step) -> Value:
    """onnxruntime's product: either side transposed, the result scaled."""
    inputs, shapes = list(step.inputs), list(step.input_shapes)
    for index, name in enumerate(("transA", "transB")):
        if not step.attributes.get(name):
            continue
        *rest, rows, columns = shapes[index]
        shapes[index] = (*rest, columns, rows)
        inputs[index] = _turned(drafts, step, inputs[index], shapes[index])
    plain = replace(step, inputs=tuple(inputs), input_shapes=tuple(shapes))
    made = matmul(drafts, plain)
    factor = float(step.attributes.get("alpha", 1.0))
    if factor == 1:
        return made
    return Value(made.base, combine("Mul", made.function, factor), len(drafts))


def _turned(
    drafts: Drafts, step: Step, source: Value | Constant | None, shape: Shape
) -> Value | Constant:
    """The last two axes in the other order."""
    if isinstance(source, Constant):
        return Constant(shape)
    assert source is not None
    ours = volume(shape)
    perm = (*range(len(ours) - 2), len(ours) - 1, len(ours) - 2)
    if len(ours) < 2:
        return reshape(drafts, f"{step.name}.turned", source, ours)
    return put(drafts, f"{step.name}.turned", "transpose", (source,), ours, perm=perm)


def attention(drafts: Drafts, step: Step) -> Value:
    """Scaled dot product of (batch, heads, tokens, channels): query, key, value."""
    shapes = step.input_shapes[:3]
    if any(len(shape) != 4 for shape in shapes) or step.has(4) or shapes[0][1] != shapes[1][1]:
        raise step.refuse(
            f"shapes {', '.join(map(str, shapes))}: only (batch, heads, tokens, channels) "
            "of equal heads, without a cache"
        )
    (_, heads, tokens, width), (_, _, keys, _) = shapes[:2]
    query, key, value = (step.activation(i) for i in range(3))
    weights = (heads, tokens, keys)
    turned = put(
        drafts, f"{step.name}.key", "transpose", (key,), (heads, width, keys), perm=(0, 2, 1)
    )
    x = put(drafts, f"{step.name}.scores", "matmul", (query, turned), weights)
    factor = float(step.attributes.get("scale") or 1 / math.sqrt(width))
    x = put(drafts, f"{step.name}.scale", "scale", (x,), weights, factor=factor)
    if step.has(3) or step.attributes.get("is_causal"):
        x = put(drafts, f"{step.name}.mask", "elementwise", (x,), weights, operator="mask")
    x = put(drafts, f"{step.name}.softmax", "softmax", (x,), weights)
    return put(drafts, step.name, "matmul", (x, value), volume(step.shape))


def contraction(drafts: Drafts, step: Step) -> Value:
    """`Einsum` of two tensors as the matrix product that it is."""
    if len(step.inputs) != 2:
        raise step.refuse(f"{len(step.inputs)} inputs: only two are supported")
    sizes = einsum.sizes(str(step.attributes.get("equation", "")), step.input_shapes)
    if sizes is None:
        raise step.refuse(
            f"equation {step.attributes.get('equation')!r} is no product of two matrices"
        )
    lead, m, k, n = sizes
    a, b = step.inputs
    if isinstance(a, Value) and isinstance(b, Value):
        first = _matrix(drafts, step, a, (*lead, m, k))
        second = _matrix(drafts, step, b, (*lead, k, n))
        made = put(drafts, step.name, "matmul", (first, second), (*lead, m, n))
    elif lead and math.prod(lead) > 1:
        raise step.refuse("weights of their own per batch or head are not supported")
    else:
        rows = n if isinstance(a, Constant) else m
        source = step.activation(int(isinstance(a, Constant)))
        tokens = _matrix(drafts, step, source, (rows, k))
        shape = (rows, m * n // rows)
        made = put(drafts, step.name, "dense", (tokens,), shape, bias=False, activation="none")
    return _matrix(drafts, step, made, volume(step.shape))


def _matrix(drafts: Drafts, step: Step, source: Value, shape: Shape) -> Value:
    """A view for the cost rows; the axes' order, which costs nothing, may differ."""
    return reshape(drafts, f"{step.name}.matrix", source, shape)


PRODUCTS: Final[dict[str, Any]] = {
    "Attention": attention,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Einsum": contraction,
    "FusedMatMul": fused_matmul,
    "Gemm": gemm,
    "MatMul": matmul,
}
