"""Seconds of the two engines of a DPU core: pixels and channels in lanes, taps one by one."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from cosearch.hardware.dpu import LARGE_POOL_TAPS, Dpus
from cosearch.networks import Kind, Layers


def is_depthwise(layers: Layers) -> ndarray:
    """Convolutions (..., L) of one channel a group, which the ALU runs."""
    return (layers.kind == Kind.MAC) & (layers.groups > 1) & (layers.in_channels == 1)


def conv_s(layers: Layers, chips: Dpus) -> ndarray:
    """Of convolutions, fully connected layers and matrix products, group by group."""
    multiplies = (layers.kind == Kind.MAC) | (layers.kind == Kind.MATMUL)
    steps = (
        _rounds(layers.in_channels, chips.conv_inputs)
        * _rounds(layers.out_channels, chips.conv_outputs)
        * _windows(layers, chips.conv_pixels)
    )
    cycles = steps * layers.groups * layers.repeat
    return np.where(multiplies & ~is_depthwise(layers), cycles / chips.conv_clock_hz, 0.0)


def alu_s(layers: Layers, chips: Dpus) -> ndarray:
    """Of depthwise convolutions, pools and elementwise operators."""
    alone = (layers.kind == Kind.POOL) | (layers.kind == Kind.ELEMENTWISE) | is_depthwise(layers)
    steps = channel_groups(layers, chips) * _windows(layers, chips.alu_pixels)
    large = (layers.kind == Kind.POOL) & (layers.kernel_y * layers.kernel_x > LARGE_POOL_TAPS)
    cycles = steps * np.where(large, chips.large_pool_cycles, 1.0)
    return np.where(alone, cycles * layers.repeat / chips.clock_hz, 0.0)


def channel_groups(layers: Layers, chips: Dpus) -> ndarray:
    """Output channels in units of the ALU's lanes."""
    return _rounds(layers.groups * layers.out_channels, chips.alu_channels)


def _windows(layers: Layers, pixels: ndarray) -> ndarray:
    """Steps to pass over all taps of all positions, `pixels` of a row at once."""
    taps = layers.kernel_y * layers.kernel_x
    return taps * layers.out_y * _rounds(layers.out_x, pixels)


def _rounds(size: ndarray, lanes: ndarray) -> ndarray:
    """How often `lanes` are filled, as float: products outgrow integers."""
    return -(-size // lanes).astype(float)
