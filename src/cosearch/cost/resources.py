"""What can be had more of, by kind of device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosearch.columns import Columns
from cosearch.errors import unknown
from cosearch.hardware import Accelerators, Rooflines
from cosearch.hardware.dpu import Dpus
from cosearch.hardware.row_stationary import RowStationaryArrays
from cosearch.hardware.systolic import SystolicArrays


@dataclass(frozen=True)
class Resource:
    """A column by name, and as people call it.

    More of it never slows a device down, unless the kind is known for it (`may_hurt`): a systolic
    array with more rows takes longer to fill.
    """

    column: str
    label: str
    memory: bool = False  # a capacity, of which bottleneck assumes very much
    may_hurt: bool = False


# One row per class of columns: what `cosearch bottleneck` doubles and `check_cost_model` holds to.
RESOURCES: Final[Mapping[type[Columns], tuple[Resource, ...]]] = {
    Accelerators: (
        Resource("pes_x", "PEs x"),
        Resource("pes_y", "PEs y"),
        Resource("cores", "cores per PE"),
        Resource("lanes", "lanes per core"),
        Resource("core_memory_bytes", "core memory", memory=True),
        Resource("pe_memory_bytes", "PE memory", memory=True),
        Resource("instruction_memory_bytes", "instruction memory", memory=True),
        Resource("parameter_memory_bytes", "parameter memory", memory=True),
        Resource("activation_memory_bytes", "activation memory", memory=True),
        Resource("dram_bytes_per_s", "DRAM bandwidth"),
        Resource("clock_hz", "clock"),
    ),
    Dpus: (
        Resource("conv_pixels", "convolution's pixels"),
        Resource("conv_inputs", "convolution's input channels"),
        Resource("conv_outputs", "convolution's output channels"),
        Resource("conv_clock_hz", "convolution's clock"),
        Resource("alu_pixels", "ALU's pixels"),
        Resource("alu_channels", "ALU's channels"),
        Resource("clock_hz", "clock"),
        Resource("bank_bytes", "bank of maps", memory=True),
        Resource("port_bytes_per_s", "core's ports"),
        Resource("weight_bytes_per_s", "core's port for weights"),
        Resource("dram_bytes_per_s", "DRAM bandwidth"),
        Resource("requests_per_s", "DRAM requests"),
        Resource("operators_per_s", "operators issued"),
        Resource("groups_per_s", "groups of channels issued"),
    ),
    Rooflines: (
        Resource("matrix_macs_per_s", "matrix peak"),
        Resource("vector_macs_per_s", "vector peak"),
        Resource("near_memory_bytes", "on-chip memory", memory=True),
        Resource("near_bytes_per_s", "on-chip bandwidth"),
        Resource("far_memory_bytes", "second on-chip memory", memory=True),
        Resource("far_bytes_per_s", "second on-chip bandwidth"),
        Resource("dram_bytes_per_s", "DRAM bandwidth"),
        Resource("launches_per_s", "launch rate"),
    ),
    RowStationaryArrays: (
        Resource("pes_y", "PEs y"),
        Resource("pes_x", "PEs x"),
        Resource("ifmap_pad_words", "input pads", memory=True),
        Resource("filter_pad_words", "filter pads", memory=True),
        Resource("psum_pad_words", "sum pads", memory=True),
        Resource("buffer_bytes", "buffer", memory=True),
        Resource("filter_buffer_bytes", "filter buffer", memory=True),
        Resource("ifmap_words_per_cycle", "input bus"),
        Resource("filter_words_per_cycle", "filter bus"),
        Resource("psum_words_per_cycle", "sum bus"),
        Resource("dram_bytes_per_s", "DRAM bandwidth"),
        Resource("clock_hz", "clock"),
    ),
    SystolicArrays: (
        Resource("rows", "rows", may_hurt=True),
        Resource("cols", "columns", may_hurt=True),
        Resource("ifmap_bytes", "input memory", memory=True),
        Resource("filter_bytes", "filter memory", memory=True),
        Resource("ofmap_bytes", "output memory", memory=True),
        Resource("dram_bytes_per_s", "DRAM bandwidth"),
        Resource("clock_hz", "clock"),
    ),
}


def resources_of(chips: Columns) -> tuple[Resource, ...]:
    """The row of a kind; `CosearchError` for columns the table does not know."""
    if type(chips) not in RESOURCES:
        raise unknown("columns", type(chips).__name__, [kind.__name__ for kind in RESOURCES])
    return RESOURCES[type(chips)]


def present(chips: Columns) -> tuple[Resource, ...]:
    """The resources a device has and that limit it: neither absent (0) nor unlimited (inf)."""
    return tuple(
        resource
        for resource in resources_of(chips)
        if np.all(np.isfinite(amount := getattr(chips, resource.column)) & (amount > 0))
    )
