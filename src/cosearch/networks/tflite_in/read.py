"""`read_tflite`: the steps from a flatbuffer to a `Network`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cosearch.errors import CosearchError
from cosearch.networks.network import Network
from cosearch.networks.onnx_in.assemble import assemble
from cosearch.networks.onnx_in.draft import Draft, Drafts, Value, check_size, volume
from cosearch.networks.onnx_in.unknown import ADVICE
from cosearch.networks.tflite_in.file import Graph, Operator, Tensor, load
from cosearch.networks.tflite_in.movement import move
from cosearch.networks.tflite_in.operators import HANDLERS
from cosearch.networks.tflite_in.step import Activation, Step, image_shape

SUPPORTED: Final = tuple(sorted(HANDLERS))

Known = dict[int, Activation | Tensor]


def read_tflite(path: Path, *, allow_unknown: bool = False) -> Network:
    """Read a TFLite file of a feed-forward image network, float or int8.

    Images are (channels, height, width), the file's batch of 1 left out; padding, activations,
    scales and shifts are folded into the layers beside them as `read_onnx` does. Weights are known
    by shape only. `allow_unknown` takes operators not in `SUPPORTED` for data movement; else they
    are errors. Raises `CosearchError` that names the file, and the operator at fault.
    """
    path = Path(path)
    graph = load(path)
    try:
        network = interpret(path.stem, graph, allow_unknown=allow_unknown)
    except CosearchError as error:
        raise CosearchError(f"{path}: {error}") from error
    if not network.rows:
        raise CosearchError(f"{path} does no work: it has no layer between input and output")
    return network


def interpret(name: str, graph: Graph, *, allow_unknown: bool = False) -> Network:
    """The network called `name` that a file's graph computes; raises as `read_tflite` does."""
    if len(graph.inputs) != 1:
        raise CosearchError(f"it has {len(graph.inputs)} inputs: needs exactly one")
    tensor = graph.tensors[graph.inputs[0]]
    check_size(tensor.shape, f"input {tensor.name!r}")
    if not tensor.shape or tensor.shape[0] != 1:
        raise CosearchError(f"input {tensor.name!r} of shape {tensor.shape}: needs a batch of 1")
    image = len(tensor.shape) == 4
    shape = image_shape(tensor.shape) if image else volume(tensor.shape)
    source = tensor.name or "input"
    drafts: Drafts = {source: Draft(source, "input", (), shape)}
    known: Known = {i: t for i, t in enumerate(graph.tensors) if t.constant}
    known[graph.inputs[0]] = Activation(Value(source), tensor, image)
    for operator in graph.operators:
        step = _step(graph, operator, known)
        made = _results(drafts, step, allow_unknown)
        known.update(zip(operator.outputs, made, strict=False))
    outputs = [known.get(number) for number in graph.outputs]
    values = [output.value for output in outputs if isinstance(output, Activation)]
    return assemble(name, drafts, values)


def _step(graph: Graph, operator: Operator, known: Known) -> Step:
    if not operator.outputs or -1 in operator.outputs:
        raise CosearchError(f"an operator {operator.op} has no output")
    outputs = tuple(graph.tensors[number] for number in operator.outputs)
    name = outputs[0].name or operator.op
    for number in operator.inputs:
        if number >= 0 and number not in known:
            missing = graph.tensors[number].name
            raise CosearchError(
                f"operator {name!r} ({operator.op}) reads {missing!r}, which nothing computes"
            )
    for tensor in outputs:
        check_size(tensor.shape, f"output of operator {name!r} ({operator.op})")
    inputs = tuple(known[number] if number >= 0 else None for number in operator.inputs)
    return Step(name, operator.op, inputs, outputs, operator.options)


def _results(drafts: Drafts, step: Step, allow_unknown: bool) -> tuple[Activation | Tensor, ...]:
    if not any(isinstance(source, Activation) for source in step.inputs):
        return step.outputs  # constant, as its inputs are
    handler = HANDLERS.get(step.op, move if allow_unknown else None)
    if handler is None:
        raise CosearchError(f"operator {step.name!r}: {step.op} is not supported; {ADVICE}")
    made = handler(drafts, step)
    return made if isinstance(made, tuple) else (made,)
