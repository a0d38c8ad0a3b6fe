"""Row-stationary mappings in plain Python: every mapping there is, its passes walked one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import ceil

Layer = dict[str, int]  # C M R S E F U D N: as in the papers, D the dilation
Array = dict[str, float]  # columns of RowStationaryArrays
Mapping = dict[str, int]


def pieces(total: int, size: int) -> list[range]:
    """range(total) in runs of at most `size`."""
    return [range(start, min(start + size, total)) for start in range(0, total, size)]


def touched(outputs: int, taps: int, layer: Layer) -> int:
    """Input rows from the first to the last; only those used where windows do not meet."""
    starts = [y * layer["U"] for y in range(outputs)]
    span = (taps - 1) * layer["D"] + 1
    if layer["U"] >= span:
        return outputs * taps
    return starts[-1] + span - starts[0]


def places(mapping: Mapping, layer: Layer, array: Array) -> int:
    """Sets of other filters the array has room for, counted column of sets by column of sets."""
    height = layer["R"] * ceil(mapping["e"] / array["pes_x"])
    columns_of_sets = max(1, int(array["pes_x"] // mapping["e"]))
    room = 0
    for _ in range(columns_of_sets):
        left = int(array["pes_y"])
        while left >= height * mapping["r"]:
            left -= height * mapping["r"]
            room += 1
    return room


def allowed(mapping: Mapping, layer: Layer, array: Array) -> bool:
    """Whether a full pass fits the array, the pads and the buffers."""
    e, n, m, p, q, r, t = (mapping[name] for name in "enmpqrt")
    word = array["word_bytes"]
    rows, columns = touched(e, layer["R"], layer), touched(layer["F"], layer["S"], layer)
    banks = array["buffer_bytes"] // array["bank_bytes"]
    per_bank = array["bank_bytes"] // word
    ifmap_banks = ceil(n * q * r * rows * columns / per_bank)
    sum_words = n * e * layer["F"] * min(m, layer["M"])
    return (
        t <= places(mapping, layer, array)
        and q * ((layer["S"] - 1) * layer["D"] + 1) <= array["ifmap_pad_words"]
        and p * q * layer["S"] <= array["filter_pad_words"]
        and p <= array["psum_pad_words"]
        and p * q * r * t * layer["R"] * layer["S"] <= array["filter_buffer_bytes"] // word
        and ifmap_banks <= banks
        and sum_words <= (banks - ifmap_banks) * per_bank
    )


def all_mappings(layer: Layer, array: Array) -> Iterator[Mapping]:
    """Every mapping that is allowed."""
    ranges = [range(1, layer[name] + 1) for name in ("E", "N", "M", "C", "C", "M")]
    for e, n, p, q, r, t in product(*ranges):
        for passes in range(1, ceil(layer["M"] / (p * t)) + 1):
            mapping = dict(zip("enmpqrt", (e, n, passes * p * t, p, q, r, t), strict=True))
            if allowed(mapping, layer, array):
                yield mapping


def price(mapping: Mapping, layer: Layer, array: Array) -> dict[str, float]:
    """Walk all passes; words and cycles of the whole batch, one group."""
    e, n, m, p, q, r, t = (mapping[name] for name in "enmpqrt")
    R, S, F = layer["R"], layer["S"], layer["F"]
    columns = touched(F, S, layer)
    count = dict.fromkeys(("load", "mac", "hop", "b_ifmap", "b_filter", "sums_in", "sums_out"), 0)
    count |= dict.fromkeys(("d_ifmap", "d_ofmap"), 0)
    one_pass = m <= p * t and layer["C"] <= q * r  # the filters of a block stay in the pads
    in_pads = in_buffer = None
    blocks = pieces(layer["M"], ceil(m / (p * t)) * p * t)
    for block, images, strip in product(blocks, pieces(layer["N"], n), pieces(layer["E"], e)):
        for channels in pieces(layer["C"], q * r):
            for start in range(block.start, block.stop, p * t):
                filters = len(range(start, min(start + p * t, block.stop)))
                plane = len(images) * len(channels) * touched(len(strip), R, layer) * columns
                sums = len(images) * filters * len(strip) * F
                rows_key, filters_key = (images, strip, channels), (start, channels)
                if in_pads != filters_key or not one_pass:
                    count["load"] += p * t * q * r * R * S
                    count["b_filter"] += filters * len(channels) * R * S
                    count["hop"] += p * t * q * r * R * S * e
                if in_buffer != rows_key:
                    count["d_ifmap"] += plane
                in_pads, in_buffer = filters_key, rows_key
                count["mac"] += sum(q * S + 1 for _ in range(n * F * p))
                count["b_ifmap"] += plane
                count["hop"] += R * e * r * t * n * q * columns + sums * (R * r - 1)
                count["sums_out"] += sums
                count["sums_in"] += sums if channels.start > 0 else 0
                count["d_ofmap"] += sums if channels.stop == layer["C"] else 0
    load = count["load"] / array["filter_words_per_cycle"]
    streams = (
        count["b_ifmap"] / array["ifmap_words_per_cycle"],
        count["sums_out"] / array["psum_words_per_cycle"],
    )
    dram = count["d_ifmap"] + count["b_filter"] + count["d_ofmap"]
    buffer = count["b_ifmap"] + count["b_filter"] + count["sums_in"] + count["sums_out"]
    macs = count["d_ofmap"] * layer["C"] * R * S
    energy = macs * (array["mac_j"] + 4 * array["pad_j"]) + count["hop"] * array["hop_j"]
    return {
        "active_pes": R * e * r * t,
        "compute_cycles": load + count["mac"],
        "stream_cycles": load + max(streams),
        "hop_words": count["hop"],
        "buffer_ifmap_words": count["b_ifmap"],
        "buffer_filter_words": count["b_filter"],
        "buffer_psum_words": count["sums_in"] + count["sums_out"],
        "dram_ifmap_words": count["d_ifmap"],
        "dram_filter_words": count["b_filter"],
        "dram_ofmap_words": count["d_ofmap"],
        "energy_j": energy + (buffer + dram) * array["buffer_j"] + dram * array["dram_j"],
    }


def score(answer: dict[str, float], array: Array, objective: str) -> float:
    """What the search minimises, DRAM time included, in cycles and joules."""
    dram = sum(answer[f"dram_{kind}_words"] for kind in ("ifmap", "filter", "ofmap"))
    dram_cycles = dram * array["word_bytes"] / array["dram_bytes_per_s"] * array["clock_hz"]
    cycles = max(answer["compute_cycles"], answer["stream_cycles"], dram_cycles)
    energy = answer["energy_j"]
    return {"latency": cycles, "energy": energy, "energy-delay": cycles * energy}[objective]
