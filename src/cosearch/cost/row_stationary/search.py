"""Row-stationary mappings of one layer: what one costs, and the search for the best.

Scalar code compiled by numba; one file, because numba's cache sees changes in one file only. The
letters are those of the papers (Chen et al., ISCA 2016, JSSC 2017). A layer has N images, C
channels in, M filters of R x S, E x F outputs. A PE set of R x e PEs makes e rows of outputs; a PE
holds p filters by q channels; r sets take other channels, t sets other filters. A pass of the array
works on n images, q r channels, p t filters and e rows; the buffer holds the partial sums of m
filters. Loops, outermost first: blocks of m filters, blocks of n images, strips of e rows, blocks
of q r channels, passes of p t filters.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# a layer: the loop bounds of one group, and what a window spans in the input
C, M, R, S, E, F, STRIDE, SPAN_Y, SPAN_X, IMAGES = range(10)
LAYER_FIELDS = 10
# an array: PEs, words of memory, words a cycle, energies
(A_Y, A_X, A_IFMAP_PAD, A_FILTER_PAD, A_PSUM_PAD, A_BANKS, A_BANK_WORDS, A_FILTERS) = range(8)
(A_IFMAP_RATE, A_FILTER_RATE, A_PSUM_RATE, A_DRAM_RATE) = range(8, 12)
(A_MAC_J, A_PAD_J, A_HOP_J, A_BUFFER_J, A_DRAM_J) = range(12, 17)
# a mapping: e, n, m, p, q, r, t
(PE_ROWS, SET_IMAGES, RESIDENT, FILTERS, CHANNELS, CHANNEL_SETS, FILTER_SETS) = range(7)
MAPPING_FIELDS = 7
# an answer: the mapping, then what it costs
(ACTIVE, COMPUTE, STREAM, HOPS) = range(7, 11)
(B_IFMAP, B_FILTER, B_PSUM, D_IFMAP, D_FILTER, D_OFMAP, ENERGY) = range(11, 18)
ANSWER_FIELDS = 18
LATENCY, ENERGY_ALONE, ENERGY_DELAY = range(3)  # objectives


@njit
def blocks(total, size):  # type: ignore[no-untyped-def]
    """How many blocks of `size` cover `total`."""
    return -(-total // size)


@njit
def next_size(total, size):  # type: ignore[no-untyped-def]
    """The next size that makes fewer blocks of `total`; beyond `total` after the last.

    Sizes between make as many blocks and need more of everything, so no mapping is lost.
    """
    count = blocks(total, size)
    return total + 1 if count == 1 else blocks(total, count - 1)


@njit
def extent(outputs, taps, span, stride):  # type: ignore[no-untyped-def]
    """Input rows (columns) that so many output rows (columns) need, padding included."""
    return outputs * taps if stride >= span else (outputs - 1) * stride + span


@njit
def stacked(mapping, layer, array):  # type: ignore[no-untyped-def]
    """PE sets above each other, folded into segments where they are wider than the array."""
    segments = blocks(mapping[PE_ROWS], array[A_X])
    return int(array[A_Y] // (layer[R] * segments))


@njit
def filter_room(mapping, layer, array):  # type: ignore[no-untyped-def]
    """Sets of other filters the array has room for.

    Partial sums go from PE to PE upwards only, so the r sets of a sum stand on each other.
    """
    beside = max(1, int(array[A_X] // mapping[PE_ROWS]))
    return stacked(mapping, layer, array) // mapping[CHANNEL_SETS] * beside


@njit
def fits_pads(mapping, layer, array):  # type: ignore[no-untyped-def]
    """Whether a pass fits the three scratch pads of a PE and the filter buffer."""
    p, q = mapping[FILTERS], mapping[CHANNELS]
    taps = p * q * layer[S]
    sets = mapping[CHANNEL_SETS] * mapping[FILTER_SETS]
    return (
        q * layer[SPAN_X] <= array[A_IFMAP_PAD]
        and taps <= array[A_FILTER_PAD]
        and p <= array[A_PSUM_PAD]
        and taps * layer[R] * sets <= array[A_FILTERS]
    )


@njit
def most_resident(mapping, layer, array):  # type: ignore[no-untyped-def]
    """The most filters, a multiple of p t, whose partial sums fit beside the input rows."""
    e, n, step = mapping[PE_ROWS], mapping[SET_IMAGES], mapping[FILTERS] * mapping[FILTER_SETS]
    rows = extent(e, layer[R], layer[SPAN_Y], layer[STRIDE])
    columns = extent(layer[F], layer[S], layer[SPAN_X], layer[STRIDE])
    words = n * mapping[CHANNELS] * mapping[CHANNEL_SETS] * rows * columns
    banks = max(0, array[A_BANKS] - blocks(words, array[A_BANK_WORDS]))
    filters = int(banks * array[A_BANK_WORDS] // (n * e * layer[F]))
    return layer[M] if filters >= layer[M] else filters // step * step


@njit
def cost_of(mapping, layer, array, out):  # type: ignore[no-untyped-def]
    """Fill `out` with one mapping and its cost.

    The chip is configured once a layer: a pass at the edge computes as long as a full one, though
    only the words there are move.
    """
    e, n, m = mapping[PE_ROWS], mapping[SET_IMAGES], mapping[RESIDENT]
    p, q, r, t = (mapping[FILTERS], mapping[CHANNELS], mapping[CHANNEL_SETS], mapping[FILTER_SETS])
    rows = extent(e, layer[R], layer[SPAN_Y], layer[STRIDE])
    columns = extent(layer[F], layer[S], layer[SPAN_X], layer[STRIDE])
    filter_passes, channel_blocks = blocks(layer[M], p * t), blocks(layer[C], q * r)
    strips, image_blocks = blocks(layer[E], e), blocks(layer[IMAGES], n)
    passes = filter_passes * channel_blocks * strips * image_blocks
    resident_passes = blocks(m, p * t)
    kept = channel_blocks == 1 and resident_passes == 1  # the same filters pass after pass
    loads = filter_passes if kept else passes
    pass_filters = p * t * q * r * layer[R] * layer[S]
    load = loads * (pass_filters / array[A_FILTER_RATE])
    # after q S products, the adder takes in one partial sum from the PE below
    macs = n * layer[F] * p * (q * layer[S] + 1)

    outputs = layer[IMAGES] * layer[M] * layer[E] * layer[F]
    last = extent(layer[E] - (strips - 1) * e, layer[R], layer[SPAN_Y], layer[STRIDE])
    planes = layer[IMAGES] * layer[C] * ((strips - 1) * rows + last) * columns
    weights = layer[M] * layer[C] * layer[R] * layer[S]
    for field in range(MAPPING_FIELDS):
        out[field] = mapping[field]
    out[ACTIVE] = layer[R] * e * r * t
    out[COMPUTE] = load + passes * macs
    out[HOPS] = (
        passes * out[ACTIVE] * n * q * columns
        + loads * pass_filters * e
        + outputs * channel_blocks * (layer[R] * r - 1)
    )
    out[B_IFMAP] = planes * filter_passes
    out[B_FILTER] = weights if kept else weights * strips * image_blocks
    out[B_PSUM] = outputs * (2 * channel_blocks - 1)
    sums_out = outputs * channel_blocks / array[A_PSUM_RATE]  # and as many in, at the same time
    out[STREAM] = load + max(out[B_IFMAP] / array[A_IFMAP_RATE], sums_out)
    stay = channel_blocks * strips * image_blocks == 1  # the same rows block after block
    out[D_IFMAP] = planes if stay else planes * blocks(filter_passes, resident_passes)
    out[D_FILTER] = out[B_FILTER]
    out[D_OFMAP] = outputs
    dram = out[D_IFMAP] + out[D_FILTER] + out[D_OFMAP]
    buffer = out[B_IFMAP] + out[B_FILTER] + out[B_PSUM] + dram  # filled from DRAM, drained to it
    out[ENERGY] = (
        outputs * layer[C] * layer[R] * layer[S] * (array[A_MAC_J] + 4 * array[A_PAD_J])
        + out[HOPS] * array[A_HOP_J]
        + buffer * array[A_BUFFER_J]
        + dram * array[A_DRAM_J]
    )


@njit
def score(objective, answer, array):  # type: ignore[no-untyped-def]
    """What the search minimises: latency, energy, or their product."""
    if objective == ENERGY_ALONE:
        return answer[ENERGY]
    dram = (answer[D_IFMAP] + answer[D_FILTER] + answer[D_OFMAP]) / array[A_DRAM_RATE]
    cycles = max(answer[COMPUTE], answer[STREAM], dram)
    return cycles if objective == LATENCY else cycles * answer[ENERGY]


@njit
def keep_better(objective, array, answer, best):  # type: ignore[no-untyped-def]
    """Copy `answer` over `best` if its score is lower; ties go to less energy."""
    a, b = score(objective, answer, array), score(objective, best, array)
    if a > b or (a == b and answer[ENERGY] >= best[ENERGY]):
        return
    for field in range(ANSWER_FIELDS):  # a slice takes seconds longer to compile
        best[field] = answer[field]


@njit
def try_pads(objective, mapping, layer, array, answer, best):  # type: ignore[no-untyped-def]
    """Price a mapping with the most resident filters, and with one pass, which may keep its own."""
    step = mapping[FILTERS] * mapping[FILTER_SETS]
    mapping[RESIDENT] = most_resident(mapping, layer, array)
    if mapping[RESIDENT] < 1:
        return
    cost_of(mapping, layer, array, answer)
    keep_better(objective, array, answer, best)
    one_block = mapping[CHANNELS] * mapping[CHANNEL_SETS] >= layer[C]
    if mapping[RESIDENT] > step and one_block:
        mapping[RESIDENT] = step
        cost_of(mapping, layer, array, answer)
        keep_better(objective, array, answer, best)


@njit
def search_pads(objective, mapping, layer, array, answer, best):  # type: ignore[no-untyped-def]
    """Try all p and q for given sets."""
    filters = blocks(layer[M], mapping[FILTER_SETS])
    channels = blocks(layer[C], mapping[CHANNEL_SETS])
    mapping[CHANNELS] = 1
    while mapping[CHANNELS] <= channels:
        mapping[FILTERS] = 1
        while mapping[FILTERS] <= filters and fits_pads(mapping, layer, array):
            try_pads(objective, mapping, layer, array, answer, best)
            mapping[FILTERS] = next_size(filters, mapping[FILTERS])
        mapping[CHANNELS] = next_size(channels, mapping[CHANNELS])


@njit
def search_sets(objective, mapping, layer, array, answer, best):  # type: ignore[no-untyped-def]
    """Try all r and t that the array has room for."""
    mapping[CHANNEL_SETS] = 1
    while mapping[CHANNEL_SETS] <= min(layer[C], stacked(mapping, layer, array)):
        mapping[FILTER_SETS] = 1
        while mapping[FILTER_SETS] <= min(layer[M], filter_room(mapping, layer, array)):
            search_pads(objective, mapping, layer, array, answer, best)
            mapping[FILTER_SETS] = next_size(layer[M], mapping[FILTER_SETS])
        mapping[CHANNEL_SETS] = next_size(layer[C], mapping[CHANNEL_SETS])


@njit
def search(objective, mapping, layer, array, answer, best):  # type: ignore[no-untyped-def]
    """Replace `best` by the best of all mappings, if there is any."""
    mapping[PE_ROWS] = 1
    while mapping[PE_ROWS] <= layer[E]:
        mapping[SET_IMAGES] = 1
        while mapping[SET_IMAGES] <= layer[IMAGES]:
            search_sets(objective, mapping, layer, array, answer, best)
            mapping[SET_IMAGES] = next_size(layer[IMAGES], mapping[SET_IMAGES])
        mapping[PE_ROWS] = next_size(layer[E], mapping[PE_ROWS])


@njit(cache=True, nogil=True)
def search_all(objective, layers, arrays, out):  # type: ignore[no-untyped-def]
    """Search for each row of `layers` (n, 10) and `arrays` (n, 17) -> `out` (n, 18).

    Rows of `out` come in infinite and stay so where there is no mapping.
    """
    mapping, answer = np.ones(MAPPING_FIELDS, dtype=np.int64), np.empty(ANSWER_FIELDS)
    for row in range(len(out)):
        search(objective, mapping, layers[row], arrays[row], answer, out[row])


@njit(cache=True)
def price_all(mappings, layers, arrays, out):  # type: ignore[no-untyped-def]
    """Price given mappings (n, 7) -> `out` (n, 18); capacities are not checked."""
    for row in range(len(out)):
        cost_of(mappings[row], layers[row], arrays[row], out[row])
