"""Blocks against the definitions they are said to follow, computed by torch."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from cosearch.deep.module import to_module
from cosearch.errors import CosearchError
from cosearch.networks import Builder
from cosearch.networks.blocks.nasbench201 import node
from cosearch.networks.blocks.nasnet import OPERATORS, factorized_reduction
from cosearch.networks.blocks.same import same_pool
from cosearch.networks.blocks.shuffle import shuffle_unit
from cosearch.networks.blocks.stems import (
    batch_to_space,
    space_to_batch,
    space_to_depth,
    strided_reshape,
)
from cosearch.networks.blocks.transformer import self_attention

Grow = Callable[[Builder, str], str]


def module_of(shape: tuple[int, ...], grow: Grow) -> torch.nn.Module:
    net = Builder("block", shape)
    grow(net, "input")
    return to_module(net.build(), seed=1).eval()


def run(shape: tuple[int, ...], grow: Grow) -> tuple[Tensor, Tensor]:
    """(random input, output), each for a batch of two."""
    x = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return x, module_of(shape, grow)(x)


# ---- stems


def test_space_to_depth_is_pixel_unshuffle() -> None:
    x, y = run((3, 8, 12), lambda net, x: space_to_depth(net, x, "s", block=2))
    assert torch.equal(y, functional.pixel_unshuffle(x, 2))


def test_space_to_batch_makes_images_of_every_second_pixel_and_back() -> None:
    x, y = run((3, 8, 12), lambda net, x: space_to_batch(net, x, "s", block=2))
    images = [x[:, :, i::2, j::2] for i in range(2) for j in range(2)]
    assert torch.equal(y, torch.cat(images, 2))

    def there_and_back(net: Builder, x: str) -> str:
        return batch_to_space(net, space_to_batch(net, x, "s", block=2), "t", block=2)

    x, y = run((3, 8, 12), there_and_back)
    assert torch.equal(x, y)


def test_windows_that_stride_their_own_size_see_one_image_of_the_batch() -> None:
    patch: Grow = lambda net, x: net.conv(x, 5, "c", kernel=2, stride=2, pad=(0, 0), norm=False)  # noqa: E731
    module = module_of((3, 4, 4), patch)
    x = torch.randn(1, 3, 8, 8)
    whole = module_of((3, 8, 8), lambda net, x: patch(net, space_to_batch(net, x, "s", block=2)))
    whole.load_state_dict({f"ops.3.{k[6:]}": v for k, v in module.state_dict().items()})
    with torch.no_grad():
        images = [module(x[:, :, i::2, j::2]) for i in range(2) for j in range(2)]
        torch.testing.assert_close(whole(x), torch.cat(images, 2))


def test_strided_reshape_keeps_the_number_of_elements() -> None:
    net = Builder("block", (3, 8, 12))
    strided_reshape(net, "input", "s", block=2)
    assert net.build().nodes[-1].shape == (12, 4, 6)


def test_tiles_must_fit() -> None:
    with pytest.raises(CosearchError, match="2x2 does not tile 7x8"):
        space_to_depth(Builder("block", (3, 7, 8)), "input", "s", block=2)


# ---- TensorFlow's padding


@pytest.mark.parametrize("size", [7, 8])
@pytest.mark.parametrize("kernel", [2, 3, 5, 7])
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_same_pool_ignores_its_padding(size: int, kernel: int, kind: str) -> None:
    x, y = run(
        (4, size, size), lambda net, x: same_pool(net, kind, x, "p", kernel=kernel, stride=2)
    )
    out = -(-size // 2)
    assert y.shape[-2:] == (out, out)
    before = max((out - 1) * 2 + kernel - size, 0) // 2
    for i in range(out):
        for j in range(out):
            rows = slice(max(0, 2 * i - before), 2 * i - before + kernel)
            columns = slice(max(0, 2 * j - before), 2 * j - before + kernel)
            window = x[:, :, rows, columns].flatten(2)
            expected = window.amax(2) if kind == "max" else window.mean(2)
            torch.testing.assert_close(y[:, :, i, j], expected)


@pytest.mark.parametrize("size", [7, 8])
def test_factorized_reduction_reads_even_and_odd_pixels(size: int) -> None:
    shape = (4, size, size)
    module = module_of(shape, lambda net, x: factorized_reduction(net, x, 6, "f"))
    x = torch.randn(1, *shape)
    weights = [v for k, v in module.state_dict().items() if k.endswith("conv.weight")]
    shifted = functional.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
    halves = [
        functional.conv2d(part[:, :, ::2, ::2], weight)
        for part, weight in zip((x, shifted), weights, strict=True)
    ]
    with torch.no_grad():
        y = module(x)
    torch.testing.assert_close(y, torch.cat(halves, 1) / (1 + 1e-3) ** 0.5)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("width", [4, 8])
def test_nasnet_operators_give_their_filters_at_the_strided_size(
    operator: str, stride: int, width: int
) -> None:
    for size in (9, 10):
        net = Builder("block", (width, size, size))
        out = -(-size // stride)
        assert net.shape(OPERATORS[operator](net, "input", 4, "o", stride)) == (4, out, out)


# ---- cells


def test_a_node_nothing_reaches_is_zero() -> None:
    _, y = run((4, 5, 5), lambda net, x: node(net, (x, x), ("none", "none"), "n"))
    assert torch.equal(y, torch.zeros_like(y))


def test_shuffle_unit_keeps_the_even_channels() -> None:
    x, y = run(
        (8, 5, 5), lambda net, x: shuffle_unit(net, x, 8, "u", kernel=3, stride=1, squeeze=True)
    )
    assert torch.equal(y[:, :4], x[:, ::2])


def test_attention_is_torchs() -> None:
    shape, heads = (7, 12), 3
    module = module_of(shape, lambda net, x: self_attention(net, x, "a", heads=heads))
    theirs = torch.nn.MultiheadAttention(12, heads, batch_first=True).eval()
    weights = list(module.state_dict().values())
    keys = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
    theirs.load_state_dict(dict(zip(keys, weights, strict=True)))
    x = torch.randn(2, *shape)
    with torch.no_grad():
        torch.testing.assert_close(module(x), theirs(x, x, x, need_weights=False)[0])
