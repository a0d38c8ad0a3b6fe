"""`write_onnx`: the steps from a `Network` to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from cosearch.errors import CosearchError
from cosearch.files import write_atomically
from cosearch.networks.fuse import fuse
from cosearch.networks.network import Network, Node, Shape
from cosearch.networks.onnx_out.graph import Graph
from cosearch.networks.onnx_out.operators import OPERATORS
from cosearch.networks.onnx_out.step import Step
from cosearch.networks.onnx_out.weights import Weights, draw, shapes

OPSET: Final = 18
IR_VERSION: Final = 10  # the newest that runtimes of the last years read
FIRST: Final = "images"
LAST: Final = "logits"


def write_onnx(
    network: Network,
    path: Path,
    *,
    seed: int = 0,
    batch: int | None = 1,
    weights: Weights | None = None,
    outputs: tuple[str, ...] = (),
) -> None:
    """Write `network`, fused, as an ONNX file of float32; the same arguments, the same bytes.

    Takes "images" (batch, channels, height, width), gives "logits"; further inputs keep their
    names. `outputs` are the nodes to give where the last one is not all: then the graph is
    written unfused, and the first of them is "logits". `batch` None leaves it open. Batch norms
    behind convolutions are folded in. `weights` are by default drawn from `seed` (`draw`), so the
    file runs as long as that of a trained network. Raises `CosearchError` for an operator that
    the graph can cost but not compute, for weights that do not fit, and where the package onnx is
    missing.
    """
    data = onnx_bytes(network, seed=seed, batch=batch, weights=weights, outputs=outputs)
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(data))


def onnx_bytes(
    network: Network,
    *,
    seed: int = 0,
    batch: int | None = 1,
    weights: Weights | None = None,
    outputs: tuple[str, ...] = (),
) -> bytes:
    """What `write_onnx` writes."""
    if batch is not None and batch < 1:
        raise CosearchError(f"batch {batch}: at least 1 is needed")
    try:
        from onnx import helper
    except ImportError:
        raise CosearchError(
            f"writing {network.name} as ONNX needs onnx: pip install 'cosearch[onnx]'"
        ) from None
    network = network if outputs else fuse(network)
    ends = outputs or (network.nodes[-1].name,)
    graph = Graph((FIRST, LAST), batch)
    tensors = _interpret(network, graph, draw(network, seed) if weights is None else weights)
    results = _results(graph, tensors, ends)
    sources = [node for node in network.nodes if node.op == "input"]
    made = helper.make_graph(
        graph.nodes,
        network.name,
        [_value(tensors[node.name], node.shape, batch) for node in sources],
        [
            _value(result, network.by_name[end].shape, batch)
            for result, end in zip(results, ends, strict=True)
        ],
        graph.constants,
    )
    model = helper.make_model(
        made,
        producer_name="cosearch",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    return bytes(model.SerializeToString(deterministic=True))


def _interpret(network: Network, graph: Graph, weights: Weights) -> dict[str, str]:
    """Run through the nodes in order; the tensor of each."""
    tensors: dict[str, str] = {}
    for node in network.nodes:
        if node.op == "input":
            tensors[node.name] = FIRST if not tensors else graph.name(node.name)
            continue
        sources = tuple(network.by_name[name].shape for name in node.inputs)
        arrays = weights.get(node.name, {})
        _check(node, {name: array.shape for name, array in arrays.items()}, shapes(node, sources))
        inputs = tuple(tensors[name] for name in node.inputs)
        tensors[node.name] = OPERATORS[node.op](Step(graph, node, inputs, sources, arrays))
    return tensors


def _check(node: Node, given: dict[str, Shape], wanted: dict[str, Shape]) -> None:
    if given != wanted:
        raise CosearchError(f"weights of {node.name!r} have shapes {given}, needed are {wanted}")


def _results(graph: Graph, tensors: dict[str, str], ends: tuple[str, ...]) -> list[str]:
    """Tensors of the outputs, the first called "logits". An input, or one tensor for two outputs,
    goes through a copy: no file may have them."""
    made = {name for node in graph.nodes for name in node.output}
    results: list[str] = []
    for end in ends:
        result = tensors[end]
        if result not in made or result in results:
            result = graph.add("Identity", (result,), f"{end}.copy")
        results.append(result)
    graph.rename(results[0], LAST)
    return [LAST, *results[1:]]


def _value(name: str, shape: Shape, batch: int | None) -> Any:
    from onnx import TensorProto, helper

    first: int | str = "batch" if batch is None else batch
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, (first, *shape))
