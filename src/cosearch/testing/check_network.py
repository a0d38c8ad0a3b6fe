"""What every network must keep: one description, and torch, cost rows and ONNX agree with it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from cosearch.networks import Network, fuse
from cosearch.networks.onnx_in import read_onnx


def check_network(
    network: Network,
    *,
    params: int | None = None,
    macs: int | None = None,
    batch: int = 2,
    tolerance: float = 1e-3,
) -> None:
    """Hold a network to its published counts, and its torch module and ONNX file to it.

    `params` and `macs` are exact. The file is written, run, read back, and must have the same
    cost rows as `fuse(network)`: exporters fold what costs nothing by itself. `tolerance` is
    relative to the largest output. Raises AssertionError naming what broke. Needs torch, onnx
    and onnxruntime.
    """
    name = network.name
    assert params is None or network.params == params, f"{name}: {network.params} parameters"
    assert macs is None or network.macs == macs, f"{name}: {network.macs} MACs"
    assert Network.from_dict(network.to_dict()) == network, f"{name}: not as its JSON"
    _torch_agrees(network, batch, tolerance)


def _torch_agrees(network: Network, batch: int, tolerance: float) -> None:
    import torch

    from cosearch.deep.export import compare, to_onnx
    from cosearch.deep.module import to_module

    held = sum(parameter.numel() for parameter in to_module(network).parameters())
    assert held == network.params, f"{network.name}: torch holds {held} parameters"
    module = to_module(fuse(network))  # what a cell computes for nobody gets no gradient
    images = np.random.default_rng(0).random((batch, *network.input_shape), dtype=np.float32)
    logits = module(torch.from_numpy(images))
    assert tuple(logits.shape[1:]) == network.nodes[-1].shape, f"{network.name}: output shape"
    logits.sum().backward()
    without = [n for n, p in module.named_parameters() if p.grad is None]
    assert not without, f"{network.name}: no gradient reaches {without[:3]}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        channels, height, width = network.input_shape
        to_onnx(module, (channels, height, width), path)
        scale = max(1.0, float(logits.detach().abs().max()))
        difference = compare(module, path, images) / scale
        assert difference <= tolerance, f"{network.name}: ONNX differs by {difference:.1e}"
        read = read_onnx(path)
    ours, theirs = fuse(network).layers.table(np.int64), read.layers.table(np.int64)
    assert np.array_equal(ours, theirs), f"{network.name}: cost rows differ after ONNX"
