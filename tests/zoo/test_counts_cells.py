"""Parameters and multiply-accumulates of cells, residual networks and transformers as published."""

import json
from pathlib import Path

import pytest

from cosearch.zoo import ZOO, find_network
from cosearch.zoo.nasbench import nasbench201, nasbench_macro

# name, parameters, multiply-accumulates; the digits are those of the source named beside
PUBLISHED = (
    ("nasnet-a-mobile", "5.3e6", "564e6"),  # slim README
    ("nasnet-a-large", "88.75e6", "23.8e9"),  # timm, slim README
    ("nasnet-a-cifar", "3.3e6", None),  # paper, NASNet-A (6 @ 768)
    ("spos", "3.56e6", "323e6"),  # SinglePathOneShot README
    ("shufflenet-v2-0.5", "1.4e6", "40e6"),  # paper, but 41e6
    ("shufflenet-v2-1.0", "2.3e6", "146e6"),
    ("shufflenet-v2-1.5", "3.5e6", "299e6"),
    ("shufflenet-v2-2.0", "7.4e6", "591e6"),
    ("resnet-18", "11689512", "1.81e9"),  # torchvision; timm's 1.82 counts batch norm too
    ("resnet-34", "21797672", "3.66e9"),
    ("resnet-50", "25557032", "4.09e9"),
    ("googlenet", "6998552", "1.58e9"),  # Caffe's model
    ("inception-v1", "6624904", "1.50e9"),  # torchvision
    ("vit-ti", "5717416", "1.25e9"),  # timm; its 1.26 counts norms too
    ("vit-s", "22050664", "4.60e9"),
    ("vit-b", "86567656", "17.56e9"),  # torchvision
    ("nasbench-macro-best", "1985514", "85164544"),  # the benchmark's file
)

# cell, parameters, FLOPs in millions: NATS-Bench issues 18, 24 and 36, CIFAR-10
CELLS_201 = (
    (
        "|skip_connect~0|+|none~0|nor_conv_3x3~1|+|avg_pool_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|",
        802_426,
        113.95137,
    ),
    (
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|"
        "+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|",
        802_426,
        113.95137,
    ),
    (
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|"
        "+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
        129_306,
        15.64737,
    ),
)


def agrees(count: int, published: str) -> bool:
    """Whether `count` rounds to the digits of `published`."""
    mantissa, _, exponent = published.partition("e")
    whole, _, decimals = mantissa.partition(".")
    unit = 10 ** int(exponent or 0) / 10 ** len(decimals)
    return round(count / unit) == int(whole + decimals)


@pytest.mark.parametrize(("name", "params", "macs"), PUBLISHED)
def test_counts_are_the_published_ones(name: str, params: str, macs: str | None) -> None:
    network = find_network(name)
    assert agrees(network.params, params), network.params
    assert macs is None or agrees(network.macs, macs), network.macs


def test_nasnet_large_differs_from_the_paper_by_the_moving_averages() -> None:
    network = find_network("nasnet-a-large")
    norms = sum(
        node.shape[0]
        for node in network.nodes
        if node.op == "batch_norm" or node.attributes.get("norm")
    )
    assert network.params + 2 * norms == 88_949_818  # Keras; 88.9 M in the paper


@pytest.mark.parametrize(("cell", "params", "flops"), CELLS_201)
def test_nasbench201_cells(cell: str, params: int, flops: float) -> None:
    network = nasbench201("cell", cell)
    assert network.params == params
    assert network.macs + 10 == round(flops * 1e6)  # theirs count the classifier's bias


def test_nasbench_macro_extremes() -> None:
    # the benchmark's ranges: 0.388 to 2.93 M parameters, 7.7 to 105.7 M multiply-accumulates
    smallest, largest = nasbench_macro("0" * 8), nasbench_macro("2" * 8)
    assert agrees(largest.params, "2.93e6")
    assert agrees(smallest.macs, "7.7e6")
    assert agrees(largest.macs, "105.7e6")


def test_nasbench_macro_agrees_with_the_benchmark(reference_data: Path) -> None:
    file = reference_data / "nas_bench_macro" / "nas-bench-macro_cifar10.json"
    if not file.is_file():
        pytest.skip(f"no {file.name} in the reference data")
    rows = json.loads(file.read_text())
    for code in sorted(rows)[:: len(rows) // 60]:
        network = nasbench_macro(code)
        row = rows[code]
        assert (network.params, network.macs) == (row["params"], row["flops"]), code


def test_entries_say_their_resolution() -> None:
    for name, *_ in PUBLISHED:
        entry = ZOO[name]
        assert entry.build().input_shape == (3, entry.resolution, entry.resolution)
