"""A module of torch is read as the network that one would write for it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from torch import Tensor, nn
from torch.nn import functional

from cosearch.deep.module import to_module
from cosearch.errors import CosearchError
from cosearch.networks import Builder, Network, trace
from cosearch.networks.blocks.channels import Squeeze, squeeze_excite

WIDTH, HEADS, COUNT = 16, 2, 9


def same_rows(read: Network, ours: Network) -> None:
    assert [n.op for n, _ in read.rows] == [n.op for n, _ in ours.rows]
    assert_array_equal(read.layers.table(np.int64), ours.layers.table(np.int64))


class Cnn(nn.Module):
    """Stem, depthwise, squeeze-and-excite, shortcut, pools, concat, classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.depthwise = nn.Conv2d(8, 8, 5, 1, 4, dilation=2, groups=8)
        self.reduce, self.expand = nn.Conv2d(8, 4, 1), nn.Conv2d(4, 8, 1)
        self.head = nn.Linear(16, 5)

    def forward(self, images: Tensor) -> Tensor:
        x = functional.hardswish(self.norm(self.stem(images)))
        y = functional.relu6(self.depthwise(x))
        gate = functional.relu(self.reduce(y.mean((2, 3), keepdim=True)))
        x = x + y * torch.sigmoid(self.expand(gate))
        x = torch.cat([functional.max_pool2d(x, 2), functional.avg_pool2d(x, 2)], 1)
        first, second = x.chunk(2, 1)
        x = torch.cat([second, first], 1)
        return self.head(
            functional.dropout(functional.adaptive_avg_pool2d(x, 1).flatten(1), 0.2, self.training)
        )


def cnn() -> Network:
    net = Builder("Cnn", (3, 16, 16))
    x = net.conv("input", 8, "stem", kernel=3, stride=2, activation="hswish")
    y = net.conv(x, 8, "depthwise", kernel=5, groups=8, dilation=2, activation="relu6", norm=False)
    x = net.add(x, squeeze_excite(net, y, "se", Squeeze(4)), name="add")
    pools = tuple(net.pool(kind, x, kind, kernel=2, stride=2, pad=0) for kind in ("max", "avg"))
    x = net.concat(pools, "cat")
    parts = (net.slice(x, 8, 16, "second"), net.slice(x, 0, 8, "first"))
    x = net.global_pool(net.concat(parts, "swap"), "pool")
    net.linear(x, 5, "head")
    return net.build()


class Attention(nn.Module):
    """A transformer block as timm writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.project = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        n, tokens, width = x.shape
        heads = self.qkv(self.norm1(x)).reshape(n, tokens, 3, HEADS, width // HEADS)
        q, k, v = heads.permute(2, 0, 3, 1, 4).unbind(0)
        y = (
            functional.scaled_dot_product_attention(q, k, v)
            .transpose(1, 2)
            .reshape(n, tokens, width)
        )
        x = x + self.project(y)
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


def attention() -> Network:
    net = Builder("Attention", (COUNT, WIDTH))
    each = WIDTH // HEADS
    x = net.dense(net.layer_norm("input", "norm1"), 3 * WIDTH, "qkv")
    x = net.reshape(x, (COUNT, 3, HEADS, each), "split")
    x = net.transpose(x, (1, 2, 0, 3), "heads")
    q, k, v = (
        net.reshape(net.slice(x, i, i + 1, f"{s}.slice"), (HEADS, COUNT, each), s)
        for i, s in enumerate("qkv")
    )
    x = net.matmul(q, net.transpose(k, (0, 2, 1), "kt"), "scores")
    x = net.softmax(net.scale(x, each**-0.5, "scale"), "softmax")
    x = net.transpose(net.matmul(x, v, "mix"), (1, 0, 2), "back")
    x = net.dense(net.reshape(x, (COUNT, WIDTH), "join"), WIDTH, "project")
    x = net.add("input", x, name="add1")
    y = net.dense(net.layer_norm(x, "norm2"), 4 * WIDTH, "up", "gelu")
    net.add(x, net.dense(y, WIDTH, "down"), name="add2")
    return net.build()


def test_a_cnn() -> None:
    module = Cnn().train()
    network = trace(module, torch.zeros(1, 3, 16, 16))
    same_rows(network, cnn())
    assert network.name == "Cnn"
    assert module.training


def test_an_attention_block() -> None:
    same_rows(trace(Attention(), torch.zeros(1, COUNT, WIDTH)), attention())


@pytest.mark.parametrize(
    ("module", "shape"), [(Cnn(), (3, 16, 16)), (Attention(), (COUNT, WIDTH))], ids=["cnn", "vit"]
)
def test_what_is_read_runs_again(module: nn.Module, shape: tuple[int, ...]) -> None:
    images = torch.zeros(2, *shape)
    again = to_module(trace(module, images[:1]))
    assert again(images).shape == module(images).shape


def test_what_cannot_be_captured_is_one_line() -> None:
    class Moody(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.sum() > 0 else -x

    with pytest.raises(CosearchError, match="torch cannot capture Moody") as caught:
        trace(Moody(), torch.zeros(1, 3))
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_named_by_the_module() -> None:
    class Volume(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.Conv3d(2, 2, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.cell(x)

    with pytest.raises(CosearchError, match=r"^Volume: node .*only 2-D convolutions"):
        trace(Volume(), torch.zeros(1, 2, 4, 4, 4))


def test_the_batch_is_one() -> None:
    with pytest.raises(CosearchError, match=r"shape \(2, 3\): needs a batch of 1"):
        trace(nn.Identity(), torch.zeros(2, 3))
