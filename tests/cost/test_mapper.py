"""The mapper's answer is the best of its mapping space, by walking every loop nest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cost.oracle import best_on_chip

from cosearch.cost import EdgeModel
from cosearch.cost.edge.mapper import M_COMPUTE, M_ON_CHIP, M_READ, M_WRITTEN
from cosearch.hardware import Accelerators
from cosearch.networks import Kind, Layers

small = st.integers(1, 7)
LAYERS = st.fixed_dictionaries(
    {
        "g": st.sampled_from([1, 1, 2, 5]),
        "k": small,
        "c": small,
        "y": small,
        "x": small,
        "r": st.integers(1, 3),
        "s": st.integers(1, 3),
        "stride": st.integers(1, 3),
        "dilation": st.sampled_from([1, 1, 2]),
    }
)
CHIPS = st.fixed_dictionaries(
    {
        "px": st.integers(1, 3),
        "py": st.integers(1, 3),
        "cores": st.sampled_from([1, 2, 3, 4]),
        "lanes": st.sampled_from([1, 2, 4, 8]),
        "simd": st.sampled_from([1, 4]),
        "memory": st.sampled_from([8, 32, 80, 200, 800, 8000]),
        "op": st.sampled_from([1, 1, 2]),
    }
)


def columns(layer: dict[str, int], chip: dict[str, int]) -> tuple[Layers, Accelerators]:
    reach = {d: (layer[t] - 1) * layer["dilation"] + 1 for d, t in (("y", "r"), ("x", "s"))}
    size = {d: (layer[d] - 1) * layer["stride"] + reach[d] for d in ("y", "x")}
    bounds = [layer[d] for d in "gkcyx"]
    taps = [layer[d] for d in ("r", "s", "stride", "dilation")]
    row = (Kind.MAC, *bounds, size["y"], size["x"], *taps, 1, 1)
    layers = Layers(*(np.array([value]) for value in row))
    values = [chip[name] for name in ("px", "py", "cores", "lanes", "simd", "memory")]
    plenty = [1e9] * 6
    return layers, Accelerators(*map(np.array, (*values, *plenty, chip["op"])))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(LAYERS, CHIPS)
def test_equals_brute_force(layer: dict[str, int], chip: dict[str, int]) -> None:
    layers, chips = columns(layer, chip)
    answer = EdgeModel().map(layers, chips[None])[0]
    expected = best_on_chip(layer, chip)
    if expected is None:
        assert np.isinf(answer[M_COMPUTE])
        return
    time = max(answer[M_COMPUTE], answer[M_ON_CHIP])
    assert (time, answer[M_READ] + answer[M_WRITTEN], answer[M_WRITTEN]) == expected


@settings(max_examples=60, deadline=None, derandomize=True)
@given(LAYERS, CHIPS)
def test_the_pe_axes_are_alike(layer: dict[str, int], chip: dict[str, int]) -> None:
    """The exact sweep maps one of (a, b) and (b, a)."""
    turned = {**chip, "px": chip["py"], "py": chip["px"]}
    one, other = (EdgeModel().map(*_unpack(columns(layer, c)))[0] for c in (chip, turned))
    assert max(one[M_COMPUTE], one[M_ON_CHIP]) == max(other[M_COMPUTE], other[M_ON_CHIP])
    assert one[M_READ] == other[M_READ]
    assert one[M_WRITTEN] == other[M_WRITTEN]


def _unpack(pair: tuple[Layers, Accelerators]) -> tuple[Layers, Accelerators]:
    return pair[0], pair[1][None]


def test_a_core_memory_too_small_for_one_tile_cannot_run() -> None:
    layer = dict.fromkeys("gcyx", 1) | {"k": 8, "r": 3, "s": 3, "stride": 1, "dilation": 1}
    chip = dict.fromkeys(("px", "py", "cores", "lanes", "simd", "op"), 1) | {"memory": 6}
    layers, chips = columns(layer, chip)
    cost = EdgeModel()(layers, chips[None]).sum(-1)
    assert np.isinf(cost.latency_s)


def test_a_layer_made_for_the_array_runs_at_the_peak() -> None:
    layer = {"g": 1, "k": 64, "c": 64, "y": 16, "x": 16, "r": 1, "s": 1, "stride": 1, "dilation": 1}
    chip = {"px": 2, "py": 2, "cores": 2, "lanes": 16, "simd": 4, "memory": 1 << 15, "op": 1}
    layers, chips = columns(layer, chip)
    answer = EdgeModel().map(layers, chips[None])[0]
    assert answer[M_COMPUTE] == 64 * 64 * 256 / (2 * 2 * 2 * 16 * 4)
    assert answer[M_ON_CHIP] <= answer[M_COMPUTE]


@pytest.mark.parametrize("threads", [2, 3, 50])
def test_threads_change_nothing(threads: int) -> None:
    layer = {"g": 1, "k": 24, "c": 40, "y": 9, "x": 9, "r": 3, "s": 3, "stride": 1, "dilation": 1}
    chip = {"px": 2, "py": 3, "cores": 4, "lanes": 16, "simd": 4, "memory": 1 << 12, "op": 1}
    layers, one = columns(layer, chip)
    chips = Accelerators.stack([one] * 7)[:, None]
    alone = EdgeModel()(layers, chips)
    for name, column in EdgeModel(threads=threads)(layers, chips).items():
        assert np.array_equal(column, getattr(alone, name))
