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


def there_and_back(network: Network, folder: Path) -> Network:
    file = folder / "network.onnx"
    to_onnx(to_module(network), network.input_shape, file)
    return read_onnx(file)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in ALWAYS else pytest.mark.slow) for n in ZOO]
)
def test_published_networks_are_read_back_exactly(tmp_path: Path, name: str) -> None:
    network = fuse(ZOO[name].build())
    back = there_and_back(network, tmp_path)
    assert [n.op for n, _ in back.rows] == [n.op for n, _ in network.rows]
    assert_array_equal(back.layers.table(np.int64), network.layers.table(np.int64))
