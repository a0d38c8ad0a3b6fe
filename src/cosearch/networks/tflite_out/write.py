"""`tflite_bytes`: the steps from a `Network` to a file."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cosearch.errors import CosearchError, unknown
from cosearch.networks.fuse import fuse
from cosearch.networks.network import Network
from cosearch.networks.onnx_out.weights import Weights, draw
from cosearch.networks.tflite_out.graph import Graph, Ranges, Tensor
from cosearch.networks.tflite_out.operators import OPERATORS
from cosearch.networks.tflite_out.ranges import find_ranges
from cosearch.networks.tflite_out.step import Step, channels_last

FORMAT: Final = 3
IDENTIFIER: Final = b"TFL3"


def tflite_bytes(
    network: Network,
    *,
    precision: str = "fp32",
    seed: int = 0,
    batch: int = 1,
    weights: Weights | None = None,
) -> bytes:
    """`network`, fused, as a TFLite file, fp32 or int8; the same arguments, the same bytes.

    Takes images (batch, height, width, channels). int8 is static and symmetric in the weights, per
    output channel; ranges of activations are those of random images. `weights` are by default
    drawn from `seed`. Raises `CosearchError` for an operator that is not in `OPERATORS`, and where
    ai-edge-litert is missing.
    """
    if precision not in ("fp32", "int8"):
        raise unknown("precision", precision, ("fp32", "int8"))
    if batch < 1:
        raise CosearchError(f"batch {batch}: at least 1 is needed")
    network = fuse(network)
    arrays = draw(network, seed) if weights is None else weights
    floats = _packed(network, arrays, batch, None)
    if precision == "fp32":
        return floats
    shape = channels_last(network.input_shape, batch)
    images = np.random.default_rng(seed).random(shape, dtype=np.float32)
    return _packed(network, arrays, batch, find_ranges(floats, images))


def _packed(network: Network, weights: Weights, batch: int, ranges: Ranges | None) -> bytes:
    try:
        import flatbuffers
        from ai_edge_litert import schema_py_generated as schema
    except ModuleNotFoundError as error:
        raise CosearchError(
            f"writing {network.name} as TFLite needs {error.name}: pip install 'cosearch[litert]'"
        ) from error
    graph = Graph(schema, ranges)
    first, last = _interpret(network, graph, weights, batch)
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(_model(schema, graph, first, last).Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def _interpret(
    network: Network, graph: Graph, weights: Weights, batch: int
) -> tuple[Tensor, Tensor]:
    """Run through the nodes in order; the input's tensor and the output's."""
    source, *nodes = network.nodes
    first = graph.activation(source.name, channels_last(source.shape, batch))
    tensors = {source.name: first}
    for node in nodes:
        if node.op not in OPERATORS:
            raise CosearchError(
                f"node {node.name!r} cannot be written as TFLite: {node.op} is none of "
                f"{', '.join(OPERATORS)}"
            )
        sources = tuple(network.by_name[name].shape for name in node.inputs)
        inputs = tuple(tensors[name] for name in node.inputs)
        step = Step(graph, node, inputs, sources, weights.get(node.name, {}))
        tensors[node.name] = OPERATORS[node.op](step)
    return first, tensors[network.nodes[-1].name]


def _model(schema: Any, graph: Graph, first: Tensor, last: Tensor) -> Any:
    model, main = schema.ModelT(), schema.SubGraphT()
    main.tensors, main.operators = graph.tensors, graph.operators
    main.inputs, main.outputs = [first.number], [last.number]
    model.version, model.subgraphs, model.buffers = FORMAT, [main], graph.buffers
    model.operatorCodes = [_code(schema, number) for number in graph.codes]
    return model


def _code(schema: Any, number: int) -> Any:
    """The old field is a byte."""
    code = schema.OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = number, min(number, 127), 1
    return code
