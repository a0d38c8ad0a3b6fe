"""`read_onnx`: the steps from a file to a `Network`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cosearch.errors import CosearchError
from cosearch.networks.network import Network, Shape
from cosearch.networks.onnx_in import contrib, proto, unknown
from cosearch.networks.onnx_in.assemble import assemble
from cosearch.networks.onnx_in.draft import (
    Constant,
    Draft,
    Drafts,
    Result,
    Step,
    Value,
    check_size,
    volume,
)
from cosearch.networks.onnx_in.operators import HANDLERS, Handler
from cosearch.networks.onnx_in.shapes import Shapes, infer
from cosearch.networks.onnx_in.views import move


def read_onnx(
    path: Path, *, shapes: Mapping[str, Shape] | None = None, allow_unknown: bool = False
) -> Network:
    """Read an ONNX file of a feed-forward image network, float or quantised.

    The batch is 1; shapes of the result leave it out. Batch norms, biases, padding and activations
    are folded into the layers before (padding: after) them, views and quantisers looked through,
    so that `layers` does not depend on the exporter. Weights are known by shape only, and are not
    read. `shapes` fixes the input's shape, batch included, where the file leaves sizes open.
    `allow_unknown` takes operators not in `SUPPORTED` for data movement that keeps the shape of
    the first input (or has the one that the file states); else they are errors. Raises
    `CosearchError` that names the file, and the node and operator at fault.
    """
    path = Path(path)
    model = proto.load(path)
    try:
        return _read(path, model, shapes or {}, allow_unknown)
    except CosearchError as error:
        raise _about(path, error) from error


def _read(path: Path, model: Any, given: Mapping[str, Shape], allow_unknown: bool) -> Network:
    proto.name_nodes(model)
    source = proto.only_input(model, path, given).name
    moves = unknown.settle(model, allow_unknown)
    weights = proto.attempt(
        path,
        "is not a valid ONNX model",
        lambda: proto.set_weights_aside(model, str(path.parent)),
    )
    proto.check(model, path)
    operators = contrib.standardise(model)
    moves |= unknown.settle(model, allow_unknown)  # what has no standard spelling
    known, values = infer(model, path)
    tensors: dict[str, Result] = {name: Constant(v.shape, v) for name, v in values.items()}
    tensors.update({**weights, source: Value(source)})
    network = _interpret(path, model, tensors, known, operators, moves)
    if not network.rows:
        raise CosearchError(f"{path} does no work: it has no layer between input and output")
    return network


def _about(path: Path, error: CosearchError) -> CosearchError:
    said = str(error)
    return error if str(path) in said else CosearchError(f"{path}: {said}")


def _interpret(
    path: Path,
    model: Any,
    tensors: dict[str, Result],
    shapes: Shapes,
    operators: Mapping[str, str],
    moves: Mapping[str, str],
) -> Network:
    """Run through the nodes in order; `tensors` starts with the weights and the one input."""
    inputs = [name for name, tensor in tensors.items() if isinstance(tensor, Value)]
    drafts = {name: Draft(name, "input", (), volume(shapes[name])) for name in inputs}
    for node in model.graph.node:
        op = operators.get(node.name) or moves.get(node.name, node.op_type)
        step = _step(node, op, tensors, shapes)
        results = _results(step, drafts, move if node.name in moves else HANDLERS.get(op))
        tensors.update(
            {name: result for name, result in zip(node.output, results, strict=False) if name}
        )
    outputs = [tensors.get(value.name) for value in model.graph.output]
    return assemble(path.stem, drafts, [value for value in outputs if isinstance(value, Value)])


def _step(node: Any, op: str, tensors: dict[str, Result], shapes: Shapes) -> Step:
    from onnx.helper import get_attribute_value

    said = f"node {node.name!r} ({op})"
    if not node.output:
        raise CosearchError(f"{said} has no output")
    missing = [given for given in node.input if given and given not in tensors]
    if missing:
        raise CosearchError(f"{said} reads {missing[0]!r}, which no supported operator computes")
    strange = [given for given in [*node.input, node.output[0]] if given and given not in shapes]
    if strange:
        raise CosearchError(f"{said}: the shape of {strange[0]!r} cannot be worked out")
    given = {a.name: get_attribute_value(a) for a in node.attribute}
    text = {k: v.decode(errors="replace") for k, v in given.items() if isinstance(v, bytes)}
    return Step(
        node.name,
        op,
        tuple(tensors[given] if given else None for given in node.input),
        tuple(shapes[given] if given else () for given in node.input),
        tuple(shapes.get(given, ()) for given in node.output),
        {**given, **text},
    )


def _results(step: Step, drafts: Drafts, handler: Handler | None) -> tuple[Result, ...]:
    if not any(isinstance(source, Value) for source in step.inputs):
        ranged = any(isinstance(s, Constant) and s.of_range for s in step.inputs)
        return tuple(Constant(shape, None, ranged) for shape in step.shapes)
    check_size(step.shape, f"output of node {step.name!r} ({step.op})")
    if handler is None:
        raise step.refuse("only supported on constants")
    made = handler(drafts, step)
    return made if isinstance(made, tuple) else (made,)
