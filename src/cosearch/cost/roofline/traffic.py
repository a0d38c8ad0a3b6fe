"""Where a roofline device's data lie, and what moves between its memories.

A memory gives half of itself to weights, half to activations. The weights of a network that fit
stay from one pass to the next. What passes between two layers stays in the nearest memory whose
half holds the inputs and outputs of both. An elementwise operator after a result of its size is
fused to it, where the device's software fuses: that result never leaves the registers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from cosearch.cost.passing import activations, neighbours, take
from cosearch.hardware import Rooflines
from cosearch.networks import Kind, Layers

# Where bytes lie: the nearer the smaller.
_REGISTERS, _NEAR, _FAR, _DRAM = range(4)


@dataclass(frozen=True)
class Traffic:
    """Bytes that pass each memory's port in one pass over the batch, shape (..., L)."""

    near: ndarray
    far: ndarray
    dram: ndarray


def traffic(layers: Layers, chips: Rooflines) -> Traffic:
    """Layers (..., L) x chips (..., 1) -> bytes (..., L); padding moves nothing."""
    before, after = neighbours(layers)
    merged = is_fused(layers, chips)
    pixel = (chips.batch * chips.operand_bytes).astype(float)
    first, others, results = (part * pixel for part in activations(layers))
    place = _place(first + others + results, chips)

    arriving = np.where(before >= 0, np.maximum(place, take(place, before)), _DRAM)
    arriving = np.where(merged, _REGISTERS, arriving)
    leaving = np.where(after >= 0, np.maximum(place, take(place, after)), _DRAM)
    leaving = np.where((after >= 0) & take(merged, after), _REGISTERS, leaving)

    once = (layers.repeat > 0).astype(float)
    again = np.maximum(layers.repeat - 1, 0)  # what passes between repeats of one layer
    weights = layers.weights * chips.operand_bytes.astype(float)
    parts = (
        (first * once, arriving),
        (results * once, leaving),
        ((first + results) * again, place),
        (others * layers.repeat, place),
        (weights, _place(weights.sum(-1, keepdims=True), chips)),
    )
    return Traffic(
        near=sum(size * (where > _REGISTERS) for size, where in parts),
        far=sum(size * (where == _FAR) for size, where in parts),
        dram=sum(size * (where == _DRAM) for size, where in parts),
    )


def is_fused(layers: Layers, chips: Rooflines) -> ndarray:
    """Elementwise rows (..., L) as large as the result of the row before, where a device fuses."""
    before, _ = neighbours(layers)
    same = (before >= 0) & (take(layers.outputs, before) == layers.outputs)
    elementwise = (layers.kind == Kind.ELEMENTWISE) & (layers.repeat > 0)
    return elementwise & same & (chips.fuses > 0)


def _place(size: ndarray, chips: Rooflines) -> ndarray:
    """The nearest memory whose half holds `size` bytes."""
    near, far = size <= chips.near_memory_bytes / 2, size <= chips.far_memory_bytes / 2
    return np.where(near, _NEAR, np.where(far, _FAR, _DRAM))
