"""The mapper's answer is the best of its mapping space, by walking every loop nest."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cost.oracle import best_on_chip

from cosearch.cost import EdgeModel
from cosearch.cost.mapper import M_COMPUTE, M_ON_CHIP, M_READ, M_WRITTEN
from cosearch.hardware import Accelerators
from cosearch.networks import Kind, Layers

small = st.integers(1, 9)
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
        "cores": st.sampled_from([1, 2, 4]),
        "units": st.sampled_from([1, 2, 4, 8]),
        "dot": st.sampled_from([1, 4]),
        "rf": st.sampled_from([4, 16, 40, 100, 400, 4000]),
    }
)


def columns(layer: dict[str, int], chip: dict[str, int]) -> tuple[Layers, Accelerators]:
    reach = {d: (layer[t] - 1) * layer["dilation"] + 1 for d, t in (("y", "r"), ("x", "s"))}
    size = {d: (layer[d] - 1) * layer["stride"] + reach[d] for d in ("y", "x")}
    row = (
        Kind.MAC,
        layer["g"],
        layer["k"],
        layer["c"],
        layer["y"],
        layer["x"],
        size["y"],
        size["x"],
        layer["r"],
        layer["s"],
        layer["stride"],
        layer["dilation"],
        1,
        1,
    )
    layers = Layers(*(np.array([value]) for value in row))
    values = (chip["px"], chip["py"], chip["cores"], chip["units"], chip["dot"], chip["rf"])
    memories = map(np.array, (1e9, 1e9, 1e9, 1e9, 1e9, 1e9))
    chips = Accelerators(*(np.array(v) for v in values), *memories, np.array(1))
    return layers, chips


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
    assert (time, answer[M_READ] + answer[M_WRITTEN]) == expected


def test_a_register_file_too_small_for_one_tile_cannot_run() -> None:
    layer = dict.fromkeys("gcyx", 1) | {"k": 8, "r": 3, "s": 3, "stride": 1, "dilation": 1}
    chip = {"px": 1, "py": 1, "cores": 1, "units": 1, "dot": 1, "rf": 3}
    layers, chips = columns(layer, chip)
    cost = EdgeModel()(layers, chips[None]).sum(-1)
    assert np.isinf(cost.latency_s)


def test_a_layer_made_for_the_array_runs_at_the_peak() -> None:
    layer = {"g": 1, "k": 64, "c": 64, "y": 16, "x": 16, "r": 1, "s": 1, "stride": 1, "dilation": 1}
    chip = {"px": 2, "py": 2, "cores": 2, "units": 16, "dot": 4, "rf": 1 << 15}
    layers, chips = columns(layer, chip)
    answer = EdgeModel().map(layers, chips[None])[0]
    assert answer[M_COMPUTE] == 64 * 64 * 256 / (2 * 2 * 2 * 16 * 4)
    assert answer[M_ON_CHIP] <= answer[M_COMPUTE]
