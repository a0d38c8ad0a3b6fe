"""`read_onnx`: the steps from a file to a `Network`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from cosearch.errors import CosearchError
from cosearch.networks.network import Network, Shape
from cosearch.networks.onnx_in import constants, proto
from cosearch.networks.onnx_in.assemble import assemble
from cosearch.networks.onnx_in.draft import Constant, Draft, Step, Value, check_size, volume
from cosearch.networks.onnx_in.operators import HANDLERS

SUPPORTED: Final = tuple(sorted({*HANDLERS, *constants.CONSTANT_OPS}))


def read_onnx(path: Path) -> Network:
    """Read an ONNX file of a feed-forward image network, float or quantised (QDQ).

    The batch is 1; shapes of the result are (channels, height, width). Batch norms, biases and
    activations are folded into the layers before them, views and quantisers looked through, so
    that `layers` does not depend on the exporter. Weights are known by shape only, and are not
    read. Raises `CosearchError` that names the file, and the node and operator at fault.
    """
    path = Path(path)
    model = proto.load(path)
    names = _node_names(model)
    try:
        _check_operators(model, names)
        source = proto.only_input(model, path).name
    except CosearchError as error:
        raise _about(path, error) from error
    folder = str(path.parent)
    weights = proto.attempt(
        path, "is not a valid ONNX model", lambda: proto.set_weights_aside(model, folder)
    )
    shapes = proto.shapes(model, path)
    try:
        network = _interpret(path, model, names, {**weights, source: Value(source)}, shapes)
    except CosearchError as error:
        raise _about(path, error) from error
    if not network.rows:
        raise CosearchError(f"{path} does no work: it has no layer between input and output")
    return network


def _about(path: Path, error: CosearchError) -> CosearchError:
    said = str(error)
    return error if str(path) in said else CosearchError(f"{path}: {said}")


def _node_names(model: Any) -> list[str]:
    """Give every node a unique name: its own, or its operator and a number."""
    taken = {value.name for value in model.graph.input}
    names = []
    for node in model.graph.node:
        wanted = name = node.name or node.op_type
        count = 1
        while name in taken:
            count += 1
            name = f"{wanted}_{count}"
        taken.add(name)
        node.name = name  # so that onnx, too, speaks of it by this name
        names.append(name)
    return names


def _check_operators(model: Any, names: list[str]) -> None:
    for node, name in zip(model.graph.node, names, strict=True):
        standard = node.domain in ("", "ai.onnx")
        if standard and node.op_type in SUPPORTED:
            continue
        op = node.op_type if standard else f"{node.domain}.{node.op_type}"
        raise CosearchError(
            f"node {name!r}: operator {op} is not supported; supported are {', '.join(SUPPORTED)}"
        )


def _interpret(
    path: Path,
    model: Any,
    names: list[str],
    tensors: dict[str, Value | Constant],
    shapes: dict[str, Shape],
) -> Network:
    """Run through the nodes in order; `tensors` starts with the weights and the one input."""
    inputs = [name for name, tensor in tensors.items() if isinstance(tensor, Value)]
    drafts = {name: Draft(name, "input", (), volume(shapes[name])) for name in inputs}
    for node, name in zip(model.graph.node, names, strict=True):
        step = _step(node, name, tensors, shapes)
        tensors[node.output[0]] = _result(step, drafts, str(path.parent))
    outputs = [tensors.get(value.name) for value in model.graph.output]
    return assemble(path.stem, drafts, [value for value in outputs if isinstance(value, Value)])


def _step(
    node: Any, name: str, tensors: dict[str, Value | Constant], shapes: dict[str, Shape]
) -> Step:
    from onnx.helper import get_attribute_value

    said = f"node {name!r} ({node.op_type})"
    if not node.output:
        raise CosearchError(f"{said} has no output")
    missing = [given for given in node.input if given and given not in tensors]
    if missing:
        raise CosearchError(f"{said} reads {missing[0]!r}, which no supported operator computes")
    unknown = [given for given in [*node.input, node.output[0]] if given and given not in shapes]
    if unknown and node.op_type != "Constant":
        raise CosearchError(f"{said}: the shape of {unknown[0]!r} cannot be worked out")
    given = {a.name: get_attribute_value(a) for a in node.attribute}
    text = {k: v.decode(errors="replace") for k, v in given.items() if isinstance(v, bytes)}
    return Step(
        name,
        node.op_type,
        tuple(tensors[given] if given else None for given in node.input),
        tuple(shapes[given] if given else () for given in node.input),
        shapes.get(node.output[0], ()),
        {**given, **text},
    )


def _result(step: Step, drafts: dict[str, Draft], folder: str) -> Value | Constant:
    if not any(isinstance(source, Value) for source in step.inputs):
        return constants.fold(step, folder)
    if step.op not in HANDLERS:
        raise step.refuse("only supported on constants")
    check_size(step.shape, f"output of node {step.name!r} ({step.op})")
    return HANDLERS[step.op](drafts, step)
