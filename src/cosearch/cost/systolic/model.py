"""The systolic-array model: layers folded onto the array, fed by double-buffered memories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy import ndarray

from cosearch.cost.cost import Cost
from cosearch.cost.systolic.energy import area_mm2, energy_j
from cosearch.cost.systolic.folds import Run, sides, sram_words
from cosearch.cost.systolic.replay import replay
from cosearch.cost.systolic.stream import stream
from cosearch.hardware.systolic import PORTS, SystolicArrays
from cosearch.hardware.technology import technology
from cosearch.networks import Kind, Layers

# How DRAM traffic and stalls come about.
MEMORIES: Final[dict[str, Callable[[Layers, SystolicArrays], Run]]] = {
    "stream": stream,
    "replay": replay,
}


@dataclass(frozen=True)
class SystolicModel:
    """Cost of networks on systolic arrays; additive over layers, nothing stays on chip between.

    A group of a layer is a matrix product of its own; groups and repeats follow one another.
    Pooling and elementwise rows run on a vector unit of `cols` lanes. Latency never rises with
    memory, bandwidth or clock under memory "stream"; it may rise with rows and columns, which take
    longer to fill, and, under "replay", with any of them, as SCALE-Sim's does.
    """

    name: str = "systolic"
    memory: Literal["stream", "replay"] = "stream"
    node_nm: float = 22

    def __call__(self, layers: Layers, chips: SystolicArrays) -> Cost:
        """Layers (..., L) x chips (..., 1) -> Cost (..., L). Pure."""
        shape = np.broadcast_shapes(layers.shape, chips.shape)
        multiplies = (layers.kind == Kind.MAC) | (layers.kind == Kind.MATMUL)
        times = np.where(multiplies, layers.groups * layers.repeat.astype(float), 0.0)
        run = self.run(layers, chips)
        ports = _port_words(layers, run, times)
        word_s = PORTS * chips.operand_bytes / chips.dram_bytes_per_s
        dram_s = np.max(np.broadcast_arrays(*ports), axis=0) * word_s
        dram_bytes = sum(ports) * chips.operand_bytes
        vector_s = np.where(multiplies, 0.0, _vector_cycles(layers, chips) / chips.clock_hz)
        spans = _times(run.span_cycles, times) / chips.clock_hz
        latency_s = np.where(multiplies, spans, np.maximum(vector_s, dram_s))
        sram = [_times(words, times) for words in sram_words(sides(layers), chips)]
        tech = technology(self.node_nm)
        macs = np.broadcast_to(layers.macs, shape).astype(float)
        spent = energy_j(
            chips, tech, macs=macs, sram=sram, ports=ports, dram_bytes=dram_bytes, time_s=latency_s
        )
        columns = {
            "latency_s": latency_s,
            "energy_j": spent,
            "area_mm2": area_mm2(chips, tech),
            "compute_s": _times(run.compute_cycles, times) / chips.clock_hz,
            "on_chip_s": 0.0,  # the memories feed every row and column each cycle
            "dram_s": dram_s,
            "vector_s": vector_s,
            "instruction_s": 0.0,
            "macs": macs,
            "peak_macs_per_s": chips.macs_per_cycle * chips.clock_hz,
            "on_chip_bytes": sum(sram) * chips.operand_bytes,
            "dram_bytes": dram_bytes,
        }
        return Cost(**{name: np.broadcast_to(array, shape) for name, array in columns.items()})

    def run(self, layers: Layers, chips: SystolicArrays) -> Run:
        """Cycles and DRAM words of one group of each layer; of no meaning for vector rows."""
        return MEMORIES[self.memory](layers, chips)


def _port_words(layers: Layers, run: Run, times: ndarray) -> list[ndarray]:
    """Words through the input, filter and output port; vector rows read and write theirs once."""
    multiplies = (layers.kind == Kind.MAC) | (layers.kind == Kind.MATMUL)
    alone = np.where(multiplies, 0, layers.repeat)
    return [
        _times(run.ifmap_words, times) + layers.inputs * alone,
        _times(run.filter_words, times),
        _times(run.ofmap_words, times) + layers.outputs * alone,
    ]


def _vector_cycles(layers: Layers, chips: SystolicArrays) -> ndarray:
    """A tap or an operand of an element takes a lane a cycle."""
    taps = layers.in_channels * layers.kernel_y * layers.kernel_x
    per_element = np.where(layers.kind == Kind.ELEMENTWISE, layers.operands, taps)
    return -(-layers.outputs * per_element // chips.cols) * layers.repeat


def _times(amount: ndarray, times: ndarray) -> ndarray:
    """The product, 0 where nothing runs, even if one run would take forever."""
    amount, times = np.broadcast_arrays(amount, times)
    return np.multiply(amount, times, out=np.zeros(amount.shape), where=times > 0)
