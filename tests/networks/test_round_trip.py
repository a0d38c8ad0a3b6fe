"""Published networks survive the way to ONNX and back: every cost row, in the same order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from cosearch.deep.export import to_onnx
from cosearch.deep.module import to_module
from cosearch.networks import Network, fuse
from cosearch.networks.onnx_in import read_onnx
from cosearch.zoo import ZOO

# one of each kind of block, quick to export; the others take minutes together
ALWAYS = (
    "efficientnet-lite0",
    "fbnet-a",
    "mnasnet-small",
    "mobilenet-v1-0.25",
    "mobilenet-v3-small",
    "nasbench201-resnet",
    "shufflenet-v2-0.5",
)


def ends_of_families() -> list[str]:
    """The least and the most costly network of each family."""
    macs = {name: entry.build().macs for name, entry in ZOO.items()}
    families: dict[str, list[str]] = {}
    for name in sorted(macs, key=macs.__getitem__):
        families.setdefault(ZOO[name].family, []).append(name)
    return sorted({end for names in families.values() for end in (names[0], names[-1])})


def there_and_back(network: Network, folder: Path) -> Network:
    file = folder / "network.onnx"
    to_onnx(to_module(network), network.input_shape, file)
    return read_onnx(file)


def check(name: str, folder: Path) -> None:
    network = fuse(ZOO[name].build())
    back = there_and_back(network, folder)
    assert [n.op for n, _ in back.rows] == [n.op for n, _ in network.rows]
    assert_array_equal(back.layers.table(np.int64), network.layers.table(np.int64))


@pytest.mark.parametrize("name", ALWAYS)
def test_published_networks_are_read_back_exactly(tmp_path: Path, name: str) -> None:
    check(name, tmp_path)


@pytest.mark.slow
def test_every_family_is_read_back_exactly(tmp_path: Path) -> None:
    for name in ends_of_families():
        check(name, tmp_path)
