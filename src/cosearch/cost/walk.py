"""Walk a network on a chip: map every layer, work out what stays on chip between layers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from cosearch.cost import dataflows, mapper, off_chip
from cosearch.cost.mapper import (
    A_LANES,
    A_MEM,
    A_PX,
    A_PY,
    A_UNITS,
    L_KIND,
    L_OPERANDS,
    L_R,
    L_REPEAT,
    L_S,
    M_COMPUTE,
    M_ON_CHIP,
    M_READ,
    M_WRITTEN,
    MAPPING_FIELDS,
    ceil_div,
    map_layer,
)
from cosearch.cost.off_chip import (
    CANNOT_RUN,
    dram_bytes,
    fits,
    input_bytes,
    output_bytes,
    weight_bytes,
)
from cosearch.networks import Kind

_MAC = int(Kind.MAC)
_MATMUL = int(Kind.MATMUL)
_ELEMENTWISE = int(Kind.ELEMENTWISE)
DRAM_BYTES = MAPPING_FIELDS  # the column after the mapper's answer


@njit
def vector_row(layer, chip, answer):  # type: ignore[no-untyped-def]
    """Pooling and elementwise: every SIMD unit takes one element a cycle."""
    units = chip[A_PX] * chip[A_PY] * chip[A_LANES] * chip[A_UNITS]
    read, written = input_bytes(layer), output_bytes(layer)
    taps = (
        max(1, layer[L_OPERANDS] - 1) if layer[L_KIND] == _ELEMENTWISE else layer[L_R] * layer[L_S]
    )
    answer[:] = 0
    answer[M_COMPUTE] = ceil_div(written * taps, units)
    answer[M_ON_CHIP] = ceil_div(read + written, units)
    answer[M_READ], answer[M_WRITTEN] = read, written


@njit
def run_network(layers, chip, out):  # type: ignore[no-untyped-def]
    """Fill `out` (L, answer + DRAM bytes) for one network (L, 14) on one chip (9,), per repeat.

    A layer that cannot run gets infinite cycles.
    """
    memory = chip[A_PX] * chip[A_PY] * chip[A_MEM]
    count = len(layers)
    weights, previous = np.int64(0), -1
    for index in range(count):
        if layers[index, L_REPEAT] > 0:
            weights += weight_bytes(layers[index]) * layers[index, L_REPEAT]
    resident = weights <= memory // 2
    answer = np.zeros(MAPPING_FIELDS, dtype=np.int64)
    for index in range(count):
        layer = layers[index]
        if layer[L_REPEAT] == 0:
            out[index, :] = 0.0
            continue
        following = index + 1
        while following < count and layers[following, L_REPEAT] == 0:
            following += 1
        input_stays = previous >= 0 and fits(layers[previous], memory)
        output_stays = following < count and fits(layers[following], memory)
        moved = dram_bytes(layer, memory, resident, input_stays, output_stays)
        twin = same_layer(layers, index)
        ran = True
        if twin >= 0:
            out[index, :MAPPING_FIELDS] = out[twin, :MAPPING_FIELDS]
        elif layer[L_KIND] == _MAC or layer[L_KIND] == _MATMUL:
            ran = map_layer(layer, chip, answer)
            out[index, :MAPPING_FIELDS] = answer
        else:
            vector_row(layer, chip, answer)
            out[index, :MAPPING_FIELDS] = answer
        out[index, DRAM_BYTES] = moved
        if not ran or moved == CANNOT_RUN:
            out[index, M_COMPUTE] = np.inf
        previous = index


@njit
def same_layer(layers, index):  # type: ignore[no-untyped-def]
    """An earlier layer of the same loop bounds, which need not be mapped again; -1 if none."""
    for earlier in range(index - 1, -1, -1):
        if layers[earlier, L_REPEAT] == 0:
            continue
        column = 0
        while column < L_REPEAT and layers[earlier, column] == layers[index, column]:
            column += 1
        if column == L_REPEAT:
            return earlier
    return -1


def _compile(sources: str) -> Callable[..., None]:
    """The compiled entry point, cached on disk under a key that covers all kernel sources.

    numba's own key covers one file and the closure; without the fingerprint in the closure, an
    edit to the mapper would go on running the old machine code.
    """

    @njit(cache=True, nogil=True)
    def run_all(layers, chips, out):  # type: ignore[no-untyped-def]
        assert len(sources) > 0
        for n in range(len(out)):
            network = layers[n if len(layers) > 1 else 0]
            run_network(network, chips[n if len(chips) > 1 else 0], out[n])

    compiled: Callable[..., None] = run_all
    return compiled


def _fingerprint() -> str:
    paths = [Path(str(module.__file__)) for module in (dataflows, mapper, off_chip)]
    text = b"".join(path.read_bytes() for path in (*paths, Path(__file__)))
    return hashlib.sha256(text).hexdigest()


run_all: Callable[[Any, Any, Any], None] = _compile(_fingerprint())
