"""Drafts to `Network`: fold norms, biases and activations into the layers that produce them.

Quantisers drop, and exporters merge, what follows a layer; folding it always makes the cost rows
of one network the same however it was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cosearch.networks.fuse import CARRIERS, share
from cosearch.networks.network import Network, Node
from cosearch.networks.onnx_in.draft import Draft, Drafts, Value
from cosearch.networks.onnx_in.folding import AFFINE, fold_affine, fold_pads, live, reads

Key = tuple[str, tuple[str, bytes]]  # base, function


def assemble(name: str, drafts: Drafts, outputs: Iterable[Value]) -> Network:
    """The graph of what the outputs need."""
    results = list(outputs)
    order = {draft: index for index, draft in enumerate(drafts)}
    drafts = live(drafts, results)
    drafts, results = fold_affine(drafts, results)
    drafts = live(fold_pads(drafts), results)
    placed, apart = _place(drafts, reads(drafts, results), order)
    nodes: dict[str, Node] = {}
    for draft in drafts.values():
        while apart and apart[0].at <= order[draft.name]:
            _append_activation(apart.pop(0), drafts, placed, nodes)
        inputs = tuple(placed[_key(value)] for value in draft.inputs)
        nodes[draft.name] = Node(draft.name, draft.op, inputs, draft.shape, draft.attributes)
    for value in apart:
        _append_activation(value, drafts, placed, nodes)
    return Network(name, share(tuple(nodes.values())))


def _key(value: Value) -> Key:
    return value.base, value.function.key


def _place(
    drafts: Drafts, values: list[Value], order: dict[str, int]
) -> tuple[dict[Key, str], list[Value]]:
    """Which draft computes each value, and the activations that need nodes of their own."""
    wanted: dict[str, dict[Key, Value]] = {base: {} for base in drafts}
    for value in values:
        first = wanted[value.base].setdefault(_key(value), value)
        if value.at < first.at:
            wanted[value.base][_key(value)] = value
    placed: dict[Key, str] = {}
    apart: list[Value] = []
    for base, functions in wanted.items():
        alone = len(functions) == 1
        for key, value in functions.items():
            if value.function.is_identity or (alone and _carry(drafts[base], value)):
                placed[key] = base
            else:
                apart.append(value)
    return placed, sorted(apart, key=lambda value: max(value.at, order[value.base] + 1))


def _carry(draft: Draft, value: Value) -> bool:
    """Let `draft` apply the one function that its readers want, if it can."""
    held = draft.attributes.get("activation")
    if draft.op in CARRIERS and value.function.factor is None:
        draft.attributes["activation"] = value.function.name
        return True
    if held in AFFINE:  # scale or shift and activation in one pass
        draft.attributes["activation"] = f"{held}+{value.function.name}"
        return True
    return False


def _append_activation(
    value: Value, drafts: Drafts, placed: dict[Key, str], nodes: dict[str, Node]
) -> None:
    factor = value.function.factor
    op = "activation" if factor is None else "scale"
    wanted = name = f"{value.base}.{value.function.name if factor is None else 'scale'}"
    count = 2
    while name in nodes or name in drafts:
        name, count = f"{wanted}_{count}", count + 1
    attributes: dict[str, Any] = {"activation": value.function.name}
    if factor is not None:
        attributes = {"factor": factor}
    nodes[name] = Node(name, op, (value.base,), drafts[value.base].shape, attributes)
    placed[_key(value)] = name
