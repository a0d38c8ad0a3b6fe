"""An ONNX file as a module, its weights with it: to go on from what someone has trained."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy import ndarray
from onnx import numpy_helper

from cosearch.deep.export import compare
from cosearch.deep.fold import with_biases
from cosearch.deep.module import GraphModule
from cosearch.deep.runtime import FATAL_ONLY
from cosearch.errors import CosearchError
from cosearch.networks import Network
from cosearch.networks.onnx_in import read_onnx

TOLERANCE: Final = 1e-3  # of the largest output
_PARTS: Final = {"conv": "conv", "conv_transpose": "conv", "linear": "linear", "dense": "linear"}


def read_module(path: Path) -> tuple[Network, GraphModule]:
    """The network in a file and its module, in eval mode, which answers as the file does.

    Batch norms are folded into the filters. Raises `CosearchError` where a weight is not where
    an exporter would put it, or the answers differ: nothing is guessed.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        _fold(path, plain)
        network = with_biases(read_onnx(plain))
        module = GraphModule(network).eval()
        _load(module, onnx.load(plain), path)
    images = np.random.default_rng(0).random((2, *network.input_shape), dtype=np.float32)
    difference = _difference(module, path, images)
    if not difference <= TOLERANCE:
        raise CosearchError(
            f"{path}: its weights, as read, give other answers than the file, by {difference:.1e} "
            "of the largest; export it in evaluation mode, with norms folded in"
        )
    return network, module


def _fold(path: Path, plain: Path) -> None:
    """Norms into filters, sums into biases: what ONNX Runtime does before it runs any file."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(plain)
    options.log_severity_level = FATAL_ONLY
    try:
        ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base class
        raise CosearchError(f"ONNX Runtime cannot load {path}: {error}") from error


@torch.no_grad()
def _load(module: GraphModule, model: Any, path: Path) -> None:
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    made = {node.name: node for node in model.graph.node}
    for node, op in zip(module.nodes, module.ops, strict=True):
        wanted = dict(op.named_parameters())
        if not wanted:
            continue
        part = _PARTS.get(node.op)
        if part is None or node.name not in made:
            raise CosearchError(f"{path}: the weights of {node.name!r} ({node.op}) cannot be read")
        found = _arrays(made[node.name], stored)
        for name, parameter in wanted.items():
            array = found.get(name.removeprefix(f"{part}."))
            if name.endswith("bias") and array is None:
                array = np.zeros(parameter.shape, dtype=np.float32)
            if array is None or array.shape != tuple(parameter.shape):
                raise CosearchError(f"{path}: the weights of {node.name!r} do not fit its shape")
            parameter.copy_(torch.from_numpy(array.astype(np.float32)))


def _arrays(node: Any, stored: Mapping[str, ndarray]) -> dict[str, ndarray]:
    """Weight and bias of an operator, as torch has them."""
    arrays = [stored.get(name) for name in node.input[1:3]]
    found = {k: v for k, v in zip(("weight", "bias"), arrays, strict=False) if v is not None}
    turned = {attribute.name: attribute.i for attribute in node.attribute}.get("transB", 0)
    if "weight" in found and node.op_type in ("Gemm", "MatMul") and not turned:
        found["weight"] = found["weight"].T
    return found


def _difference(module: GraphModule, path: Path, images: ndarray) -> float:
    """One image at a time: the file may take no more."""
    return max(compare(module, path, images[i : i + 1]) for i in range(len(images)))
