"""What passes between rows of `Layers`: which row comes next, and how much each takes and makes."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from cosearch.networks import Kind, Layers


def activations(layers: Layers) -> tuple[ndarray, ndarray, ndarray]:
    """Elements of the first input, of all others, and of the result, one repeat."""
    first = layers.inputs // np.maximum(layers.operands, 1)
    second = layers.groups * layers.out_channels * layers.in_channels
    products = np.where(layers.kind == Kind.MATMUL, second, 0)
    return first, layers.inputs - first + products, layers.outputs


def neighbours(layers: Layers) -> tuple[ndarray, ndarray]:
    """Slots of the rows before and after each one (..., L), padding skipped; -1 for none."""
    length = layers.shape[-1]
    slots = np.where(np.broadcast_to(layers.repeat, layers.shape) > 0, np.arange(length), -1)
    before = _last(slots)
    mirrored = np.where(slots >= 0, length - 1 - slots, -1)[..., ::-1]
    after = _last(mirrored)[..., ::-1]
    return before, np.where(after >= 0, length - 1 - after, -1)


def take(values: ndarray, slots: ndarray) -> ndarray:
    """`values` (..., L) at `slots` (..., L); anything where the slot is -1."""
    shape = np.broadcast_shapes(np.shape(values), slots.shape)
    wanted = np.broadcast_to(np.maximum(slots, 0), shape)
    return np.take_along_axis(np.broadcast_to(values, shape), wanted, axis=-1)


def _last(slots: ndarray) -> ndarray:
    """Per position the greatest slot in front of it, -1 if there is none."""
    seen = np.maximum.accumulate(slots, axis=-1)
    return np.concatenate([np.full_like(seen[..., :1], -1), seen[..., :-1]], axis=-1)
