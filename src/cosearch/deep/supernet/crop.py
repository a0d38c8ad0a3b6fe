"""Slices of shared tensors: first channels, centre of the kernel."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

Window = tuple[slice, ...]


def window(whole: torch.Size, part: torch.Size) -> Window:
    """Where the slice lies: the first channels, the centre of the other axes."""
    return tuple(
        _middle(*sizes) if axis >= 2 else slice(sizes[1])
        for axis, sizes in enumerate(zip(whole, part, strict=True))
    )


def _middle(whole: int, part: int) -> slice:
    start = (whole - part) // 2
    return slice(start, start + part)


def crop(tensor: Tensor, shape: torch.Size) -> Tensor:
    """`tensor` itself where it has this shape, else a contiguous slice with a gradient.

    Contiguous, as the weights of a network alone are: both compute the same, bit by bit.
    """
    if tensor.shape == shape:
        return tensor
    if tensor.requires_grad and torch.is_grad_enabled():
        return _Crop.apply(tensor, window(tensor.shape, shape))  # type: ignore[no-any-return, no-untyped-call]
    return tensor[window(tensor.shape, shape)].contiguous()


class _Crop(torch.autograd.Function):
    """One copy there, one back; torch's own slices would fill the whole tensor once per axis."""

    @staticmethod
    def forward(ctx: Any, whole: Tensor, where: Window) -> Tensor:
        """The slice."""
        ctx.whole, ctx.where = whole.detach(), where
        return whole[where].clone(memory_format=torch.contiguous_format)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Zero but in the slice."""
        whole = torch.zeros_like(ctx.whole)
        whole[ctx.where] = gradients[0]
        return whole, None
