"""The row-stationary model: mappings searched, time the slowest of three, energy by access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.cost.cost import Cost
from cosearch.cost.row_stationary import search
from cosearch.errors import unknown
from cosearch.hardware.row_stationary import RowStationaryArrays
from cosearch.networks import Kind, Layers

Objective = Literal["latency", "energy", "energy-delay"]
OBJECTIVES: Final[dict[Objective, int]] = {
    "latency": search.LATENCY,
    "energy": search.ENERGY_ALONE,
    "energy-delay": search.ENERGY_DELAY,
}
MAPPING: Final = ("e", "n", "m", "p", "q", "r", "t")  # as in the papers


@dataclass(frozen=True)
class Accesses(Columns):
    """A mapping and the words it moves, whole batch, all groups, repeats not counted; (..., L).

    0 for layers without MACs, and where there is no mapping; there `compute_cycles` is infinite.
    """

    e: Float[ndarray, "*b"]  # output rows of a PE set
    n: Float[ndarray, "*b"]  # images in a pass
    m: Float[ndarray, "*b"]  # filters whose partial sums stay in the buffer
    p: Float[ndarray, "*b"]  # filters in a PE
    q: Float[ndarray, "*b"]  # channels in a PE
    r: Float[ndarray, "*b"]  # PE sets of other channels
    t: Float[ndarray, "*b"]  # PE sets of other filters
    active_pes: Float[ndarray, "*b"]
    compute_cycles: Float[ndarray, "*b"]  # filters loaded, then MACs
    stream_cycles: Float[ndarray, "*b"]  # filters loaded, then rows and partial sums streamed
    hop_words: Float[ndarray, "*b"]  # into PEs and between them
    buffer_ifmap_words: Float[ndarray, "*b"]  # between buffer and array
    buffer_filter_words: Float[ndarray, "*b"]
    buffer_psum_words: Float[ndarray, "*b"]
    dram_ifmap_words: Float[ndarray, "*b"]  # padded planes, as the papers count them
    dram_filter_words: Float[ndarray, "*b"]
    dram_ofmap_words: Float[ndarray, "*b"]
    energy_j: Float[ndarray, "*b"]  # without static power

    @property
    def buffer_words(self) -> Float[ndarray, "*b"]:
        """Between buffer and array."""
        return self.buffer_ifmap_words + self.buffer_filter_words + self.buffer_psum_words

    @property
    def dram_words(self) -> Float[ndarray, "*b"]:
        """Dense: the run-length coding of the chip is not modelled."""
        return self.dram_ifmap_words + self.dram_filter_words + self.dram_ofmap_words


_PER_PROBLEM: Final = (*MAPPING, "active_pes")  # the rest adds up over groups


@dataclass(frozen=True)
class RowStationaryModel:
    """Cost of a chip's whole batch on row-stationary arrays.

    A mapping is the best by `objective`: least latency, energy, or their product; ties go to less
    energy. Latency = max(compute, buffer, DRAM traffic), perfectly overlapped; only by latency
    does more of a resource never hurt. Additive over layers: all activations go through DRAM.
    """

    objective: Objective = "latency"
    name: str = "row-stationary"

    def __call__(self, layers: Layers, chips: RowStationaryArrays) -> Cost:
        """Layers (..., L) x chips (..., 1) -> Cost (..., L) of the whole batch. Pure."""
        shape = np.broadcast_shapes(layers.shape, chips.shape)
        found, vector = self.map(layers, chips), vector_work(layers, chips)
        cycle = layers.repeat / chips.clock_hz
        word = layers.repeat * chips.word_bytes
        dram_bytes = (found.dram_words + vector.words) * word
        times = {
            "compute_s": np.where(layers.repeat > 0, found.compute_cycles, 0.0) * cycle,
            "on_chip_s": found.stream_cycles * cycle,
            "dram_s": dram_bytes / chips.dram_bytes_per_s,
            "vector_s": vector.cycles * cycle,
        }
        latency_s = np.maximum.reduce(np.broadcast_arrays(*times.values()))
        ran = np.isfinite(latency_s)
        static_j = chips.static_w * np.where(ran, latency_s, 0.0)
        dynamic_j = (found.energy_j + vector.energy_j) * layers.repeat
        columns = {
            **times,
            "latency_s": latency_s,
            "energy_j": np.where(ran, dynamic_j + static_j, np.inf),
            "area_mm2": chips.area_mm2,
            "instruction_s": np.zeros(shape),
            "macs": layers.macs * chips.batch.astype(float),
            "peak_macs_per_s": chips.macs_per_cycle * chips.clock_hz,
            "on_chip_bytes": (found.buffer_words + vector.words) * word,
            "dram_bytes": dram_bytes,
        }
        return Cost(**{name: np.broadcast_to(array, shape) for name, array in columns.items()})

    def map(self, layers: Layers, chips: RowStationaryArrays) -> Accesses:
        """The best mapping of each layer and its accesses, shape (..., L)."""
        if self.objective not in OBJECTIVES:
            raise unknown("objective", self.objective, OBJECTIVES)
        rows, arrays, shape = _tables(layers, chips)
        pairs = np.concatenate([rows, arrays], axis=1)
        distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
        out = np.full((len(distinct), search.ANSWER_FIELDS), np.inf)
        layer_rows, array_rows = np.split(distinct, [search.LAYER_FIELDS], axis=1)
        objective = OBJECTIVES[self.objective]
        search.search_all(
            objective, layer_rows.astype(np.int64), np.ascontiguousarray(array_rows), out
        )
        return _accesses(layers, chips.batch, out[inverse.reshape(-1)].reshape(*shape, -1))

    def price(
        self, layers: Layers, chips: RowStationaryArrays, mapping: Int[ndarray, "*b 7"]
    ) -> Accesses:
        """Accesses of given mappings (columns as in `MAPPING`); capacities are not checked."""
        rows, arrays, shape = _tables(layers, chips)
        given = np.broadcast_to(mapping, (*shape, len(MAPPING))).reshape(-1, len(MAPPING))
        out = np.empty((len(rows), search.ANSWER_FIELDS))
        search.price_all(np.ascontiguousarray(given), rows, arrays, out)
        return _accesses(layers, chips.batch, out.reshape(*shape, -1))


def _tables(
    layers: Layers, chips: RowStationaryArrays
) -> tuple[Int[ndarray, "n 10"], Float[ndarray, "n 17"], tuple[int, ...]]:
    """The kernel's rows, every layer beside every chip, and the shape they are of."""
    shape = np.broadcast_shapes(layers.shape, chips.shape)
    tables = [
        np.stack([np.broadcast_to(column, shape) for column in columns], axis=-1)
        for columns in (_layer_columns(layers, chips.batch), _array_columns(chips))
    ]
    rows, arrays = (table.reshape(-1, table.shape[-1]) for table in tables)
    return rows.astype(np.int64), arrays.astype(np.float64), shape


def _has_macs(layers: Layers) -> ndarray:
    return np.asarray((layers.macs > 0) & (layers.repeat > 0))


def _apart(layers: Layers, batch: ndarray) -> ndarray:
    """How often the kernel's problem is solved: groups, and images where each has own weights."""
    return np.asarray(layers.groups * np.where(layers.kind == Kind.MATMUL, batch, 1))


def _layer_columns(layers: Layers, batch: ndarray) -> tuple[ndarray, ...]:
    """As the kernel's layer fields; a layer without MACs becomes a single product."""
    columns = (
        layers.in_channels,
        layers.out_channels,
        layers.kernel_y,
        layers.kernel_x,
        layers.out_y,
        layers.out_x,
        layers.stride,
        (layers.kernel_y - 1) * layers.dilation + 1,
        (layers.kernel_x - 1) * layers.dilation + 1,
        np.where(layers.kind == Kind.MATMUL, 1, batch),
    )
    return tuple(np.where(_has_macs(layers), column, 1) for column in columns)


def _array_columns(chips: RowStationaryArrays) -> tuple[ndarray, ...]:
    """As the kernel's array fields."""
    return (
        chips.pes_y,
        chips.pes_x,
        chips.ifmap_pad_words,
        chips.filter_pad_words,
        chips.psum_pad_words,
        chips.buffer_bytes // chips.bank_bytes,
        chips.bank_bytes // chips.word_bytes,
        chips.filter_buffer_bytes // chips.word_bytes,
        chips.ifmap_words_per_cycle,
        chips.filter_words_per_cycle,
        chips.psum_words_per_cycle,
        chips.dram_bytes_per_s / chips.clock_hz / chips.word_bytes,
        chips.mac_j,
        chips.pad_j,
        chips.hop_j,
        chips.buffer_j,
        chips.dram_j,
    )


def _accesses(layers: Layers, batch: ndarray, answers: Float[ndarray, "*b 18"]) -> Accesses:
    columns = dict(zip(Accesses.__dataclass_fields__, np.moveaxis(answers, -1, 0), strict=True))
    mapped = np.isfinite(columns["compute_cycles"])
    times = _apart(layers, batch)
    for name, column in columns.items():
        total = column if name in _PER_PROBLEM else column * times
        known = _has_macs(layers) & (mapped | (name == "compute_cycles"))
        columns[name] = np.where(known, total, 0.0)
    return Accesses(**columns)


@dataclass(frozen=True)
class VectorWork(Columns):
    """What pooling and elementwise rows take, repeats not counted; 0 for the others; (..., L)."""

    cycles: Float[ndarray, "*b"]
    words: Float[ndarray, "*b"]
    energy_j: Float[ndarray, "*b"]


def vector_work(layers: Layers, chips: RowStationaryArrays) -> VectorWork:
    """Pooling and elementwise rows, from DRAM and back.

    The chip has no vector unit: its PEs do them, fed as for a convolution.
    """
    pooled = layers.kind == Kind.POOL
    window = layers.kernel_y * layers.kernel_x
    taps = np.where(pooled, window, np.maximum(1, layers.operands - 1))
    images = np.where(pooled | (layers.kind == Kind.ELEMENTWISE), chips.batch, 0)
    read, written = layers.inputs * images, layers.outputs * images
    ops = written * taps
    streamed = np.maximum(read / chips.ifmap_words_per_cycle, written / chips.psum_words_per_cycle)
    words = read + written
    return VectorWork(
        cycles=np.maximum(ops / chips.macs_per_cycle, streamed),
        words=words,
        energy_j=ops * chips.mac_j + words * (2 * chips.buffer_j + chips.dram_j),
    )
