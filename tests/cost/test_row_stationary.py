"""The row-stationary array: mappings and search against an oracle, properties, anchors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cost.row_stationary_oracle import all_mappings, price, score

from cosearch.cost.models import find_device
from cosearch.cost.row_stationary.model import MAPPING, OBJECTIVES, RowStationaryModel
from cosearch.errors import CosearchError
from cosearch.hardware import find_device_file
from cosearch.hardware.kinds import parse_device
from cosearch.networks import Kind, Layers
from cosearch.testing import check_cost_model

EYERISS = find_device_file("eyeriss").columns()[None]
LAYERS = st.fixed_dictionaries(
    {
        "C": st.integers(1, 5),
        "M": st.integers(1, 5),
        "R": st.integers(1, 3),
        "S": st.integers(1, 3),
        "E": st.integers(1, 5),
        "F": st.integers(1, 5),
        "U": st.integers(1, 3),
        "D": st.integers(1, 2),
        "N": st.integers(1, 3),
    }
)
ARRAYS = st.fixed_dictionaries(
    {
        "pes_y": st.integers(2, 8),
        "pes_x": st.integers(1, 6),
        "ifmap_pad_words": st.integers(2, 12),
        "filter_pad_words": st.integers(2, 30),
        "psum_pad_words": st.integers(1, 5),
        "buffer_bytes": st.sampled_from([64.0, 256.0, 640.0, 4096.0]),
        "bank_bytes": st.sampled_from([32.0, 64.0]),
        "filter_buffer_bytes": st.sampled_from([16.0, 128.0, 1024.0]),
        "ifmap_words_per_cycle": st.integers(1, 3),
        "filter_words_per_cycle": st.integers(1, 4),
        "psum_words_per_cycle": st.integers(1, 4),
        "dram_bytes_per_s": st.sampled_from([1e7, 1e8, 1e9]),
    }
)


def rows(case: dict[str, int], groups: int = 1, kind: int = Kind.MAC) -> Layers:
    """One layer, shape (1,), its input without padding."""
    names = {"out_channels": "M", "in_channels": "C", "out_y": "E", "out_x": "F"}
    names |= {"kernel_y": "R", "kernel_x": "S", "stride": "U", "dilation": "D"}
    columns = {name: case[letter] for name, letter in names.items()}
    columns["in_y"] = (case["E"] - 1) * case["U"] + (case["R"] - 1) * case["D"] + 1
    columns["in_x"] = (case["F"] - 1) * case["U"] + (case["S"] - 1) * case["D"] + 1
    columns |= {"kind": int(kind), "groups": groups, "operands": 1, "repeat": 1}
    return Layers(**{name: np.array([columns[name]]) for name in Layers.__dataclass_fields__})


def chip_of(array: dict[str, float], batch: int):  # type: ignore[no-untyped-def]
    """Eyeriss with other sizes, shape (1,)."""
    changed = {name: np.array([value]) for name, value in array.items()}
    return replace(EYERISS, **changed, batch=np.array([batch]))


def scalars(chip) -> dict[str, float]:  # type: ignore[no-untyped-def]
    return {name: column.item() for name, column in chip.items()}


# ---- oracle


@settings(max_examples=150, deadline=None, derandomize=True)
@given(case=LAYERS, array=ARRAYS, data=st.data())
def test_price_equals_walking_the_passes(case, array, data):
    chip = chip_of(array, case["N"])
    sizes = dict(zip("enpqrt", ("E", "N", "M", "C", "C", "M"), strict=True))
    mapping = {k: data.draw(st.integers(1, case[letter]), k) for k, letter in sizes.items()}
    step = mapping["p"] * mapping["t"]
    mapping["m"] = step * data.draw(st.integers(1, -(-case["M"] // step)), "passes")
    expected = price(mapping, case, scalars(chip))
    given_mapping = np.array([[mapping[name] for name in MAPPING]])
    ours = RowStationaryModel().price(rows(case), chip, given_mapping)
    for name, value in expected.items():
        assert getattr(ours, name).item() == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=LAYERS, array=ARRAYS)
def test_search_equals_brute_force(objective, case, array):
    chip = chip_of(array, case["N"])
    sizes = scalars(chip)
    prices = [price(mapping, case, sizes) for mapping in all_mappings(case, sizes)]
    found = RowStationaryModel(objective).map(rows(case), chip)
    if not prices:
        assert np.isinf(found.compute_cycles).all()
        return
    ours = {name: column.item() for name, column in found.items()}
    best = min(score(answer, sizes, objective) for answer in prices)
    assert score(ours, sizes, objective) == pytest.approx(best, rel=1e-12)
    ties = [a["energy_j"] for a in prices if score(a, sizes, objective) == best]
    assert ours["energy_j"] <= min(ties) * (1 + 1e-12)


# ---- properties

SHAPES = [  # groups, then C M R S E F U D
    (1, (3, 32, 3, 3, 12, 12, 2, 1)),
    (32, (1, 1, 3, 3, 12, 12, 1, 1)),
    (1, (32, 64, 1, 1, 12, 12, 1, 1)),
    (1, (24, 24, 3, 3, 6, 6, 1, 2)),
    (2, (16, 48, 5, 5, 13, 13, 1, 1)),
    (1, (300, 100, 1, 1, 1, 1, 1, 1)),
]


def network() -> Layers:
    """The shapes above, an attention product, a pool, an addition and padding, shape (10,)."""
    layers = [rows(dict(zip("CMRSEFUD", shape, strict=True)), groups) for groups, shape in SHAPES]
    plain = dict(zip("CMRSEFUD", (8, 10, 1, 1, 5, 1, 1, 1), strict=True))
    layers.append(rows(plain, kind=Kind.MATMUL))
    window = dict(zip("CMRSEFUD", (1, 1, 3, 3, 6, 6, 2, 1), strict=True))
    layers.append(rows(window, groups=32, kind=Kind.POOL))
    added = dict(zip("CMRSEFUD", (1, 1, 1, 1, 6, 6, 1, 1), strict=True))
    layers.append(replace(rows(added, groups=32, kind=Kind.ELEMENTWISE), operands=np.array([2])))
    layers.append(replace(layers[0], repeat=np.array([0])))
    return Layers.concatenate(layers)


def test_conformance():
    rng = np.random.default_rng(0)
    chips = type(EYERISS).concatenate([EYERISS] * 4)
    chips = replace(
        chips,
        pes_y=np.array([12, 5, 8, 3]),
        pes_x=np.array([14, 6, 3, 9]),
        buffer_bytes=np.array([100.0, 16.0, 32.0, 64.0]) * 1024,
        dram_bytes_per_s=rng.choice([2e8, 1e9, 1e10], 4),
        batch=np.array([1, 1, 2, 4]),
    )
    layers = Layers.stack([network()] * 4)
    check_cost_model(RowStationaryModel(), layers, chips)
    cost = RowStationaryModel()(layers, chips[:, None])
    assert np.isfinite(cost.latency_s[0]).all()
    assert np.isinf(cost.latency_s[3, 4]), "five filter rows do not fit three rows of PEs"
    assert np.isinf(cost.energy_j[3, 4])


def test_groups_repeats_and_products_of_activations_add_up():
    model, shape = RowStationaryModel(), dict(zip("CMRSEFUD", SHAPES[4][1], strict=True))
    one, two = model(rows(shape), EYERISS), model(rows(shape, groups=2), EYERISS)
    twice = model(replace(rows(shape), repeat=np.array([2])), EYERISS)
    for name in ("latency_s", "energy_j", "dram_bytes", "on_chip_bytes", "macs"):
        assert getattr(two, name) == pytest.approx(2 * getattr(one, name)), name
        assert getattr(twice, name) == pytest.approx(2 * getattr(one, name)), name
    attention = rows(shape, kind=Kind.MATMUL)
    batch = replace(EYERISS, batch=np.array([3]))
    assert model(attention, batch).latency_s == pytest.approx(
        3 * model(attention, EYERISS).latency_s
    )
    assert model(rows(shape), batch).dram_bytes < 3 * one.dram_bytes, "filters are shared"


# ---- anchors


def test_a_wide_set_is_folded_as_published():
    """AlexNet's second layer: 27 wide on 14 columns, 135 PEs at work (JSSC 2017, table V)."""
    layer = rows(dict(zip("CMRSEFUD", (48, 128, 5, 5, 27, 27, 1, 1), strict=True)), groups=2)
    found = RowStationaryModel("energy-delay").map(layer, replace(EYERISS, batch=np.array([4])))
    assert found.active_pes == 135
    assert found.e == 27


def test_words_equal_timeloops():
    """AlexNet's third layer, the same mapping: Accelergy-Project/timeloop-accelergy-exercises,
    sparseloop/04.2.1-eyeriss-like-gating, reference statistics (algorithmic, not gated).
    """
    layer = rows(dict(zip("CMRSEFUD", (256, 384, 3, 3, 13, 13, 1, 1), strict=True)))
    mapping = np.array([[13, 4, 64, 16, 4, 1, 4]])
    found = RowStationaryModel().price(layer, replace(EYERISS, batch=np.array([4])), mapping)
    assert found.dram_filter_words == 884_736
    assert found.dram_ifmap_words == 1_382_400
    assert found.dram_ofmap_words == 259_584
    sums_read, sums_written = 16_353_792, 16_353_792 + 259_584
    assert found.buffer_psum_words == sums_read + sums_written
    assert found.active_pes == 156


def test_published_peak():
    """33.6 GMAC/s is 168 PEs at 200 MHz."""
    assert find_device("eyeriss").file.peak_ops_per_s == pytest.approx(2 * 33.6e9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pes_y": -1}, "pes_y = -1"),
        ({"buffer_kib": float("nan")}, "buffer_kib"),
        ({"rows": 3}, "unknown key 'rows'"),
        ({"clock_ghz": None}, "clock_ghz"),
    ],
)
def test_bad_files_are_named(change, message):
    good = find_device_file("eyeriss").model_dump()
    with pytest.raises(CosearchError, match=message):
        parse_device({**good, **change}, "mine")


def test_an_unknown_objective_is_named():
    with pytest.raises(CosearchError, match="unknown objective 'speed'"):
        RowStationaryModel("speed")(network(), EYERISS)  # type: ignore[arg-type]
