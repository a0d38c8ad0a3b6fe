"""The printed loop nest does the layer's work: each product once, in the cycles promised."""

import itertools
import json

import numpy as np
from hypothesis import given, settings
from tests.cost.test_mapper import CHIPS, LAYERS, columns

from cosearch.cost import EdgeModel
from cosearch.cost.edge.mapper import M_COMPUTE
from cosearch.cost.edge.nest import Loop, nest

Ranges = list[range]


def walk(loops: tuple[Loop, ...], ranges: Ranges, seen: list[tuple[int, ...]]) -> int:
    """Cycles of the loops below; what they multiply is appended to `seen`."""
    if not loops:
        assert all(len(r) <= 1 for r in ranges), "a loop is missing"
        seen.extend(itertools.product(*ranges))
        return 1
    loop = loops[0]
    whole = ranges[loop.dimension]
    cycles = []
    for start in range(0, len(whole), loop.step):
        inside = list(ranges)
        inside[loop.dimension] = whole[start : start + loop.step]
        cycles.append(walk(loops[1:], inside, seen))
    assert loop.ways == 1 or len(cycles) <= loop.ways
    return max(cycles) if loop.ways > 1 else sum(cycles)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(LAYERS, CHIPS)
def test_covers_every_product_once(layer: dict[str, int], chip: dict[str, int]) -> None:
    layers, chips = columns(layer, chip)
    answer = EdgeModel().map(layers, chips[None])[0]
    if np.isinf(answer[M_COMPUTE]):
        return
    found = nest(layers[0], chips, answer)
    sizes = [layer[d] for d in "gkcyx"] + [layer["r"] * layer["s"]]
    seen: list[tuple[int, ...]] = []
    assert walk(found.loops, [range(size) for size in sizes], seen) == answer[M_COMPUTE]
    assert len(seen) == len(set(seen)) == np.prod(sizes)


def test_the_verb_prints_it() -> None:
    from typer.testing import CliRunner

    from cosearch.cli import app

    done = CliRunner().invoke(app, ["map", "resnet-18", "--on", "small-edge", "--json"])
    rows = json.loads(done.stdout)
    assert len(rows) == 21
    assert rows[0]["text"].startswith("parallel-for")
    assert all(row["cycles"] > 0 for row in rows)
