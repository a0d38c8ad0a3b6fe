"""A slow, obviously right mapper: walks the loop nest and counts what moves.

Written from the description of the mapping space in docs, not from the kernel: tiles are sets of
indices, a tile is fetched when the loop that owns it moves on, a partial sum is spilled when its
output is left unfinished.
"""

import itertools
import math
from collections.abc import Iterator

from cosearch.cost.edge.dataflows import DATAFLOWS, GROUPED

G, K, C, Y, X, F = range(6)
PSUM = 4

Tile = dict[str, int]
Taps = tuple[int, int]
Answer = tuple[int, int, int]  # time, bytes of all PEs, bytes written by all PEs


def chunks(extent: int, tile: int) -> list[range]:
    return [range(a, min(a + tile, extent)) for a in range(0, extent, tile)]


def tile_sizes(step: int, extent: int) -> list[int]:
    """step, 2 step, 4 step, ... and the whole extent."""
    sizes = [min(step, extent)]
    while sizes[-1] < extent:
        sizes.append(min(2 * sizes[-1], extent))
    return sizes


def input_indices(outputs: range, stride: int, taps: int) -> set[int]:
    return {o * stride + t for o in outputs for t in range(taps)}


def core_traffic(
    extent: list[int], stride: int, taps: Taps, order: str, tile: Tile
) -> tuple[int, int, int, int]:
    """Elements of (weights, inputs, partial sums read back, partial sums written) of one core."""
    g, k, c, y, x, f = extent
    columns = len(input_indices(range(x), stride, taps[1]))
    k_tiles, c_tiles, y_tiles = chunks(k, tile["k"]), chunks(c, tile["c"]), chunks(y, tile["y"])
    rows_one_by_one = chunks(y, 1)
    nest = {
        "weight": itertools.product(k_tiles, c_tiles, rows_one_by_one),
        "row": itertools.product(k_tiles, c_tiles, rows_one_by_one),
        "output": ((kk, range(c), yy) for kk, yy in itertools.product(k_tiles, y_tiles)),
        "input": ((range(k), cc, yy) for yy, cc in itertools.product(y_tiles, c_tiles)),
    }[order]
    weights = inputs = back = spilled = 0
    kept_filters: tuple[range, range] | None = None
    window: set[int] = set()
    for kk, cc, yy in nest:
        if order not in ("weight", "row") or kept_filters != (kk, cc):
            weights += len(kk) * len(cc) * f
            window = set()
        kept_filters = (kk, cc)
        rows = input_indices(yy, stride, taps[0])
        inputs += len(cc) * columns * len(rows - window if order == "row" else rows)
        window = rows
        unfinished = len(kk) * len(yy) * x
        back += unfinished if cc[0] > 0 else 0
        spilled += unfinished if cc[-1] < c - 1 else 0
    return g * weights, g * inputs, g * back, g * spilled


def mappings(
    extent: list[int], inner: list[int], stride: int, taps: Taps, op: int, room: int
) -> Iterator[tuple[str, Tile]]:
    """Every stationarity and tile that a core has room for, bytes."""
    g, k, c, y, x, f = extent
    held = min(inner[G], g)
    columns = len(input_indices(range(x), stride, taps[1]))
    for kt, ct, yt in itertools.product(
        tile_sizes(inner[K], k), tile_sizes(inner[C], c), tile_sizes(1, y)
    ):
        tile = {"k": kt, "c": ct, "y": yt}
        filters = kt * ct * f * op
        rows = len(input_indices(range(yt), stride, taps[0]))
        if yt == y and held * filters <= room:
            yield "weight", tile
        if yt == y and held * (filters + ct * taps[0] * columns * op + kt * x * PSUM) <= room:
            yield "row", tile
        if ct == c and held * kt * yt * x * PSUM <= room:
            yield "output", tile
        if kt == k and held * ct * rows * columns * op <= room:
            yield "input", tile


def best_on_chip(layer: dict[str, int], chip: dict[str, int]) -> Answer | None:
    """The best mapping; None if there is none."""
    whole = [layer[d] for d in ("g", "k", "c", "y", "x")] + [layer["r"] * layer["s"]]
    apart = layer["dilation"]
    taps = ((layer["r"] - 1) * apart + 1, (layer["s"] - 1) * apart + 1)
    stride = layer["stride"]
    best: Answer | None = None
    lanes = chip["lanes"]
    while lanes >= 1:
        for number, row in enumerate(DATAFLOWS.tolist()):
            grouped_row = number >= GROUPED
            if grouped_row and whole[G] == 1:
                continue
            if not grouped_row and whole[G] > 1 and whole[K] == 1:
                continue
            fewest = 1 if row[2] == Y else chip["cores"]  # rows may be shared by fewer cores
            for cores in range(fewest, chip["cores"] + 1):
                used = {**chip, "used": cores}
                found = one_dataflow(whole, row, lanes, used, stride, taps)
                if found and (best is None or found < best):
                    best = found
        lanes //= 2
    return best


def one_dataflow(
    whole: list[int], row: list[int], lanes: int, chip: dict[str, int], stride: int, taps: Taps
) -> Answer | None:
    simd, lane, core, pe_x, pe_y = row
    op = chip["op"]
    inner = [1] * 6
    inner[simd] *= chip["simd"]
    inner[lane] *= lanes
    of_pe = list(whole)
    for d, size in ((pe_x, chip["px"]), (pe_y, chip["py"])):
        of_pe[d] = math.ceil(of_pe[d] / size)
    pes = math.prod(math.ceil(w / p) for w, p in zip(whole, of_pe, strict=True))
    extent = list(of_pe)
    extent[core] = math.ceil(extent[core] / chip["used"])
    cores = math.ceil(of_pe[core] / extent[core])
    compute = math.prod(math.ceil(e / i) for e, i in zip(extent, inner, strict=True))
    reduced = any(of_pe[d] < whole[d] for d in (C, F))
    port = chip["cores"] * chip["lanes"] * op
    best = None
    for order, tile in mappings(extent, inner, stride, taps, op, chip["memory"] // 2):
        weights, inputs, back, spilled = core_traffic(extent, stride, taps, order, tile)
        outputs = math.prod(extent[d] for d in (G, K, Y, X))
        if core == C:  # every core has its own weights and inputs; their sums are added up at once
            own_weights = own_inputs = cores
            own_outputs = 1
        else:
            own_weights = cores if core in (K, G) else 1
            own_inputs = cores if core in (Y, G) else 1
            own_outputs = cores
        read = (weights * own_weights + inputs * own_inputs) * op + back * own_outputs * PSUM
        written = spilled * own_outputs * PSUM + outputs * own_outputs * (PSUM if reduced else op)
        if reduced:  # the other PEs' sums are read and added
            read += outputs * own_outputs * PSUM
        time = max(compute, math.ceil((read + written) / port))
        candidate = (time, (read + written) * pes, written * pes)
        best = candidate if best is None else min(best, candidate)
    return best
