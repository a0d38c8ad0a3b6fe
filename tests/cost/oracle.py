"""A slow, obviously right mapper: walks the loop nest and counts what moves.

Written from the description of the mapping space in docs, not from the kernel: tiles are sets of
indices, a tile is fetched when the loop that owns it moves on, a partial sum is spilled when its
output is left unfinished.
"""

import itertools
import math
from collections.abc import Iterator

from cosearch.cost.dataflows import DATAFLOWS

G, K, C, Y, X, F = range(6)
PSUM = 4


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


def lane_traffic(
    extent: list[int], stride: int, taps: tuple[int, int], order: str, tile: dict[str, int]
) -> tuple[int, int, int, int]:
    """(weights, inputs, partial sums read, outputs and partial sums written) of one lane, bytes."""
    g, k, c, y, x, f = extent
    columns = len(input_indices(range(x), stride, taps[1]))
    rows = {r: len(input_indices(r, stride, taps[0])) for r in chunks(y, tile["y"])}
    loops = {
        "weight": [chunks(k, tile["k"]), chunks(c, tile["c"]), [range(y)]],
        "output": [chunks(k, tile["k"]), [range(c)], chunks(y, tile["y"])],
        "input": [[range(k)], chunks(c, tile["c"]), chunks(y, tile["y"])],
    }[order]
    rows[range(y)] = len(input_indices(range(y), stride, taps[0]))
    weights = inputs = back = written = 0
    for kk, cc, yy in itertools.product(*loops):
        last = cc[-1] == c - 1
        first = cc[0] == 0
        inputs += len(cc) * rows[yy] * columns
        # a weight tile is fetched whenever it or the rows change, unless it is the one kept
        if order != "weight" or yy[0] == 0:
            weights += len(kk) * len(cc) * f
        back += 0 if first else len(kk) * len(yy) * x * PSUM
        written += len(kk) * len(yy) * x * (1 if last else PSUM)
    return g * weights, g * inputs, g * back, g * written


def mappings(
    extent: list[int], inner: list[int], held: int, stride: int, taps: tuple[int, int], rf: int
) -> Iterator[tuple[str, dict[str, int]]]:
    _, k, c, y, x, f = extent
    columns = len(input_indices(range(x), stride, taps[1]))
    for kt, ct, yt in itertools.product(
        tile_sizes(inner[K], k), tile_sizes(inner[C], c), tile_sizes(1, y)
    ):
        tile = {"k": kt, "c": ct, "y": yt}
        rows = len(input_indices(range(yt), stride, taps[0]))
        if yt == y and held * kt * ct * f <= rf:
            yield "weight", tile
        if ct == c and held * kt * yt * x * PSUM <= rf:
            yield "output", tile
        if kt == k and held * ct * rows * columns <= rf:
            yield "input", tile


def best_on_chip(layer: dict[str, int], chip: dict[str, int]) -> tuple[int, int] | None:
    """(time in cycles, bytes moved by all PEs) of the best mapping; None if there is none."""
    whole = [layer[d] for d in ("g", "k", "c", "y", "x")] + [layer["r"] * layer["s"]]
    apart = layer["dilation"]
    taps = ((layer["r"] - 1) * apart + 1, (layer["s"] - 1) * apart + 1)
    stride = layer["stride"]
    best: tuple[int, int] | None = None
    units = chip["units"]
    while units >= 1:
        for number, row in enumerate(DATAFLOWS.tolist()):
            grouped_row = number >= 32
            if grouped_row and whole[G] == 1:
                continue
            if not grouped_row and whole[G] > 1 and whole[K] == 1:
                continue
            found = one_dataflow(whole, row, units, chip, stride, taps)
            if found and (best is None or found < best):
                best = found
        units //= 2
    return best


def one_dataflow(
    whole: list[int],
    row: list[int],
    units: int,
    chip: dict[str, int],
    stride: int,
    taps: tuple[int, int],
) -> tuple[int, int] | None:
    sizes = {"pe_x": chip["px"], "pe_y": chip["py"], "lane": chip["cores"]}
    place = dict(zip(("dot", "unit", "lane", "pe_x", "pe_y"), row, strict=True))
    inner = [1] * 6
    inner[place["dot"]] *= chip["dot"]
    inner[place["unit"]] *= units
    per_pe = list(whole)
    for level in ("pe_x", "pe_y"):
        per_pe[place[level]] = math.ceil(per_pe[place[level]] / sizes[level])
    extent = list(per_pe)
    d = place["lane"]
    extent[d] = math.ceil(extent[d] / sizes["lane"])
    lanes = math.ceil(per_pe[d] / extent[d])
    compute = math.prod(math.ceil(e / i) for e, i in zip(extent, inner, strict=True))
    across = 1
    for dim in (G, K, Y, X):
        share = lanes * extent[dim] if dim == d else extent[dim]
        across *= math.ceil(whole[dim] / share)
    pes = min(across, chip["px"] * chip["py"])
    port = chip["cores"] * chip["units"]
    best = None
    for order, tile in mappings(extent, inner, min(inner[G], extent[G]), stride, taps, chip["rf"]):
        weights, inputs, back, written = lane_traffic(extent, stride, taps, order, tile)
        moved = (
            weights * (lanes if d in (K, G) else 1)
            + inputs * (lanes if d in (G, Y) else 1)
            + (back + written) * lanes
        )
        candidate = (max(compute, math.ceil(moved / port)), moved * pes)
        best = candidate if best is None else min(best, candidate)
    return best
