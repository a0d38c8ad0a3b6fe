"""Walk a network on a chip: map every layer, count what crosses to DRAM. The compiled entries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from cosearch.cost.edge import dataflows, layer_bytes, mapper, off_chip, tilings
from cosearch.cost.edge.layer_bytes import (
    ELEMENTWISE,
    L_KIND,
    L_OPERANDS,
    L_R,
    L_REPEAT,
    L_S,
    MAC,
    MATMUL,
    ceil_div,
    input_elements,
    output_elements,
)
from cosearch.cost.edge.mapper import (
    A_CORE_MEMORY,
    A_CORES,
    A_LANES,
    A_MEMORY,
    A_OPERAND,
    A_PX,
    A_PY,
    M_COMPUTE,
    M_HELD,
    M_ON_CHIP,
    M_READ,
    M_WRITTEN,
    MAPPING_FIELDS,
    map_layer,
    workspace,
)
from cosearch.cost.edge.off_chip import is_fused
from cosearch.networks import Kind

VECTOR_KINDS = (int(Kind.POOL), int(Kind.ELEMENTWISE))


@njit
def vector_row(layer, chip, fused, answer):  # type: ignore[no-untyped-def]
    """Pooling and elementwise: every lane takes one element a cycle.

    Fused to its producer, a layer reads its other operands only, and writes in its stead.
    """
    lanes = chip[A_PX] * chip[A_PY] * chip[A_CORES] * chip[A_LANES]
    taps = layer[L_R] * layer[L_S]
    if layer[L_KIND] == ELEMENTWISE:
        taps = max(1, layer[L_OPERANDS] - 1)
    answer[:] = 0
    answer[M_COMPUTE] = ceil_div(output_elements(layer) * taps, lanes)
    read, written = input_elements(layer), output_elements(layer)
    if fused:
        read, written = read // layer[L_OPERANDS] * (layer[L_OPERANDS] - 1), 0
    answer[M_READ], answer[M_WRITTEN] = read * chip[A_OPERAND], written * chip[A_OPERAND]
    answer[M_ON_CHIP] = ceil_div(read + written, lanes)


@njit
def on_chip(layers, chip, work, answer, out):  # type: ignore[no-untyped-def]
    """Fill `out` (L, mapping) with the mapper's answers per repeat; infinite cycles if none."""
    previous = -1
    for index in range(len(layers)):
        layer = layers[index]
        if layer[L_REPEAT] == 0:
            out[index, :] = 0.0
            continue
        twin = same_layer(layers, index)
        ran = True
        if layer[L_KIND] != MAC and layer[L_KIND] != MATMUL:
            fused = previous >= 0 and is_fused(layer, layers[previous])
            vector_row(layer, chip, fused, answer)
            out[index, :] = answer
        elif twin >= 0:
            out[index, :] = out[twin, :]
        else:
            ran = map_layer(layer, chip, work, answer)
            out[index, :] = answer
        if not ran:
            out[index, :] = 0.0
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


@njit
def grid_rows(layers, fused, chips, times, read, written):  # type: ignore[no-untyped-def]
    """Map distinct layers on chips in an order where only the core memory shrinks from row to row.

    As `on_chip`, but the best mapping of the row before is taken over while it still fits: the
    best of a larger space is the best of every smaller space that holds it.
    """
    work, answer = workspace(), np.zeros((len(layers), MAPPING_FIELDS), dtype=np.int64)
    ran = np.ones(len(layers), dtype=np.bool_)
    for n in range(len(chips)):
        kept = n > 0 and shrinks(chips[n - 1], chips[n])
        for index in range(len(layers)):
            layer, found = layers[index], answer[index]
            if layer[L_KIND] != MAC and layer[L_KIND] != MATMUL:
                vector_row(layer, chips[n], fused[index], found)
            elif not kept or (ran[index] and found[M_HELD] > chips[n, A_CORE_MEMORY] // 2):
                ran[index] = map_layer(layer, chips[n], work, found)
            cycles = max(found[M_COMPUTE], found[M_ON_CHIP])
            times[n, index] = cycles if ran[index] else np.inf
            read[n, index] = found[M_READ] if ran[index] else np.inf
            written[n, index] = found[M_WRITTEN] if ran[index] else np.inf


@njit
def shrinks(before, chip):  # type: ignore[no-untyped-def]
    """Whether `chip` is `before` with no more core memory; PE memory does not matter here."""
    for column in range(len(chip)):
        if column in (A_CORE_MEMORY, A_MEMORY):
            continue
        if chip[column] != before[column]:
            return False
    return bool(chip[A_CORE_MEMORY] <= before[A_CORE_MEMORY])


def _fingerprint() -> str:
    kernels = (dataflows, layer_bytes, mapper, off_chip, tilings)
    paths = [Path(str(module.__file__)) for module in kernels]
    text = b"".join(path.read_bytes() for path in (*paths, Path(__file__)))
    return hashlib.sha256(text).hexdigest()


def _compile(sources: str) -> tuple[Callable[..., None], ...]:
    """The compiled entry points, cached on disk under a key that covers all kernel sources.

    numba's own key covers one file and the closure; without the fingerprint in the closure, an
    edit to the mapper would go on running the old machine code.
    """

    @njit(cache=True, nogil=True)
    def map_all(layers, chips, out):  # type: ignore[no-untyped-def]
        assert len(sources) > 0
        work, answer = workspace(), np.zeros(MAPPING_FIELDS, dtype=np.int64)
        for n in range(len(out)):
            network = layers[n if len(layers) > 1 else 0]
            on_chip(network, chips[n if len(chips) > 1 else 0], work, answer, out[n])

    @njit(cache=True, nogil=True)
    def stream_all(layers, memories, operand, out):  # type: ignore[no-untyped-def]
        assert len(sources) > 0
        for n in range(len(out)):
            network = layers[n if len(layers) > 1 else 0]
            at = n if len(memories) > 1 else 0
            off_chip.off_chip(network, memories[at], operand[at], out[n])

    @njit(cache=True, nogil=True)
    def map_rows(layers, fused, chips, times, read, written):  # type: ignore[no-untyped-def]
        assert len(sources) > 0
        grid_rows(layers, fused, chips, times, read, written)

    return map_all, stream_all, map_rows


# layers (n or 1, L, 14) int64, chips (n or 1, 13) int64, out (n, L, MAPPING_FIELDS)
map_all: Callable[[Any, Any, Any], None]
# layers, bytes of all PE memories (n or 1,) int64, bytes of an operand, out (n, L, TRAFFIC_FIELDS)
stream_all: Callable[[Any, Any, Any, Any], None]
# layers (L, 14), fused (L,), chips (n, 13), out: cycles, bytes read and written (n, L)
map_rows: Callable[[Any, Any, Any, Any, Any, Any], None]
map_all, stream_all, map_rows = _compile(_fingerprint())
