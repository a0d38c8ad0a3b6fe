"""A file's bytes to an ONNX model with one input of known shape and its weights set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from cosearch.errors import CosearchError
from cosearch.networks.network import Shape
from cosearch.networks.onnx_in import constants
from cosearch.networks.onnx_in.draft import Constant, check_size

T = TypeVar("T")
Sizes = Mapping[str, Shape]


def load(path: Path) -> Any:
    """The `ModelProto` in `path`, its local functions inlined. Weights beside it stay there."""
    try:
        import onnx
    except ImportError:
        raise CosearchError(
            f"reading {path} needs the package onnx: pip install cosearch[onnx]"
        ) from None
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CosearchError(f"cannot read {path}: {error.strerror}") from error
    model = attempt(path, "is not an ONNX model", lambda: onnx.load_model_from_string(data))
    if not model.graph.node:
        raise CosearchError(f"{path} is not an ONNX model, or one without nodes")
    if any(not isinstance(name, str) for name in _names(model.graph)):
        raise CosearchError(f"{path} is damaged: a name in it is not UTF-8")
    for opset in model.opset_import:
        newest = onnx.defs.onnx_opset_version()
        if opset.domain in ("", "ai.onnx") and opset.version > newest:
            raise CosearchError(
                f"{path} uses operator set {opset.version}: the installed onnx knows up to {newest}"
            )
    if not model.functions:
        return model
    import onnx.inliner

    return attempt(
        path, "is not a valid ONNX model", lambda: onnx.inliner.inline_local_functions(model)
    )


def _names(graph: Any) -> Iterator[object]:
    """Every name that is read here; protobuf hands out bytes where it is no text."""
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        yield from (attribute.name for attribute in node.attribute)
    for thing in (*graph.initializer, *graph.input, *graph.output):
        yield thing.name
    for value in graph.input:
        yield from (dim.dim_param for dim in value.type.tensor_type.shape.dim)


def attempt(path: Path, what: str, action: Callable[[], T]) -> T:
    """Run a step of onnx, which raises errors of many kinds, none of them about `path`."""
    try:
        return action()
    except Exception as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise CosearchError(f"{path} {what}: {why[:400]}") from error


def only_input(model: Any, path: Path, sizes: Sizes) -> Any:
    """The one graph input that is not a weight, its shape fixed: dynamic batches to 1."""
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    names = [value.name for value in inputs]
    for name in sizes:
        if name not in names:
            raise CosearchError(f"{path} has no input {name!r}, only {', '.join(names)}")
    if len(inputs) != 1:
        said = f"{len(names)} inputs ({', '.join(names)})" if names else "no inputs"
        raise CosearchError(f"{path} has {said}: needs exactly one")
    kind = inputs[0].type
    if names[0] in sizes:
        _fix(kind, sizes[names[0]], f"{path}: input {names[0]!r}")
    if not kind.HasField("tensor_type") or len(kind.tensor_type.shape.dim) < 2:
        raise CosearchError(
            f"{path}: input {names[0]!r} is no tensor of known rank (batch, features, ...)"
        )
    dims = kind.tensor_type.shape.dim
    if not dims[0].HasField("dim_value") or dims[0].dim_value <= 0:
        dims[0].dim_value = 1
    for index, dim in enumerate(dims):
        if not dim.HasField("dim_value"):
            known = f" ({dim.dim_param})" if dim.dim_param else ""
            form = "x".join(str(d.dim_value) if d.HasField("dim_value") else "N" for d in dims)
            raise CosearchError(
                f"{path}: input {names[0]!r}: dimension {index}{known} has no fixed size; "
                f"fix it with --shape {names[0]}={form}"
            )
    if dims[0].dim_value != 1:
        form = "x".join(["1", *(str(dim.dim_value) for dim in dims[1:])])
        raise CosearchError(
            f"{path}: input {names[0]!r} has a batch of {dims[0].dim_value}: export with batch 1 "
            f"or a dynamic batch, or try --shape {names[0]}={form}"
        )
    check_size(tuple(d.dim_value for d in dims), f"{path}: input {names[0]!r}")
    return inputs[0]


def _fix(kind: Any, shape: Shape, what: str) -> None:
    """Replace the declared shape, of the same rank, by a given one."""
    dims = kind.tensor_type.shape.dim
    if len(dims) and len(dims) != len(shape):
        raise CosearchError(f"{what} has {len(dims)} dimensions, not {len(shape)}")
    del dims[:]
    for size in shape:
        dims.add().dim_value = size


def set_weights_aside(model: Any, folder: str) -> dict[str, Constant]:
    """Take the initializers out of the model, leaving inputs of their shapes in their places.

    Small ones stay, since shapes may depend on their values. So nothing large is copied, and
    weights that lie in a file beside the model need not be there.
    """
    from onnx import helper, numpy_helper

    weights = {t.name: constants.from_tensor(t, folder) for t in model.graph.initializer}
    declared = {value.name for value in model.graph.input}
    kept = []
    for tensor in model.graph.initializer:
        constant = weights[tensor.name]
        if constant.value is not None:
            kept.append(numpy_helper.from_array(constant.value, tensor.name))
        elif tensor.name not in declared:
            kind = helper.make_tensor_value_info(tensor.name, tensor.data_type, constant.shape)
            model.graph.input.append(kind)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    return weights


def name_nodes(model: Any) -> None:
    """Give every node a unique name: its own, or its operator and a number.

    onnx, too, then speaks of it by this name.
    """
    taken = {value.name for value in model.graph.input}
    for node in model.graph.node:
        wanted = name = node.name or node.op_type
        count = 1
        while name in taken:
            count += 1
            name = f"{wanted}_{count}"
        taken.add(name)
        node.name = name


def check(model: Any, path: Path) -> None:
    """Refuse what breaks the rules of ONNX: cycles, names that nothing computes, ..."""
    import onnx

    attempt(path, "is not a valid ONNX model", lambda: onnx.checker.check_model(model))
