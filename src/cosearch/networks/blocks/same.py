"""TensorFlow's SAME padding of strided windows: the odd pixel of it goes after, not before."""

from __future__ import annotations

from cosearch.networks.builder import Builder


def same_pad(size: tuple[int, ...], window: tuple[int, int], stride: int) -> tuple[int, ...]:
    """Padding of (height, width) that makes ceil(size / stride) windows."""
    total = [
        max((-(-length // stride) - 1) * stride + taps - length, 0)
        for length, taps in zip(size, window, strict=True)
    ]
    before = tuple(edge // 2 for edge in total)
    after = tuple(edge - edge // 2 for edge in total)
    return before if before == after else before + after


def same_pool(
    net: Builder, kind: str, source: str, name: str, *, kernel: int, stride: int = 1
) -> str:
    """`max` or `avg` pool with SAME padding, which is not counted.

    Where the padding is uneven the last window is partial, as with PyTorch's `ceil_mode`.
    """
    channels, *size = net.shape(source)
    edges = same_pad((size[0], size[1]), (kernel, kernel), stride)[:2]
    return net.add_node(
        f"{kind}_pool",
        (source,),
        (channels, *(-(-length // stride) for length in size)),
        name,
        kernel=(kernel, kernel),
        stride=stride,
        pad=edges,
    )
