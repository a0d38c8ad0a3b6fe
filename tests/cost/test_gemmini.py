"""A given nest on Gemmini: parser, counts against slow enumeration, caches, how engines overlap."""

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from cosearch.cost.gemmini.cache import misses, survival
from cosearch.cost.gemmini.dma import reads, writes
from cosearch.cost.gemmini.loop_nest import (
    DIMS,
    C,
    K,
    LoopNests,
    N,
    P,
    Q,
    R,
    S,
    loop_nests,
    parse_mapping,
)
from cosearch.cost.gemmini.model import Work, cycles, work
from cosearch.errors import CosearchError
from cosearch.hardware.gemmini import FITTED, gemmini

DEVICE = gemmini()
PUBLISHED = "L3[WIO] K2 P7 - L2[WI] N1 K16X - L1[O] K4 S3 R3 C8 Q28 P4 C16X - L0[W] N1"


def nest(mapping=PUBLISHED, stride=1, **sizes) -> LoopNests:
    bounds = np.array([[sizes.get(dim, 1) for dim in DIMS]])
    return loop_nests(bounds, [mapping], np.full((1, 2), stride))


def tiled(stride=1, tile=None, order="NQPKSRC", **sizes) -> LoopNests:
    """A nest with a tile given by size; dimensions it does not name are whole."""
    tile = {**sizes, **(tile or {})}
    inner = " ".join(f"{dim}{tile.get(dim, 1)}" for dim in DIMS)
    return nest(
        f"L3[WIO] {' '.join(d + '2' for d in order)} - L2[WI] N1 - L1[O] {inner} - L0[W] N1",
        stride,
        **sizes,
    )


# ------------------------------------------------------------------ parser


def test_the_tile_is_all_below_dram_and_the_order_that_of_dram():
    tile, order = parse_mapping(PUBLISHED)
    assert tile == [1, 64, 128, 4, 28, 3, 3]
    assert "".join(DIMS[dim] for dim in order) == "NQSRCKP"


def test_spaces_between_words_do_not_matter():
    assert parse_mapping(PUBLISHED.replace("] ", "]  ").replace(" - ", "  -  ")) == parse_mapping(
        PUBLISHED
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no level"),
        ("L3[WIO] K2", "levels ['L3'], expected"),
        (PUBLISHED.replace("L0[W]", "L4[W]"), "expected"),
        (PUBLISHED.replace("L2[WI]", "L3[WI]"), "is no level"),
        (PUBLISHED.replace("K4", "K"), "'K' is no factor"),
        (PUBLISHED.replace("K4", "K-4"), "'K-4' is no factor"),
        (PUBLISHED.replace("K4", "K0"), "'K0' is less than 1"),
        (PUBLISHED.replace("K4", "Z4"), "unknown dimension"),
        (PUBLISHED.replace("C16X", "C16Z"), "'C16Z' is no factor"),
    ],
)
def test_odd_mappings_are_refused_in_one_line(text, says):
    with pytest.raises(CosearchError, match=re.escape(says)) as caught:
        parse_mapping(text)
    assert "\n" not in str(caught.value)


def test_sizes_below_one_are_refused():
    with pytest.raises(CosearchError, match="P = 0"):
        nest(P=0)


# ------------------------------------------------------------------ counts


def test_requests_of_one_aligned_tile():
    inputs, weights, size = reads(tiled(C=128, K=64, P=4, Q=4), DEVICE)
    assert (inputs, weights, size) == (16 * 2, 128, 16 * 128 + 128 * 64)
    assert writes(tiled(C=128, K=64, P=4, Q=4), DEVICE) == 16 * 4


def test_rows_off_the_lines_take_more_requests():
    # 36-byte rows start at every multiple of 4: half of them cross a line, (36 - 4) / 64.
    _, weights, _ = reads(tiled(C=64, K=36, P=4, Q=4), DEVICE)
    assert weights == pytest.approx(64 * 1.5)


def test_halos_are_fetched_again_and_padding_is_not():
    inputs, _, _ = reads(tiled(C=64, K=16, P=4, Q=4, R=3, S=3, tile={"P": 2, "Q": 2}), DEVICE)
    assert inputs == (3 + 3) ** 2


def test_every_tile_loads_anew_whatever_its_operands():
    once = reads(tiled(C=64, K=64, P=8, Q=8), DEVICE)
    fourfold = reads(tiled(C=64, K=64, P=8, Q=8, tile={"P": 4, "Q": 4}), DEVICE)
    assert fourfold[1] == 4 * once[1]
    assert fourfold[0] == once[0]


def test_a_matrix_product_stores_whole_bursts():
    assert writes(tiled(C=64, K=128, P=32), DEVICE) == 32 * 2


def test_few_pixels_still_cost_the_array_its_filling():
    done = work(tiled(C=32, K=16, P=20, Q=3), DEVICE)
    # Two blocks of weights; three image rows of 16 + 4 pixels; weights enter at 16 rows a block.
    assert done.pairs == 2 * 3 * 2
    assert done.array_rows == 2 * (3 * 20 + (16 - 10))


def test_every_tile_fills_the_array_with_its_weights():
    done = work(tiled(C=32, K=16, P=8, Q=8, tile={"Q": 2}), DEVICE)
    assert done.array_rows == 2 * (8 * 8 + 4 * (16 - 8))


def slow_counts(nest: LoopNests) -> tuple[int, int, int, int]:
    """Pairs, rows without filling, writes and input pixels of row 0, tile by tile."""
    bounds, tile, (pad_y, pad_x) = nest.bounds[0], nest.tile[0], nest.padding[0]
    starts = [range(0, end, step) for end, step in zip(bounds, tile, strict=True)]
    pairs = rows = stores = pixels = 0
    for start in product(*starts):
        size = [min(t, b - s) for t, b, s in zip(tile, bounds, start, strict=True)]
        blocks = -(-size[K] // 16) * -(-size[C] // 16) * size[R] * size[S]
        chunks = [min(16, size[P] - at) for at in range(0, size[P], 16)]
        pairs += blocks * size[Q] * size[N] * len(chunks)
        rows += blocks * size[Q] * size[N] * sum(max(i, 4) for i in chunks)
        last = all(start[d] + size[d] == bounds[d] for d in (C, R, S))
        stores += last * size[N] * size[P] * size[Q] * -(-size[K] // 16)
        window = []
        for axis, out, tap, pad in ((0, Q, S, pad_y), (1, P, R, pad_x)):
            stride = nest.stride[0, axis]
            low = start[out] * stride + start[tap] - pad
            reach = range(low, low + size[out] * stride + size[tap] - 1)
            window.append(sum(0 <= at < nest.inputs[0, axis] for at in reach))
        if start[C] == 0:
            pixels += window[0] * window[1] * size[N]
    return pairs, rows, stores, pixels


@pytest.mark.parametrize("seed", range(30))
def test_counts_equal_slow_enumeration(seed):
    rng = np.random.default_rng(seed)
    sizes = {
        d: int(rng.integers(1, top)) for d, top in zip(DIMS, (3, 70, 70, 30, 9, 4, 4), strict=True)
    }
    sizes["Q"] += 1  # no matrix product
    tile = {dim: int(rng.integers(1, size + 1)) for dim, size in sizes.items()}
    given = tiled(int(rng.integers(1, 3)), tile, **sizes)
    pairs, rows, stores, pixels = slow_counts(given)
    done = work(given, DEVICE)
    assert done.pairs == pairs
    assert rows <= done.array_rows <= rows + 16 * pairs
    assert writes(given, DEVICE) == stores
    *_, size = reads(given, DEVICE)
    weights = sizes["C"] * sizes["R"] * sizes["S"] * sizes["K"] * given.trips[0, [P, Q, N]].prod()
    assert size == pixels * sizes["C"] + weights


# ------------------------------------------------------------------ caches


def test_survival_is_certain_below_capacity_and_falls_above():
    share = survival(np.array([0.0, 0.5, 1.5, 3.0, 30.0]))
    assert share[:2] == pytest.approx(1.0)
    assert np.all(np.diff(share[1:]) < 0)
    assert share[-1] == pytest.approx(0, abs=1e-6)


def test_what_fits_the_cache_is_found_from_the_run_before():
    missed = misses(tiled(C=64, K=64, P=8, Q=8, tile={"K": 16}), DEVICE.l2_bytes, DEVICE)
    assert np.concatenate(missed) == pytest.approx(0, abs=1e-6)


def test_weights_too_large_for_the_cache_come_again_for_every_tile_of_pixels():
    sizes = {"C": 1024, "K": 1024, "P": 8, "Q": 8, "R": 3, "S": 3}
    given = tiled(tile={"P": 4, "Q": 4, "C": 64, "K": 64}, **sizes)
    _, weights = misses(given, DEVICE.l2_bytes, DEVICE)
    assert weights == pytest.approx(4 * 1024 * 1024 * 9 / 64, rel=0.01)


def test_rows_a_power_of_two_apart_crowd_few_sets():
    narrow = {"C": 4096, "P": 8, "Q": 8}
    apart, near = (
        misses(tiled(tile={"K": 16}, K=channels, **narrow), DEVICE.l2_bytes, DEVICE)[1]
        for channels in (1024, 1024 + 64)
    )
    assert apart > 1.5 * near


# ------------------------------------------------------------------ time


def some_nests() -> LoopNests:
    rng = np.random.default_rng(7)
    bounds = rng.integers(1, [2, 600, 600, 60, 60, 4, 4], size=(64, 7))
    tiles = rng.integers(1, bounds + 1)
    texts = [
        "L3[WIO] Q2 K2 C2 - L2[WI] N1 - L1[O] "
        + " ".join(f"{dim}{size}" for dim, size in zip(DIMS, row, strict=True))
        + " - L0[W] N1"
        for row in tiles
    ]
    return loop_nests(bounds, texts)


def test_a_batch_equals_its_rows_one_by_one():
    nests = some_nests()
    together = cycles(work(nests, DEVICE), DEVICE).total
    alone = [cycles(work(nests[[row]], DEVICE), DEVICE).total[0] for row in range(64)]
    assert together == pytest.approx(alone)


def test_never_faster_than_the_array():
    nests = some_nests()
    macs = nests.bounds.prod(axis=1)
    total = cycles(work(nests, DEVICE), DEVICE).total
    assert np.all(np.isfinite(total))
    assert np.all(total >= macs / DEVICE.dim**2)


@pytest.mark.parametrize("name", FITTED)
def test_dearer_work_is_never_faster(name):
    done = work(some_nests(), DEVICE)
    dearer = replace(DEVICE, **{name: 2 * getattr(DEVICE, name)})
    before, after = cycles(done, DEVICE), cycles(done, dearer)
    assert np.all(after.total >= before.total * (1 - 1e-9))


def doing(tiles=1.0, per_output=1.0, requests=0.0, stores=0.0, rows=0.0) -> Work:
    values = (tiles, per_output, requests, 0, 0, 0, stores, rows, 0)
    return Work(*(np.array([float(value)]) for value in values))


UNIT = replace(DEVICE, **dict.fromkeys(FITTED, 1.0))


def test_one_tile_loads_then_computes_then_stores():
    assert cycles(doing(requests=5, rows=7, stores=3), UNIT).total == 15


def test_many_tiles_take_the_slower_engine():
    assert cycles(doing(tiles=10, requests=50, rows=70), UNIT).total == 5 + 7 + 9 * 7


def test_a_long_store_holds_up_the_loads():
    # Two tiles in flight: each pair waits for a store 20 longer than the slack of 2.
    assert cycles(doing(tiles=10, requests=50, rows=70, stores=200), UNIT).total == (
        5 + 7 + 20 + 9 * (7 + 18 / 2)
    )


def test_every_constant_has_a_source():
    assert all(getattr(DEVICE, name) > 0 for name in vars(DEVICE))
