"""Stems that trade size for channels or batch, for accelerators that idle on three channels.

The choices EfficientNet-X adds to its search space (Li et al. 2021, arXiv 2102.05610).
"""

from __future__ import annotations

from cosearch.errors import CosearchError
from cosearch.networks.builder import Builder


def space_to_depth(net: Builder, source: str, name: str, *, block: int) -> str:
    """(c, h, w) to (c block^2, h / block, w / block), in the order of PyTorch's pixel_unshuffle."""
    channels, rows, columns = _tiles(net, source, name, block)
    x = net.reshape(source, (channels, rows, block, columns, block), f"{name}.split")
    x = net.transpose(x, (0, 2, 4, 1, 3), f"{name}.deal")
    return net.reshape(x, (channels * block * block, rows, columns), f"{name}.join")


def strided_reshape(
    net: Builder, source: str, name: str, *, block: int, activation: str = "relu"
) -> str:
    """Learned space-to-depth: a block x block convolution of stride block to c block^2 channels."""
    channels, *_ = _tiles(net, source, name, block)
    return net.conv(
        source,
        channels * block * block,
        name,
        kernel=block,
        stride=block,
        pad=(0, 0),
        activation=activation,
    )


def space_to_batch(net: Builder, source: str, name: str, *, block: int) -> str:
    """(c, h, w) to (c, h block, w / block): every block-th pixel makes one of block^2 images.

    Graphs here have no batch axis, so the images stand one below the other. 1x1 convolutions, and
    windows that stride by their own size, treat each image alone, as a batch would.
    """
    channels, rows, columns = _tiles(net, source, name, block)
    x = net.reshape(source, (channels, rows, block, columns, block), f"{name}.split")
    x = net.transpose(x, (0, 2, 4, 1, 3), f"{name}.deal")
    return net.reshape(x, (channels, block * block * rows, columns), f"{name}.join")


def batch_to_space(net: Builder, source: str, name: str, *, block: int) -> str:
    """Inverse of `space_to_batch`."""
    channels, height, width = net.shape(source)
    if height % (block * block):
        raise CosearchError(f"node {name!r}: {block * block} images do not fill {height} rows")
    rows = height // (block * block)
    x = net.reshape(source, (channels, block, block, rows, width), f"{name}.split")
    x = net.transpose(x, (0, 3, 1, 4, 2), f"{name}.deal")
    return net.reshape(x, (channels, rows * block, width * block), f"{name}.join")


def _tiles(net: Builder, source: str, name: str, block: int) -> tuple[int, int, int]:
    """Channels, and height and width in blocks."""
    channels, height, width = net.shape(source)
    if height % block or width % block:
        raise CosearchError(f"node {name!r}: {block}x{block} does not tile {height}x{width}")
    return channels, height // block, width // block
