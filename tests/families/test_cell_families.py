"""The spaces of the cell and one-shot papers: their sizes, and their published points."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.families import (
    HurricaneFamily,
    NasnetFamily,
    nas_bench_macro_family,
    nasbench201_family,
    spos_family,
    vit_family,
)
from cosearch.families.hurricane import OPERATORS
from cosearch.families.nas_bench_macro import layers_of
from cosearch.families.nasbench201 import edges_of
from cosearch.testing import check_family
from cosearch.zoo import find_network
from cosearch.zoo.nasbench import nasbench201, nasbench_macro
from cosearch.zoo.nasnet import CIFAR, LARGE, Macro

# family, its size, (reference, network of the zoo)
SPACES: tuple[tuple[Callable[[], Any], int, tuple[tuple[str, str], ...]], ...] = (
    (spos_family, 4**20, (("released", "spos"),)),
    (HurricaneFamily, 32**20, (("spos", "spos"),)),
    (
        nasbench201_family,
        15_625,
        (("resnet", "nasbench201-resnet"), ("best-cifar10", "nasbench201-best")),
    ),
    (nas_bench_macro_family, 6_561, (("best", "nasbench-macro-best"),)),
    # per cell 5 blocks: 2 to 6 states and 13 operators, twice, and 2 ways to combine
    (
        NasnetFamily,
        ((2 * 3 * 4 * 5 * 6) ** 2 * 13**10 * 2**5) ** 2,
        (("nasnet-a", "nasnet-a-mobile"),),
    ),
    (
        vit_family,
        3 * 5 * sum(9**depth for depth in (6, 8, 10, 12)),
        tuple((name, name) for name in ("vit-ti", "vit-s", "vit-b")),
    ),
)


@pytest.mark.parametrize(("make", "size", "points"), SPACES)
def test_size_and_references(
    make: Callable[[], Any], size: int, points: tuple[tuple[str, str], ...]
) -> None:
    family = make()
    assert family.space.size == size
    for reference, name in points:
        network = family.network(family.space.encode(family.references[reference]))
        published = find_network(name)
        assert (network.params, network.macs) == (published.params, published.macs)
        assert [node.op for node in network.nodes] == [node.op for node in published.nodes]


def test_nasbench201_families_count_as_the_benchmark() -> None:
    family = nasbench201_family()
    cell = "|none~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|avg_pool_3x3~1|none~2|"
    network = family.network(family.space.encode(edges_of(cell)))
    assert network.layers.table().tolist() == nasbench201("x", cell).layers.table().tolist()
    check_family(nasbench201_family(size=16, classes=120))


def test_nas_bench_macro_codes() -> None:
    family = nas_bench_macro_family()
    for code in ("01201201", "20000000", "12121212"):
        network, expected = (
            family.network(family.space.encode(layers_of(code))),
            nasbench_macro(code),
        )
        assert (network.params, network.macs) == (expected.params, expected.macs)


def test_every_nas_bench_macro_code_costs_what_the_benchmark_says(reference_data: Path) -> None:
    file = reference_data / "nas_bench_macro" / "nas-bench-macro_cifar10.json"
    if not file.is_file():
        pytest.skip(f"no {file.name} in the reference data")
    rows = json.loads(file.read_text())
    family = nas_bench_macro_family()
    assert len(rows) == family.space.size
    genomes = np.array([[int(digit) for digit in code] for code in rows])
    macs = family.decode(genomes).macs.sum(-1)
    assert macs.tolist() == [row["flops"] for row in rows.values()]


def test_hurricane_narrows_layer_by_layer() -> None:
    pool = tuple(OPERATORS)
    assert len(pool) == 32
    fixed = dict.fromkeys(range(16), ("mb3_k3",))
    family = HurricaneFamily().narrowed(fixed)
    assert family.space.size == 32**4
    assert HurricaneFamily().narrowed({0: pool[:4]}).space.size == 4 * 32**19
    assert "spos" not in family.references
    check_family(family, samples=8)


def test_a_chain_narrows_knob_by_knob() -> None:
    whole = nas_bench_macro_family()
    first, *_ = whole.space.knobs
    family = whole.narrowed({0: (first.choices[2],), 7: first.choices[:2]})
    assert family.space.size == 3**6 * 2
    assert set(family.references) == {"best"}  # 22212220: the others begin otherwise or end in 2
    assert family.references["best"] == whole.references["best"]
    values = family.references["best"]
    macs = [each.network(each.space.encode(values)).macs for each in (family, whole)]
    assert macs[0] == macs[1]
    check_family(family, samples=8)
    with pytest.raises(CosearchError, match="allowed are"):
        whole.narrowed({3: ("mb9_k3",)})


def test_hurricane_refuses_what_is_not_in_the_pool() -> None:
    with pytest.raises(CosearchError, match="mb9_k3"):
        HurricaneFamily().narrowed({3: ("mb9_k3",)})
    with pytest.raises(CosearchError, match="there are 20"):
        HurricaneFamily((("mb3_k3",),))


@pytest.mark.parametrize(
    "family",
    [
        NasnetFamily(Macro(32, 16, 6, 24, classes=10, stem_cells=0)),  # CIFAR's stem
        NasnetFamily(Macro(64, 8, 3, 16, bypass=True), (), ()),  # the paper's rule of outputs
        NasnetFamily(Macro(63, 12, 3, 7), (0, 1, 2), (1,)),  # odd sizes
    ],
)
def test_nasnet_stacks(family: NasnetFamily) -> None:
    check_family(family, samples=24)


@pytest.mark.parametrize(("macro", "name"), [(LARGE, "nasnet-a-large"), (CIFAR, "nasnet-a-cifar")])
def test_nasnet_a_in_its_other_sizes(macro: Macro, name: str) -> None:
    family, published = NasnetFamily(macro), find_network(name)
    genome = family.space.encode(family.references["nasnet-a"])
    rows = family.decode(genome[None])[0]
    kept = rows.table(np.int64)[rows.repeat > 0]
    assert np.array_equal(kept, published.layers.table(np.int64))
    assert family.network(genome).params == published.params


def test_rows_are_the_same_whichever_way_they_are_made() -> None:
    family = spos_family()
    genomes = family.space.sample(np.random.default_rng(3), 4)
    rows = family.decode(genomes)
    for i, genome in enumerate(genomes):
        network = family.network(genome)
        assert int(rows[i].macs.sum()) == network.macs
