"""Every operator by itself on tiny shapes, and two networks that hold them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from cosearch.deep.module import GraphModule, to_module
from cosearch.networks import Builder, Network
from cosearch.networks.network import Shape

IMAGE: Final = (4, 7, 6)
TOKENS: Final = (5, 6)
Grow = Callable[[Builder], object]


def transposed(net: Builder, source: str, shape: Shape, name: str = "op", **options: object) -> str:
    """A transposed convolution; the graph takes its output shape as given."""
    attributes = {
        "kernel": (3, 3),
        "stride": 2,
        "pad": (1, 1),
        "groups": 1,
        "activation": "relu",
        "norm": False,
        "bias": True,
    }
    return net.add_node("conv_transpose", (source,), shape, name, **{**attributes, **options})


def pooled(net: Builder, op: str, source: str, shape: Shape, *, name: str = "op", **a: object):
    """A pool that the builder does not make: uneven padding, or a last, partial window."""
    return net.add_node(op, (source,), shape, name, **{"kernel": (3, 3), "stride": 2, **a})


def reduced(net: Builder, source: str, operator: str, name: str = "op") -> str:
    """Over the tokens."""
    shape = net.shape(source)[1:]
    return net.add_node("reduce", (source,), shape, name, axes=(0,), operator=operator)


CASES: Final[dict[str, tuple[Shape, Grow]]] = {
    "conv": (IMAGE, lambda n: n.conv("input", 8, "op", kernel=3, stride=2, activation="hswish")),
    "conv-depthwise": (IMAGE, lambda n: n.conv("input", 4, "op", kernel=5, groups=4)),
    "conv-dilated": (IMAGE, lambda n: n.conv("input", 6, "op", kernel=3, dilation=2, groups=2)),
    "conv-bias": (IMAGE, lambda n: n.conv("input", 6, "op", kernel=(1, 3), bias=True)),
    "conv-no-bias": (IMAGE, lambda n: n.conv("input", 6, "op", norm=False, bias=False)),
    "conv-even": (IMAGE, lambda n: n.conv("input", 6, "op", kernel=2, norm=False)),
    "conv-uneven": (IMAGE, lambda n: n.conv("input", 6, "op", kernel=3, pad=(0, 1, 2, 0))),
    "conv_transpose": (IMAGE, lambda n: transposed(n, "input", (6, 13, 11))),
    "conv_transpose-norm": (
        IMAGE,
        lambda n: transposed(n, "input", (6, 13, 11), norm=True, groups=2, eps=1e-5),
    ),
    "conv_transpose-longer": (IMAGE, lambda n: transposed(n, "input", (6, 14, 12))),
    "conv_transpose-uneven": (
        IMAGE,
        lambda n: transposed(n, "input", (6, 12, 12), pad=(2, 0, 1, 1), bias=False),
    ),
    "conv_transpose-dilated": (
        IMAGE,
        lambda n: transposed(n, "input", (6, 15, 13), dilation=2),
    ),
    "linear": (IMAGE, lambda n: n.linear("input", 5, "op", "relu")),
    "linear-no-bias": ((6,), lambda n: n.linear("input", 5, "op", bias=False)),
    "dense": (TOKENS, lambda n: n.dense("input", 9, "op", "gelu")),
    "dense-no-bias": ((2, 5, 6), lambda n: n.dense("input", 3, "op", bias=False)),
    "matmul": (
        (2, 5, 6),
        lambda n: n.matmul("input", n.transpose("input", (0, 2, 1), "t"), "op"),
    ),
    "max_pool": (IMAGE, lambda n: n.pool("max", "input", "op", kernel=3, stride=2)),
    "max_pool-uneven": (
        IMAGE,
        lambda n: pooled(n, "max_pool", "input", (4, 4, 3), pad=(1, 0, 1, 1)),
    ),
    "max_pool-ceil": (IMAGE, lambda n: pooled(n, "max_pool", "input", (4, 3, 3), pad=(0, 0))),
    "avg_pool": (IMAGE, lambda n: n.pool("avg", "input", "op", kernel=3, stride=2)),
    "avg_pool-uneven": (
        IMAGE,
        lambda n: pooled(n, "avg_pool", "input", (4, 4, 3), pad=(1, 0, 1, 1)),
    ),
    "avg_pool-ceil": (IMAGE, lambda n: pooled(n, "avg_pool", "input", (4, 3, 3), pad=(0, 0))),
    "add": (IMAGE, lambda n: n.add("input", "input", "input", name="op", activation="relu")),
    "mul": (IMAGE, lambda n: n.mul("input", n.global_pool("input", "gate"), "op")),
    "activation": (IMAGE, lambda n: n.activation("input", "swish", "op")),
    "batch_norm": (IMAGE, lambda n: n.batch_norm("input", "op", "relu")),
    "batch_norm-vector": ((6,), lambda n: n.batch_norm("input", "op")),
    "layer_norm": (TOKENS, lambda n: n.layer_norm("input", "op")),
    "softmax": (TOKENS, lambda n: n.softmax("input", "op")),
    "scale": (TOKENS, lambda n: n.scale("input", 0.25, "op")),
    **{
        f"reduce-{operator}": (TOKENS, lambda n, operator=operator: reduced(n, "input", operator))
        for operator in ("mean", "sum", "max", "min")
    },
    "class_token": (TOKENS, lambda n: n.class_token("input", "op")),
    "position": (TOKENS, lambda n: n.position("input", "op")),
    "concat": (IMAGE, lambda n: n.concat(("input", n.scale("input", 2, "s")), "op")),
    "concat-last": (TOKENS, lambda n: n.concat(("input", n.scale("input", 2, "s")), "op", axis=1)),
    "transpose": (IMAGE, lambda n: n.transpose("input", (2, 0, 1), "op")),
    "slice": (IMAGE, lambda n: n.slice("input", 1, 3, "op")),
    "slice-last": (TOKENS, lambda n: n.slice("input", 2, 6, "op", axis=1)),
    "reshape": (IMAGE, lambda n: n.reshape("input", (2, 2, 42), "op")),
    "flatten": (IMAGE, lambda n: n.add_node("flatten", ("input",), (168,), "op")),
}


def case(name: str) -> Network:
    """One operator, `CASES`'s `name`."""
    shape, grow = CASES[name]
    net = Builder(name, shape)
    grow(net)
    return net.build()


def attention() -> Network:
    """Every operator on tokens: a vision transformer of one block with two heads."""
    net = Builder("attention", (3, 8, 8))
    x = net.conv("input", 12, "patch", kernel=4, stride=4, norm=False, pad=(0, 0))
    x = net.transpose(net.reshape(x, (12, 4), "rows"), (1, 0), "tokens")
    x = net.position(net.class_token(x, "class"), "position")
    heads = net.dense(net.layer_norm(x, "norm1"), 36, "qkv")
    heads = net.transpose(net.reshape(heads, (5, 3, 2, 6), "split"), (1, 2, 0, 3), "heads")
    q, k, v = (
        net.reshape(net.slice(heads, i, i + 1, f"{name}.slice"), (2, 5, 6), name)
        for i, name in enumerate("qkv")
    )
    scores = net.matmul(net.scale(q, 6**-0.5, "scaled"), net.transpose(k, (0, 2, 1), "kt"), "qk")
    y = net.matmul(net.softmax(scores, "softmax"), v, "mix")
    y = net.reshape(net.transpose(y, (1, 0, 2), "back"), (5, 12), "join")
    x = net.add(x, net.dense(y, 12, "project"), name="residual1")
    y = net.dense(net.layer_norm(x, "norm2"), 24, "up", "gelu")
    x = net.add(x, net.dense(y, 12, "down", bias=False), name="residual2")
    x = net.layer_norm(x, "norm3")
    mean = net.linear(reduced(net, x, "mean", "mean"), 5, "mean_head")
    net.add(net.linear(net.slice(x, 0, 1, "first"), 5, "head"), mean, name="logits")
    return net.build()


def images() -> Network:
    """Every operator on images, in the order of a network."""
    net = Builder("images", (3, 13, 13))
    x = net.conv("input", 8, "stem", kernel=3, stride=2, pad=(0, 1, 1, 0), activation="hswish")
    x = net.conv(x, 8, "dilated", kernel=3, dilation=2, groups=2, bias=True)
    gate = net.conv(net.global_pool(x, "pool"), 8, "gate", activation="sigmoid", norm=False)
    x = net.mul(x, gate, "gated")
    x = net.batch_norm(net.conv(x, 8, "even", kernel=2, activation="relu"), "norm", "relu")
    x = transposed(net, x, (6, 12, 12), "up", groups=2, norm=True)
    x = transposed(net, x, (6, 22, 23), "up2", pad=(2, 0, 1, 2))
    x = pooled(net, "max_pool", x, (6, 11, 11), name="max", pad=(0, 0, 1, 0))
    y = pooled(net, "avg_pool", x, (6, 11, 11), name="avg", stride=1, pad=(2, 0, 0, 2))
    x = net.concat((x, net.activation(y, "swish", "swish")), "join")
    x = net.slice(x, 3, 9, "middle")
    x = net.transpose(net.reshape(x, (2, 3, 11, 11), "groups"), (1, 0, 2, 3), "shuffle")
    x = net.reshape(x, (6, 11, 11), "channels")
    x = net.pool("max", x, "half", kernel=3, stride=2)
    x = pooled(net, "avg_pool", x, (6, 3, 3), name="partial", kernel=(2, 2), pad=(0, 0))
    net.linear(net.add_node("flatten", (x,), (54,), "flat"), 4, "classes")
    return net.build()


def drawn(network: Network) -> GraphModule:
    """Its module, with every tensor at random: as initialised, norms and biases do nothing."""
    module = to_module(network)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if name.endswith(("weight", "running_var", "token", "embedding")):
                tensor += torch.rand(tensor.shape, generator=generator)
            elif name.endswith(("bias", "running_mean")):
                tensor.normal_(generator=generator)
    return module.eval()


def batch(network: Network, n: int = 2) -> Tensor:
    return torch.rand(n, *network.input_shape, generator=torch.Generator().manual_seed(0))


WHOLE: Final = {"attention": attention, "images": images}
