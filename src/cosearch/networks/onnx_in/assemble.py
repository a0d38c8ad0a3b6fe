"""Drafts to `Network`: fold norms, biases and activations into the layers that produce them.

Quantisers drop, and exporters merge, what follows a layer; folding it always makes the cost rows
of one network the same however it was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cosearch.networks.network import Network, Node
from cosearch.networks.onnx_in.draft import Draft, Value

AFFINE: Final = ("batch_norm", "scale", "bias")  # per channel, so part of the weights before them
CARRIERS: Final = ("conv", "linear", "add", "mul", "concat")  # their nodes hold an activation


def assemble(name: str, drafts: dict[str, Draft], outputs: Iterable[Value]) -> Network:
    """The graph of what the outputs need."""
    results = list(outputs)
    drafts = _live(drafts, results)
    drafts, results = _fold_affine(drafts, results)
    functions: dict[str, dict[tuple[str, bytes], Value]] = {base: {} for base in drafts}
    for value in _reads(drafts, results):
        functions[value.base][value.function.key] = value
    placed = {}  # (base, function) -> node that computes it
    for base, wanted in functions.items():
        if len(wanted) == 1 and _carry(drafts[base], next(iter(wanted.values()))):
            placed[base, next(iter(wanted))] = base
    nodes: dict[str, Node] = {}
    for draft in drafts.values():
        inputs = tuple(_place(value, drafts, placed, nodes) for value in draft.inputs)
        nodes[draft.name] = Node(draft.name, draft.op, inputs, draft.shape, draft.attributes)
    for value in results:
        _place(value, drafts, placed, nodes)
    return Network(name, tuple(nodes.values()))


def _reads(drafts: dict[str, Draft], results: list[Value]) -> list[Value]:
    return [value for draft in drafts.values() for value in draft.inputs] + results


def _live(drafts: dict[str, Draft], results: list[Value]) -> dict[str, Draft]:
    """Only the inputs of the network and what reaches a result."""
    needed = {value.base for value in results}
    for draft in reversed(drafts.values()):
        if draft.name in needed:
            needed |= {value.base for value in draft.inputs}
    return {name: d for name, d in drafts.items() if name in needed or d.op == "input"}


def _fold_affine(
    drafts: dict[str, Draft], results: list[Value]
) -> tuple[dict[str, Draft], list[Value]]:
    """Merge a per-channel scale or shift into the layer before it, if nobody else reads that."""
    readers = Counter(value.base for value in _reads(drafts, results))
    moved: dict[str, str] = {}  # merged draft -> the layer that took it in
    kept: dict[str, Draft] = {}
    for draft in drafts.values():
        inputs = tuple(replace(v, base=moved.get(v.base, v.base)) for v in draft.inputs)
        kind = draft.attributes.get("activation")
        layer = kept.get(inputs[0].base) if kind in AFFINE else None
        alone = layer is not None and readers[layer.name] == 1 and inputs[0].function.is_identity
        if layer is None or not alone or layer.op not in ("conv", "linear"):
            kept[draft.name] = replace(draft, inputs=inputs)
            continue
        part = "norm" if layer.op == "conv" and kind != "bias" else "bias"
        kept[layer.name] = replace(layer, attributes={**layer.attributes, part: True})
        moved[draft.name] = layer.name
        readers[layer.name] = readers[draft.name]
    return kept, [replace(v, base=moved.get(v.base, v.base)) for v in results]


def _carry(draft: Draft, value: Value) -> bool:
    """Let `draft` apply the one function that its readers want, if it can."""
    if value.function.is_identity:
        return True
    held = draft.attributes.get("activation")
    if draft.op in CARRIERS:
        draft.attributes["activation"] = value.function.name
        return True
    if held in AFFINE:  # norm and activation in one pass
        draft.attributes["activation"] = f"{held}+{value.function.name}"
        return True
    return False


def _place(
    value: Value,
    drafts: dict[str, Draft],
    placed: dict[tuple[str, tuple[str, bytes]], str],
    nodes: dict[str, Node],
) -> str:
    """The node that computes `value`, appended now if it is an activation of its own."""
    key = value.base, value.function.key
    if key not in placed and value.function.is_identity:
        placed[key] = value.base
    if key not in placed:
        wanted = name = f"{value.base}.{value.function.name}"
        count = 2
        while name in nodes or name in drafts:
            name, count = f"{wanted}_{count}", count + 1
        shape = drafts[value.base].shape
        attributes = {"activation": value.function.name}
        nodes[name] = Node(name, "activation", (value.base,), shape, attributes)
        placed[key] = name
    return placed[key]
