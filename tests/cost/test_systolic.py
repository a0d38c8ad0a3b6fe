"""The systolic array: closed forms and replay against a word-by-word oracle and SCALE-Sim."""

from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cost.systolic_oracle import Array, simulate

from cosearch.cost.models import find_device
from cosearch.cost.systolic.folds import compute_cycles, sides, sram_words
from cosearch.cost.systolic.model import SystolicModel
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily
from cosearch.hardware import devices
from cosearch.hardware.kinds import parse_device
from cosearch.hardware.systolic import DATAFLOWS, PORTS, SystolicArrays
from cosearch.networks import Kind, Layers
from cosearch.testing import check_cost_model
from cosearch.zoo import find_network

FLOWS = [row.name for row in DATAFLOWS]
SHIPPED = [name for name, file in devices().items() if file.kind == "systolic"]
CASES = st.fixed_dictionaries(
    {
        "channels": st.integers(1, 9),
        "filters": st.integers(1, 12),
        "out_y": st.integers(1, 6),
        "out_x": st.integers(1, 6),
        "kernel": st.integers(1, 3),
        "stride": st.integers(1, 3),
        "rows": st.integers(1, 6),
        "cols": st.integers(1, 6),
        "words": st.sampled_from([40, 100, 130, 200, 512, 4096]),
        "port": st.integers(1, 12),
    }
)


def one_layer(case: dict[str, int], **changes: int) -> Layers:
    """A convolution of shape (1,) whose input needs no padding."""
    reach = {d: (case[d] - 1) * case["stride"] + case["kernel"] for d in ("out_y", "out_x")}
    columns = {
        "kind": int(Kind.MAC),
        "groups": 1,
        "out_channels": case["filters"],
        "in_channels": case["channels"],
        "out_y": case["out_y"],
        "out_x": case["out_x"],
        "in_y": reach["out_y"],
        "in_x": reach["out_x"],
        "kernel_y": case["kernel"],
        "kernel_x": case["kernel"],
        "stride": case["stride"],
        "dilation": 1,
        "operands": 1,
        "repeat": 1,
    }
    return Layers(**{name: np.array([v]) for name, v in {**columns, **changes}.items()})


def one_array(case: dict[str, int], flow: str, port: float | None = None) -> SystolicArrays:
    """An array of shape (1,) at 1 GHz with int8 words."""
    ports = PORTS * 1e9 * (case["port"] if port is None else port)
    memory = [float(case["words"])] * 3
    values = (case["rows"], case["cols"], FLOWS.index(flow), *memory, ports, 1e9, 1)
    return SystolicArrays(*(np.array([value]) for value in values))


# ---- oracle


@pytest.mark.parametrize("flow", FLOWS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=CASES)
def test_closed_forms_equal_counting(flow: str, case: dict[str, int]) -> None:
    layers, chips = one_layer(case), one_array(case, flow)
    array = Array(case, flow)
    assert compute_cycles(sides(layers), chips)[0] == array.cycles - 1
    counted = [sum(map(len, lines.values())) for lines in (array.ifmap, array.filters)]
    expected = [*counted, sum(array.outputs.values())]
    assert [words[0] for words in sram_words(sides(layers), chips)] == expected


@pytest.mark.parametrize("flow", FLOWS)
@settings(max_examples=80, deadline=None, derandomize=True)
@given(case=CASES)
def test_replay_equals_oracle(flow: str, case: dict[str, int]) -> None:
    run = SystolicModel(memory="replay").run(one_layer(case), one_array(case, flow))
    found = {
        "compute": run.compute_cycles[0],
        "stall": run.stall_cycles[0],
        "span": run.span_cycles[0],
        "ifmap": run.ifmap_words[0],
        "filters": run.filter_words[0],
        "outputs": run.ofmap_words[0],
    }
    assert found == simulate(case, flow)


@pytest.mark.parametrize("flow", FLOWS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=CASES)
def test_stream_fetches_each_word_once_if_all_fit(flow: str, case: dict[str, int]) -> None:
    """And no less than that, and no more than the array asks for, if not."""
    layers, array = one_layer(case), Array(case, flow)
    asked = [[*chain(*lines.values())] for lines in (array.ifmap, array.filters)]
    distinct = [len(set(words)) for words in asked]
    for words in (1 << 20, case["words"]):
        run = SystolicModel().run(layers, one_array({**case, "words": words}, flow))
        found = [run.ifmap_words[0], run.filter_words[0]]
        assert all(d <= f <= len(a) for d, f, a in zip(distinct, found, asked, strict=True))
        assert words == case["words"] or found == distinct
    free = one_array({**case, "words": 1 << 20}, flow, np.inf)
    estimated = SystolicModel(memory="replay").run(layers, free)
    assert [estimated.ifmap_words[0], estimated.filter_words[0]] == distinct


# ---- anchors

# SCALE-Sim's own golden reports (test/general/golden_trace_user_*): a product of M 256, K 256,
# N 128 on 32x32, 3 x 64 kB, 10 words a cycle. Total, stall, with prefetch; DRAM words.
GOLDEN = {
    "os": (52447, 42272, 59000, 524320, 32770, 32768),
    "ws": (52447, 41248, 59002, 524320, 32770, 262175),
    "is": (19984, 5777, 29815, 131080, 32770, 262157),
}
# Layers of ours simulated by scalesim 3.0.0: input height and width, kernel, channels, filters,
# stride, rows, columns, dataflow, words a cycle (0: estimated), kB; then as above.
SIMULATED = [
    ((16, 21, 3, 16, 10, 1, 32, 14, "os", 16, 64), (3015, 1324, 5229, 65536, 2016, 2660)),
    ((12, 4, 3, 40, 1, 1, 32, 48, "os", 1, 2), (6275, 5838, 7318, 7168, 1024, 20)),
    ((14, 11, 3, 64, 16, 2, 16, 14, "os", 0, 16), (3623, 0, 4477, 24448, 9302, 560)),
    ((17, 4, 3, 64, 10, 1, 32, 8, "os", 3, 16), (11061, 9834, 13891, 40965, 8193, 300)),
    ((17, 14, 5, 3, 48, 3, 4, 48, "ws", 1, 4), (12582, 11177, 18533, 1520, 4096, 18240)),
    ((12, 7, 3, 40, 24, 1, 12, 16, "ws", 3, 8), (24269, 18990, 26707, 73764, 28686, 36001)),
    ((14, 11, 1, 16, 130, 1, 32, 4, "ws", 0, 4), (7259, 0, 7840, 81312, 2080, 20023)),
    ((19, 7, 3, 40, 10, 2, 8, 14, "ws", 4, 2), (7324, 4850, 7804, 29696, 25600, 12161)),
    ((4, 22, 3, 8, 130, 1, 16, 14, "is", 10, 8), (3855, 1246, 4470, 3030, 41000, 26013)),
    ((9, 22, 3, 16, 96, 2, 8, 8, "is", 10, 8), (13365, 622, 14003, 8200, 98400, 76032)),
    ((10, 7, 1, 64, 24, 1, 32, 32, "is", 0, 2), (707, 0, 816, 4480, 4608, 3391)),
    ((16, 21, 5, 1, 130, 2, 16, 8, "is", 1, 4), (41113, 38426, 45204, 1600, 43008, 16380)),
]


def figures(layers: Layers, chips: SystolicArrays) -> tuple[float, ...]:
    run = SystolicModel(memory="replay").run(layers, chips)
    columns = (run.total_cycles, run.stall_cycles, run.span_cycles)
    words = (run.ifmap_words, run.filter_words, run.ofmap_words)
    return tuple(column.item() for column in (*columns, *words))


@pytest.mark.parametrize("flow", FLOWS)
def test_golden_reports(flow: str) -> None:
    case = {"channels": 256, "filters": 128, "out_y": 256, "out_x": 1, "kernel": 1, "stride": 1}
    case |= {"rows": 32, "cols": 32, "words": 65536, "port": 10}
    assert figures(one_layer(case), one_array(case, flow)) == GOLDEN[flow]


@pytest.mark.parametrize(("given_", "expected"), SIMULATED)
def test_simulated_layers(given_: tuple[Any, ...], expected: tuple[int, ...]) -> None:
    high, wide, kernel, channels, filters, stride, rows, cols, flow, port, kib = given_
    out = {"out_y": -(-(high - kernel) // stride) + 1, "out_x": -(-(wide - kernel) // stride) + 1}
    case = {"channels": channels, "filters": filters, "kernel": kernel, "stride": stride, **out}
    case |= {"rows": rows, "cols": cols, "words": kib * 1024}
    layers = one_layer(case, in_y=high, in_x=wide)
    assert figures(layers, one_array(case, flow, port or np.inf)) == expected


# ---- properties


def random_arrays(rng: np.random.Generator, count: int) -> SystolicArrays:
    memories = [2.0 ** rng.uniform(11, 22, count) for _ in range(3)]
    return SystolicArrays(
        rng.integers(1, 129, count),
        rng.integers(1, 129, count),
        rng.integers(0, len(DATAFLOWS), count),
        *memories,
        2.0 ** rng.uniform(27, 37, count),
        2.0 ** rng.uniform(27, 31, count),
        rng.integers(1, 3, count),
    )


@pytest.mark.parametrize(("size", "seed"), [(8, 0), (32, 1), (224, 2)])
def test_conformance(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    family = MobileFamily.for_images(3, size, 10)
    layers = family.decode(family.space.sample(rng, 40))
    check_cost_model(SystolicModel(), layers, random_arrays(rng, 40))


@pytest.mark.parametrize("network", ["vit-ti", "resnet-50"])
def test_conformance_on_published_networks(network: str) -> None:
    layers = find_network(network).layers
    rows = Layers(**{name: np.repeat(c[None], 12, 0) for name, c in layers.items()})
    check_cost_model(SystolicModel(), rows, random_arrays(np.random.default_rng(3), 12))


def test_replay_is_a_cost_model_but_for_monotony() -> None:
    """Batch equals loop, finite, no faster than peak and DRAM; more of a thing may hurt it."""
    rng = np.random.default_rng(4)
    family = MobileFamily.for_images(3, 16, 10)
    layers = family.decode(family.space.sample(rng, 3))
    chips = random_arrays(rng, 3)
    chips = replace(chips, dram_bytes_per_s=PORTS * chips.clock_hz * chips.operand_bytes * 8)
    model = SystolicModel(memory="replay")
    cost = model(layers, chips[:, None])
    for name, column in cost.items():
        assert np.isfinite(column).all(), name
        assert (column >= 0).all(), name
        alone = np.stack([getattr(model(layers[i], chips[i : i + 1]), name) for i in range(3)])
        assert np.array_equal(column, alone), name
    late_enough = cost.latency_s * (1 + 1e-9)
    assert (late_enough >= layers.macs / (chips.macs_per_cycle * chips.clock_hz)[:, None]).all()
    assert (late_enough >= cost.dram_bytes / chips.dram_bytes_per_s[:, None]).all()
    assert (cost.latency_s[layers.repeat == 0] == 0).all()


@pytest.mark.parametrize("memory", ["stream", "replay"])
def test_layers_add_up(memory: str) -> None:
    layers = find_network("mobilenet-v2-0.5").layers[:12]
    model = SystolicModel(memory=memory)  # type: ignore[arg-type]
    chips = find_device("scalesim-32x32-os").file.columns()[None]
    together = model(layers, chips)
    for index in range(12):
        alone = model(layers[index : index + 1], chips)
        for name, column in together.items():
            assert column[index] == getattr(alone, name)[0], name


@pytest.mark.parametrize("memory", ["stream", "replay"])
def test_groups_and_repeats_add_up(memory: str) -> None:
    case = {"channels": 3, "filters": 4, "out_y": 5, "out_x": 6, "kernel": 3, "stride": 1}
    case |= {"rows": 4, "cols": 4, "words": 100, "port": 2}
    model, chips = SystolicModel(memory=memory), one_array(case, "ws")  # type: ignore[arg-type]
    one, many = model(one_layer(case), chips), model(one_layer(case, groups=5, repeat=3), chips)
    for name in ("latency_s", "energy_j", "dram_bytes", "macs", "on_chip_bytes", "dram_s"):
        assert getattr(many, name) == pytest.approx(15 * getattr(one, name)), name


def test_unlimited_bandwidth_never_stalls() -> None:
    layers = find_network("mobilenet-v2-0.5").layers
    layers = layers[layers.kind == Kind.MAC][:8]
    chips = replace(find_device("scalesim-32x32-ws").file.columns()[None], dram_bytes_per_s=np.inf)
    runs = [SystolicModel(memory=memory).run(layers, chips) for memory in ("stream", "replay")]  # type: ignore[arg-type]
    for run in runs:
        assert (run.stall_cycles == 0).all()
    assert np.array_equal(runs[0].filter_words, runs[1].filter_words)


def test_more_rows_can_hurt() -> None:
    """A fold lasts as long on idle rows as on busy ones."""
    case = {"channels": 4, "filters": 4, "out_y": 8, "out_x": 8, "kernel": 1, "stride": 1}
    case |= {"rows": 4, "cols": 4, "words": 4096, "port": 12}
    small, large = (one_array({**case, "rows": rows}, "ws") for rows in (4, 64))
    cost = [SystolicModel()(one_layer(case), chips).latency_s[0] for chips in (small, large)]
    assert cost[1] > cost[0]


def test_vector_rows_run_on_as_many_lanes_as_columns() -> None:
    case = {"channels": 8, "filters": 8, "out_y": 4, "out_x": 4, "kernel": 1, "stride": 1}
    case |= {"rows": 4, "cols": 4, "words": 4096, "port": 100}
    add = one_layer(case, kind=int(Kind.ELEMENTWISE), groups=8, out_channels=1, in_channels=1)
    add = replace(add, operands=np.array([2]))
    for memory in ("stream", "replay"):
        cost = SystolicModel(memory=memory)(add, one_array(case, "os"))  # type: ignore[arg-type]
        assert cost.vector_s[0] == pytest.approx(128 * 2 / 4 * 1e-9)
        assert cost.latency_s[0] == cost.vector_s[0]
        assert cost.dram_bytes[0] == 3 * 128
        assert cost.macs[0] == cost.compute_s[0] == 0


# ---- devices and bad input


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_device_runs_everything(name: str) -> None:
    device = find_device(name)
    assert device.file.source
    cost = device(find_network("mobilenet-v2-0.5").layers)
    assert all(np.isfinite(column).all() for _, column in cost.items())
    assert cost.sum(-1).latency_s > 0


def test_less_than_a_word_a_cycle_cannot_be_replayed() -> None:
    case = {"channels": 4, "filters": 4, "out_y": 8, "out_x": 8, "kernel": 1, "stride": 1}
    case |= {"rows": 4, "cols": 4, "words": 4096}
    cost = SystolicModel(memory="replay")(one_layer(case), one_array(case, "ws", 0.5))
    assert np.isinf(cost.latency_s).all()
    assert np.isinf(cost.energy_j).all()


def test_too_large_to_replay() -> None:
    case = {"channels": 512, "filters": 4, "out_y": 1024, "out_x": 1024, "kernel": 1, "stride": 1}
    case |= {"rows": 4, "cols": 4, "words": 4096, "port": 4}
    with pytest.raises(CosearchError, match="allowed are 268435456"):
        SystolicModel(memory="replay").run(one_layer(case), one_array(case, "ws"))


GOOD = {
    "kind": "systolic",
    "rows": 8,
    "cols": 8,
    "dataflow": "os",
    "ifmap_kib": 8,
    "filter_kib": 8,
    "ofmap_kib": 8,
    "dram_gb_per_s": 3,
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataflow": "rs"}, "dataflow = 'rs'"),
        ({"rows": 0}, "rows = 0"),
        ({"cols": -3}, "cols = -3"),
        ({"ifmap_kib": float("nan")}, "ifmap_kib"),
        ({"lanes": 4}, "unknown key 'lanes'"),
        ({"memory": "replay", "dram_gb_per_s": 4}, "1.33333 words a cycle"),
    ],
)
def test_bad_files(changes: dict[str, Any], message: str) -> None:
    assert parse_device(GOOD, "mine").peak_ops_per_s == 2 * 64 * 1e9
    with pytest.raises(CosearchError, match=message):
        parse_device({**GOOD, **changes}, "mine")
